using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Calls;

/// <summary>What the kernel refuses because of a mount: changes below a read-only one, removal of a mount point, links and renames from one mount to another.</summary>
internal sealed class MountRules(PathResolver resolver, DescriptorCalls descriptors, Func<int, GuestProcess?> findProcess)
{
    public Errno Refuse(Resolution r, PathUse use)
    {
        var table = resolver.Table;
        if (table.IsEmpty)
            return Errno.None;
        switch (use)
        {
            case PathUse.Remove or PathUse.RenameFrom or PathUse.RenameTo:
                if (table.IsMountRoot(r.View.Span))
                    return Errno.EBUSY;
                return r.Top is { ReadOnly: true } ? Errno.EROFS : Errno.None;
            case PathUse.Create:
                if (table.IsMountRoot(r.View.Span))
                    return Errno.EEXIST;
                // The kernel looks for the name before it asks the mount.
                return r.Top is { ReadOnly: true } ? Exists(r) switch { Errno.None => Errno.EEXIST, Errno.ENOENT => Errno.EROFS, var e => e } : Errno.None;
            case PathUse.Modify:
                return IsReadOnly(r) ? Exists(r) switch { Errno.None => Errno.EROFS, var e => e } : Errno.None;
            case PathUse.Execute:
                return r.Top is { NoExec: true } ? Errno.EACCES : Errno.None;
            default:
                return Errno.None;
        }
    }

    /// <summary>EROFS for an open that writes: existing regular files and directories, or a name to be created.</summary>
    public Errno RefuseOpen(Resolution r, long flags)
    {
        if (!IsReadOnly(r))
            return Errno.None;
        var writes = (flags & OpenFlag.AccessMode) != 0 || (flags & OpenFlag.Trunc) != 0 || (flags & OpenFlag.TmpFile) == OpenFlag.TmpFile;
        if ((flags & OpenFlag.Path) != 0 || (!writes && (flags & OpenFlag.Creat) == 0))
            return Errno.None;
        var error = Sys.Error(Files.Stat(r.Host.ForKernel(), out var stat));
        if (error == Errno.ENOENT)
            return (flags & OpenFlag.Creat) != 0 ? Errno.EROFS : Errno.None;
        if (error != Errno.None || !writes || (flags & (OpenFlag.Creat | OpenFlag.Excl)) == (OpenFlag.Creat | OpenFlag.Excl))
            return Errno.None;
        if (stat.IsDirectory)
            return (flags & OpenFlag.TmpFile) == OpenFlag.TmpFile ? Errno.EROFS : Errno.None;
        return stat.IsRegular ? Errno.EROFS : Errno.None;
    }

    public bool CrossesMounts(Resolution from, Resolution to, PathUse use)
    {
        if (use is not (PathUse.RenameFrom or PathUse.LinkFrom) || from.Unexamined || to.Unexamined)
            return false;
        // Linking what a descriptor stands for (an O_TMPFILE file): only the kernel knows where that is.
        if (ProcLinks.Parse(from.Host.Span, out _, out _) == ProcEntry.Fd)
            return false;
        return from.Top?.Epoch != to.Top?.Epoch;
    }

    /// <summary>In a read-only layer, or a /proc link to a descriptor that was opened through one.</summary>
    private bool IsReadOnly(Resolution r) => r.Top is { ReadOnly: true }
        || (resolver.Table.AnyReadOnly && ProcLinks.Parse(r.Host.Span, out var pid, out var fd) == ProcEntry.Fd && findProcess(pid) is { } owner
            && descriptors.IsReadOnly(owner, pid, fd));

    /// <summary>
    /// A link across mounts: the kernel looks at the flags, for the file, and for the new name and its directory first. None: it cannot get at the file, and why is for
    /// itself to say (with AT_EMPTY_PATH it asks who opened the descriptor).
    /// </summary>
    public static Errno RefuseLink(Call call, Resolution from, Resolution to)
    {
        if (call.Number == Nr.Linkat && (call.Args[4] & ~(At.SymlinkFollow | At.EmptyPath)) != 0)
            return Errno.EINVAL;
        if (Exists(from) is var missing && missing != Errno.None)
            return from.Kind == ResolutionKind.Native ? Errno.None : missing;
        return Exists(to) switch
        {
            Errno.None => Errno.EEXIST,
            Errno.ENOENT => DirectoryOf(to),
            var other => other,
        };
    }

    /// <summary>What the kernel says of the first of two names before it looks at the second: link(2) needs the file, rename(2) its directory.</summary>
    public static Errno Earlier(Resolution first, PathUse use) => first.Unexamined ? Errno.None : use switch
    {
        PathUse.LinkFrom => Exists(first),
        // A name that a union lacks has its host path in the source, whose directory need not be there.
        PathUse.RenameFrom => DirectoryOf(first) is var error && (error == Errno.EXDEV || (error == Errno.ENOENT && first.Hit.Layer is not null)) ? Errno.None : error,
        _ => Errno.None,
    };

    private static Errno DirectoryOf(Resolution to)
    {
        // procfs has no place for new names: it says that they do not exist before anything is said about mounts.
        if (to.Host.Span.StartsWith("/proc/"u8))
            return Errno.ENOENT;
        var parent = new PathBuffer(to.Host.Length + 2);
        parent.Set(BytePath.Parent(BytePath.Tidy(to.Host.Span)));
        return Sys.Error(Files.Stat(parent.ForKernel(), out var stat)) is var error && error != Errno.None ? error : stat.IsDirectory ? Errno.EXDEV : Errno.ENOTDIR;
    }

    private static Errno Exists(Resolution r) => Sys.Error(Files.Stat(r.Host.ForKernel(), out _, At.SymlinkNoFollow));
}
