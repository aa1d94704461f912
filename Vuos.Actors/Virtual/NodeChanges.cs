using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual;

/// <summary>Changes names and attributes in a virtual file system, and what is known of them. Each answer is the call's result. On tasks of the layer.</summary>
internal static class NodeChanges
{
    public static async ValueTask<VirtualAnswer> MakeDirectoryAsync(VirtualLayer layer, VirtualNode parent, byte[] name, uint mode, GuestCaller who, CancellationToken cancel)
    {
        var caller = who.WithMask();
        if (MayName(layer, who, parent, null) is var refused && refused != Errno.None)
            return VirtualAnswer.Fail(refused);
        return Made(layer, parent, name, await layer.Files.MakeDirectoryAsync(parent.Id, name, Masked(layer, mode & 0x3FF, caller), caller, cancel).ConfigureAwait(false));
    }

    public static async ValueTask<VirtualAnswer> MakeNodeAsync(VirtualLayer layer, VirtualNode parent, byte[] name, uint mode, uint device, GuestCaller who, CancellationToken cancel)
    {
        var caller = who.WithMask();
        if ((mode & FileType.Mask) is FileType.Char or FileType.Block && caller.Uid != 0)
            return VirtualAnswer.Fail(Errno.EPERM);
        if ((mode & FileType.Mask) == FileType.Directory)
            return VirtualAnswer.Fail(Errno.EPERM);
        if ((mode & FileType.Mask) == 0)
            mode |= FileType.Regular;
        if (MayName(layer, who, parent, null) is var refused && refused != Errno.None)
            return VirtualAnswer.Fail(refused);
        return Made(layer, parent, name, await layer.Files.MakeNodeAsync(parent.Id, name, Masked(layer, mode, caller), device, caller, cancel).ConfigureAwait(false));
    }

    public static async ValueTask<VirtualAnswer> MakeLinkAsync(VirtualLayer layer, VirtualNode parent, byte[] name, byte[] target, GuestCaller who, CancellationToken cancel)
    {
        if (MayName(layer, who, parent, null) is var refused && refused != Errno.None)
            return VirtualAnswer.Fail(refused);
        return Made(layer, parent, name, await layer.Files.MakeLinkAsync(parent.Id, name, target, who.Plain(), cancel).ConfigureAwait(false));
    }

    public static async ValueTask<VirtualAnswer> LinkAsync(VirtualLayer layer, VirtualNode node, VirtualNode parent, byte[] name, GuestCaller who, CancellationToken cancel)
    {
        if (node.IsDirectory)
            return VirtualAnswer.Fail(Errno.EPERM);
        if (MayName(layer, who, parent, null) is var refused && refused != Errno.None)
            return VirtualAnswer.Fail(refused);
        var linked = await layer.Files.LinkAsync(node.Id, parent.Id, name, who.Plain(), cancel).ConfigureAwait(false);
        // The file system may know it by two nodes now, so the count of the first is old (fs/fuse/dir.c, fuse_link).
        VirtualLayer.Expire(node);
        return linked.Error == Errno.ENOSYS ? VirtualAnswer.Fail(Errno.EPERM) : Made(layer, parent, name, linked);
    }

    /// <summary>fsync(2) of a directory, by a handle of its own: servers take it for theirs.</summary>
    public static async ValueTask<Errno> SyncDirectoryAsync(VirtualLayer layer, VirtualNode node, bool dataOnly, GuestCaller who, CancellationToken cancel)
    {
        var caller = who.Plain();
        var open = await layer.OpenDirectoryAsync(node, OpenFlag.Directory, caller, cancel).ConfigureAwait(false);
        if (open.Failed)
            return open.Error;
        var error = await layer.Files.SyncDirectoryAsync(node.Id, open.Value ?? 0, dataOnly, caller, cancel).ConfigureAwait(false);
        layer.ReleaseDirectory(node, open.Value);
        return error == Errno.ENOSYS ? Errno.None : error;
    }

    public static async ValueTask<VirtualAnswer> RemoveAsync(VirtualLayer layer, VirtualNode parent, byte[] name, VirtualNode node, bool directory, GuestCaller who, CancellationToken cancel)
    {
        if (MayName(layer, who, parent, node) is var refused && refused != Errno.None)
            return VirtualAnswer.Fail(refused);
        if (directory && !node.IsDirectory)
            return VirtualAnswer.Fail(Errno.ENOTDIR);
        if (!directory && node.IsDirectory)
            return VirtualAnswer.Fail(Errno.EISDIR);
        var error = directory
            ? await layer.Files.RemoveDirectoryAsync(parent.Id, name, who.Plain(), cancel).ConfigureAwait(false)
            : await layer.Files.UnlinkAsync(parent.Id, name, who.Plain(), cancel).ConfigureAwait(false);
        if (error == Errno.None)
        {
            VirtualLayer.Expire(parent);
            if (layer.Remove(parent, name) is { } gone)
                await layer.ForgetUnlinkedAsync(gone).ConfigureAwait(false);
        }
        else if (error == Errno.ENOENT)
        {
            VirtualLayer.ExpireEntry(parent, name);
        }

        return VirtualAnswer.Of(error);
    }

