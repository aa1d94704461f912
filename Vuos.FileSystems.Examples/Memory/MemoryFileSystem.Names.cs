using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>What makes, removes and moves names.</summary>
public sealed partial class MemoryFileSystem
{
    public async ValueTask<Answer<NodeEntry>> MakeNodeAsync(ulong parent, byte[] name, uint mode, uint device, Caller caller, CancellationToken cancel)
    {
        if (mode.IsType(FileType.Directory) || mode.IsType(FileType.Link))
            return Errno.EPERM;
        if (mode.IsType(0))
            mode |= FileType.Regular;
        lock (gate)
        {
            var content = mode.IsType(FileType.Regular) ? new SparseContent(budget) : null;
            var isDevice = mode.IsType(FileType.Char) || mode.IsType(FileType.Block);
            return Make(parent, name, new MemoryNode(mode, caller) { Content = content, Device = isDevice ? device : 0 });
        }
    }

    public async ValueTask<Answer<NodeEntry>> MakeDirectoryAsync(ulong parent, byte[] name, uint mode, Caller caller, CancellationToken cancel)
    {
        lock (gate)
            return Make(parent, name, new MemoryNode(FileType.Directory | (mode & ~FileType.Mask), caller));
    }

    public async ValueTask<Answer<NodeEntry>> MakeLinkAsync(ulong parent, byte[] name, byte[] target, Caller caller, CancellationToken cancel)
    {
        lock (gate)
            return Make(parent, name, new MemoryNode(FileType.Link | 0b111_111_111, caller) { Target = target });
    }

    public async ValueTask<Answer<NodeEntry>> LinkAsync(ulong node, ulong newParent, byte[] newName, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            if (nodes[node] is not { } found)
                return Errno.ESTALE;
            var error = Vacant(newParent, newName, out var directory);
            if (error != Errno.None)
                return error;
            if (found.Directory is not null)
                return Errno.EPERM;
            if (found.Links == 0 && !found.Linkable)
                return Errno.ENOENT;
            found.Linkable = false;
            found.Links++;
            found.Changed();
            nodes.Hold(found.Id);
            directory.Directory!.Set(newName, found);
            directory.Modified();
            return Entry(found);
        }
    }

    public async ValueTask<Errno> UnlinkAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            var error = Directory(parent, name, out var directory);
            if (error != Errno.None)
                return error;
            if (directory.Directory![name] is not { } node)
                return Errno.ENOENT;
            if (node.Directory is not null)
                return Errno.EISDIR;
            directory.Directory.Remove(name);
            directory.Modified();
            LoseName(node);
            return Errno.None;
        }
    }

    public async ValueTask<Errno> RemoveDirectoryAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            var error = Directory(parent, name, out var directory);
            if (error != Errno.None)
                return error;
            if (directory.Directory![name] is not { } node)
                return Errno.ENOENT;
            if (node.Directory is null)
                return Errno.ENOTDIR;
            if (node.Directory.Count > 0)
                return Errno.ENOTEMPTY;
            directory.Directory.Remove(name);
            directory.Links--;
            directory.Modified();
            LoseName(node);
            return Errno.None;
        }
    }

    public async ValueTask<Errno> RenameAsync(ulong parent, byte[] name, ulong newParent, byte[] newName, uint flags, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            if (flags is not (0 or RenameFlag.NoReplace or RenameFlag.Exchange))
                return Errno.EINVAL;
            var error = Directory(parent, name, out var from);
            if (error != Errno.None)
                return error;
            error = Directory(newParent, newName, out var to);
            if (error != Errno.None)
                return error;
            if (from.Directory![name] is not { } node)
                return Errno.ENOENT;
            var other = to.Directory![newName];
            error = Renameable(node, other, from, to, flags);
            if (error != Errno.None || node == other)
                return error;
            if (flags == RenameFlag.Exchange)
                from.Directory.Set(name, other!);
            else
                from.Directory.Remove(name);
            to.Directory.Set(newName, node);
            Moved(node, from, to);
            if (other is not null && flags == RenameFlag.Exchange)
            {
                Moved(other, to, from);
                other.Changed();
            }
            else if (other is not null)
            {
                if (other.Directory is not null)
                    to.Links--;
                LoseName(other);
            }

            node.Changed();
            from.Modified();
            to.Modified();
            return Errno.None;
        }
    }

    /// <summary>The rules of rename(2), in the order of the kernel (do_renameat2 and vfs_rename, fs/namei.c).</summary>
    private static Errno Renameable(MemoryNode node, MemoryNode? other, MemoryNode from, MemoryNode to, uint flags)
    {
        if (flags == RenameFlag.NoReplace && other is not null)
            return Errno.EEXIST;
        if (flags == RenameFlag.Exchange && other is null)
            return Errno.ENOENT;
        if (IsAtOrAbove(node, to))
            return Errno.EINVAL;
        if (other is not null && IsAtOrAbove(other, from))
            return flags == RenameFlag.Exchange ? Errno.EINVAL : Errno.ENOTEMPTY;
        if (to.Links == 0)
            return Errno.ENOENT;
        if (flags == RenameFlag.Exchange || other is null || other == node)
            return Errno.None;
        if (node.Directory is not null && other.Directory is null)
            return Errno.ENOTDIR;
        if (node.Directory is null && other.Directory is not null)
            return Errno.EISDIR;
        return other.Directory is { Count: > 0 } ? Errno.ENOTEMPTY : Errno.None;
    }

    private static bool IsAtOrAbove(MemoryNode node, MemoryNode below)
    {
        if (node.Directory is null)
            return false;
        while (below != node)
        {
            if (below.Directory!.Parent == below)
                return false;
            below = below.Directory.Parent;
        }

        return true;
    }

    private static void Moved(MemoryNode node, MemoryNode from, MemoryNode to)
    {
        if (node.Directory is null)
            return;
        from.Links--;
        to.Links++;
        node.Directory.Parent = to;
    }

    /// <summary>A directory in which a name can be made.</summary>
    private Errno Vacant(ulong parent, byte[] name, out MemoryNode directory)
    {
        var error = Directory(parent, name, out directory);
        if (error != Errno.None)
            return error;
        if (directory.Directory![name] is not null)
            return Errno.EEXIST;
        return directory.Links == 0 ? Errno.ENOENT : Errno.None;
    }

    private Answer<NodeEntry> Make(ulong parent, byte[] name, MemoryNode node)
    {
        var error = Vacant(parent, name, out var directory);
        if (error != Errno.None)
            return error;
        Inherit(node, directory);
        node.Id = nodes.Add(node);
        if (node.Mode.IsType(FileType.Directory))
        {
            node.Directory = new MemoryDirectory(directory);
            directory.Links++;
        }

        directory.Directory!.Set(name, node);
        directory.Modified();
        return Entry(node);
    }

    /// <summary>A directory with the set-group-id bit hands on its group, and the bit to directories (inode_init_owner, fs/inode.c).</summary>
    private static void Inherit(MemoryNode node, MemoryNode directory)
    {
        if ((directory.Mode & MemoryNode.SetGid) == 0)
            return;
        node.Gid = directory.Gid;
        if (node.Mode.IsType(FileType.Directory))
            node.Mode |= MemoryNode.SetGid;
    }

    private void LoseName(MemoryNode node)
    {
        node.Links = node.Directory is null ? node.Links - 1 : 0;
        node.Changed();
        nodes.Drop(node.Id);
    }
}
