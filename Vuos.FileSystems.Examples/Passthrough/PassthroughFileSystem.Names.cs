using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>What makes, removes and moves names.</summary>
public sealed partial class PassthroughFileSystem
{
    public async ValueTask<Answer<NodeEntry>> MakeNodeAsync(ulong parent, byte[] name, uint mode, uint device, Caller caller, CancellationToken cancel) =>
        Make(parent, name, mode, caller, (directory, path) => FileChanges.MakeNode(directory, path, mode, device));

    public async ValueTask<Answer<NodeEntry>> MakeDirectoryAsync(ulong parent, byte[] name, uint mode, Caller caller, CancellationToken cancel) =>
        Make(parent, name, mode, caller, (directory, path) => FileChanges.MakeDirectory(directory, path, mode & ~FileType.Mask));

    public async ValueTask<Answer<NodeEntry>> MakeLinkAsync(ulong parent, byte[] name, byte[] target, Caller caller, CancellationToken cancel) =>
        Make(parent, name, null, caller, (directory, path) => FileChanges.MakeLink([.. target, 0], directory, path));

    public async ValueTask<Answer<NodeEntry>> LinkAsync(ulong node, ulong newParent, byte[] newName, Caller caller, CancellationToken cancel)
    {
        using var found = nodes.Use(node);
        if (found.Failed)
            return found.Error;
        // The path of /proc leads to the file itself; "follow" is about that path.
        return Make(newParent, newName, null, caller, (directory, path) => FileChanges.Link(At.FdCwd, found.Path, directory, path, At.SymlinkFollow));
    }

    public async ValueTask<Errno> UnlinkAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        using var directory = nodes.Use(parent);
        return directory.Failed ? directory.Error : Remove(directory, name, static (at, path) => FileChanges.Unlink(at, path));
    }

    public async ValueTask<Errno> RemoveDirectoryAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        using var directory = nodes.Use(parent);
        return directory.Failed ? directory.Error : Remove(directory, name, static (at, path) => FileChanges.RemoveDirectory(at, path));
    }

    public async ValueTask<Errno> RenameAsync(ulong parent, byte[] name, ulong newParent, byte[] newName, uint flags, Caller caller, CancellationToken cancel)
    {
        using var from = nodes.Use(parent);
        using var to = nodes.Use(newParent);
        if (from.Failed || to.Failed)
            return from.Failed ? from.Error : to.Error;
        var error = Kernel(name, out var path);
        var newError = Kernel(newName, out var newPath);
        if (error != Errno.None || newError != Errno.None)
            return error != Errno.None ? error : newError;
        return Rename(new PassthroughPlace(from.Node, path), new PassthroughPlace(to.Node, newPath), flags);
    }

    /// <summary>Removes a name; a node that loses it stays usable.</summary>
    private Errno Remove(in PassthroughUse directory, byte[] name, Func<long, byte[], long> remove)
    {
        var error = Kernel(name, out var path);
        if (error != Errno.None)
            return error;
        using var removed = nodes.Named(directory.Node, path);
        error = Sys.Error(remove(directory.Descriptor, path));
        if (error == Errno.None && !removed.Failed)
            nodes.Lose(removed, directory.Node, path);
        return error;
    }

    /// <summary>Renames; directories in use. The nodes that get other names are in use meanwhile, so nobody looks for them under the old ones.</summary>
    private Errno Rename(PassthroughPlace from, PassthroughPlace to, uint flags)
    {
        const uint exchange = 2;
        using var moved = nodes.Named(from.Parent, from.Name);
        using var replaced = nodes.Named(to.Parent, to.Name);
        var error = Sys.Error(FileChanges.Rename(from.Parent.Descriptor, from.Name, to.Parent.Descriptor, to.Name, (int)flags));
        // Two names of one file: nothing happens, and both stay.
        if (error != Errno.None || (!moved.Failed && !replaced.Failed && moved.Node == replaced.Node))
            return error;
        if (!replaced.Failed && (flags & exchange) != 0)
            nodes.Move(replaced.Node, from);
        else if (!replaced.Failed)
            nodes.Lose(replaced, to.Parent, to.Name);
        if (!moved.Failed)
            nodes.Move(moved.Node, to);
        return error;
    }

    /// <summary>Makes something and looks it up. <paramref name="mode"/>: what it is to have in spite of our own umask; null: it has none.</summary>
    private Answer<NodeEntry> Make(ulong parent, byte[] name, uint? mode, Caller caller, Func<long, byte[], long> make)
    {
        using var directory = nodes.Use(parent);
        if (directory.Failed)
            return directory.Error;
        var error = Kernel(name, out var path);
        if (error != Errno.None)
            return error;
        var result = AsCaller(caller, () => make(directory.Descriptor, path));
        if (Sys.Failed(result))
            return Sys.Error(result);
        var entry = Find(directory, path);
        return entry.Failed || mode is null ? entry : WithMode(directory, entry.Value, mode.Value, caller);
    }

    private long AsCaller(Caller caller, Func<long> action)
    {
        if (!privileged)
            return action();
        using var credentials = new FileCredentials(caller.Uid, caller.Gid);
        return action();
    }

    /// <summary>
    /// Puts back what our own umask took from the mode of a new file. Not where a default access control list decides (acl(5)), and not if somebody else has put
    /// another file in its place meanwhile.
    /// </summary>
    private Answer<NodeEntry> WithMode(in PassthroughUse directory, NodeEntry made, uint mode, Caller caller)
    {
        var missing = mode & 0b111_111_111 & ~made.Attributes.Mode;
        if (missing == 0 || (privileged && made.Attributes.Uid != caller.Uid) || !Sys.Failed(ExtendedAttributes.Get(directory.Path, "system.posix_acl_default\0"u8, [])))
            return made;
        using var node = nodes.Use(made.Node);
        if (node.Failed)
            return node.Error;
        var result = FileChanges.SetMode(node.Path, (made.Attributes.Mode & ~FileType.Mask) | missing);
        if (Sys.Failed(result))
            return Sys.Error(result);
        var changed = Attributes(node);
        return changed.Failed ? changed.Error : made with { Attributes = changed.Value.Attributes };
    }
}