    /// <summary>renameat2(2). <paramref name="replaced"/>: what the new name stood for.</summary>
    public static async ValueTask<VirtualAnswer> RenameAsync(VirtualLayer layer, VirtualNode parent, byte[] name, VirtualNode node, VirtualNode newParent, byte[] newName, VirtualNode? replaced, uint flags,
        GuestCaller who, CancellationToken cancel)
    {
        if (MayName(layer, who, parent, node) is var refused && refused != Errno.None)
            return VirtualAnswer.Fail(refused);
        if (MayName(layer, who, newParent, replaced) is var refusedNew && refusedNew != Errno.None)
            return VirtualAnswer.Fail(refusedNew);
        if (replaced is not null && (flags & RenameFlag.NoReplace) != 0)
            return VirtualAnswer.Fail(Errno.EEXIST);
        // A directory cannot become part of itself (fs/namei.c, lock_rename); with an exchange neither.
        if (IsAtOrAbove(node, newParent) || (replaced is not null && (flags & RenameFlag.Exchange) != 0 && IsAtOrAbove(replaced, parent)))
            return VirtualAnswer.Fail(Errno.EINVAL);
        if (replaced is not null && (flags & RenameFlag.Exchange) == 0)
        {
            if (replaced == node)
                return VirtualAnswer.Done;
            if (node.IsDirectory && !replaced.IsDirectory)
                return VirtualAnswer.Fail(Errno.ENOTDIR);
            if (!node.IsDirectory && replaced.IsDirectory)
                return VirtualAnswer.Fail(Errno.EISDIR);
            if (IsAtOrAbove(replaced, parent))
                return VirtualAnswer.Fail(Errno.ENOTEMPTY);
        }

        var error = await layer.Files.RenameAsync(parent.Id, name, newParent.Id, newName, flags, who.Plain(), cancel).ConfigureAwait(false);
        if (error != Errno.None)
            return VirtualAnswer.Fail(error == Errno.ENOSYS && flags != 0 ? Errno.EINVAL : error);
        VirtualLayer.Expire(parent);
        VirtualLayer.Expire(newParent);
        VirtualLayer.Expire(node);
        if ((flags & RenameFlag.Exchange) != 0)
        {
            layer.Exchange(parent, name, newParent, newName);
            return VirtualAnswer.Done;
        }

        layer.Move(parent, name, newParent, newName);
        if (replaced is not null)
            await layer.ForgetUnlinkedAsync(replaced).ConfigureAwait(false);
        return VirtualAnswer.Done;
    }

    /// <summary>chmod, chown, utimensat, truncate.</summary>
    public static async ValueTask<VirtualAnswer> ChangeAsync(VirtualLayer layer, VirtualNode node, AttributeChange change, GuestCaller who, CancellationToken cancel)
    {
        if (layer.Traits.DefaultPermissions && Permissions.CheckChange(who, node, change) is var refused && refused != Errno.None)
            return VirtualAnswer.Fail(refused);
        if (change.Size is not null && node.IsDirectory)
            return VirtualAnswer.Fail(Errno.EISDIR);
        if (change.Size is not null && node.Type != FileType.Regular)
            return VirtualAnswer.Fail(Errno.EINVAL);
        return VirtualAnswer.Of(await layer.SetAsync(node, null, change, who.Plain(), cancel).ConfigureAwait(false));
    }

    private static Errno MayName(VirtualLayer layer, in GuestCaller who, VirtualNode directory, VirtualNode? removed) =>
        layer.Traits.DefaultPermissions ? Permissions.CheckName(who, directory, removed) : Errno.None;

    private static uint Masked(VirtualLayer layer, uint mode, in Caller caller) => layer.Traits.AppliesUmask ? mode : mode & ~caller.Umask;

    private static bool IsAtOrAbove(VirtualNode node, VirtualNode? below)
    {
        for (; below is not null; below = below.Parent)
        {
            if (below == node)
                return true;
        }

        return false;
    }

    private static VirtualAnswer Made(VirtualLayer layer, VirtualNode parent, byte[] name, in Answer<NodeEntry> made)
    {
        VirtualLayer.Expire(parent);
        if (made.Failed)
        {
            VirtualLayer.ExpireEntry(parent, name);
            return VirtualAnswer.Fail(made.Error);
        }

        layer.LearnMade(parent, name, made.Value);
        return VirtualAnswer.Done;
    }
}
