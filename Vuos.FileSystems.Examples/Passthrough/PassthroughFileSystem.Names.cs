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
        if (nodes[node] is not { } found)
            return Errno.ESTALE;
        // The path of /proc leads to the file itself; "follow" is about that path.
        return Make(newParent, newName, null, caller, (directory, path) => FileChanges.Link(At.FdCwd, found.Path, directory, path, At.SymlinkFollow));
    }

    public async ValueTask<Errno> UnlinkAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        if (nodes[parent] is not { } directory)
            return Errno.ESTALE;
        var error = Kernel(name, out var path);
        return error != Errno.None ? error : Sys.Error(FileChanges.Unlink(directory.Descriptor, path));
    }

    public async ValueTask<Errno> RemoveDirectoryAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        if (nodes[parent] is not { } directory)
            return Errno.ESTALE;
        var error = Kernel(name, out var path);
        return error != Errno.None ? error : Sys.Error(FileChanges.RemoveDirectory(directory.Descriptor, path));
    }

    public async ValueTask<Errno> RenameAsync(ulong parent, byte[] name, ulong newParent, byte[] newName, uint flags, Caller caller, CancellationToken cancel)
    {
        if (nodes[parent] is not { } from || nodes[newParent] is not { } to)
            return Errno.ESTALE;
        var error = Kernel(name, out var path);
        if (error == Errno.None)
            error = Kernel(newName, out name);
        return error != Errno.None ? error : Sys.Error(FileChanges.Rename(from.Descriptor, path, to.Descriptor, name, (int)flags));
    }

    /// <summary>Makes something and looks it up. <paramref name="mode"/>: what it is to have in spite of our own umask; null: it has none.</summary>
    private Answer<NodeEntry> Make(ulong parent, byte[] name, uint? mode, Caller caller, Func<long, byte[], long> make)
    {
        if (nodes[parent] is not { } directory)
            return Errno.ESTALE;
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
    private Answer<NodeEntry> WithMode(PassthroughNode directory, NodeEntry made, uint mode, Caller caller)
    {
        var missing = mode & 0b111_111_111 & ~made.Attributes.Mode;
        if (missing == 0 || (privileged && made.Attributes.Uid != caller.Uid) || !Sys.Failed(ExtendedAttributes.Get(directory.Path, "system.posix_acl_default\0"u8, [])))
            return made;
        var node = nodes[made.Node]!;
        var result = FileChanges.SetMode(node.Path, (made.Attributes.Mode & ~FileType.Mask) | missing);
        if (Sys.Failed(result))
            return Sys.Error(result);
        var changed = Attributes(node);
        return changed.Failed ? changed.Error : made with { Attributes = changed.Value.Attributes };
    }
}
