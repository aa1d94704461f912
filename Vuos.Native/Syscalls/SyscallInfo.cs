using System.Collections.Immutable;

namespace Vuos.Native.Syscalls;

/// <summary>What the hypervisor does about a call, and the reason it would have to stop at it.</summary>
public enum Decision : byte
{
    /// <summary>Names nothing that a view can change: never trapped.</summary>
    Untouched,

    /// <summary>Takes one or more paths (see <see cref="SyscallInfo.Paths"/>): resolved in the view.</summary>
    Path,

    /// <summary>Takes a descriptor and is trapped only where a layer must be asked (read-only layers: fchmod, futimens, …).</summary>
    Descriptor,

    /// <summary>User and group ids, capabilities.</summary>
    Identity,

    /// <summary>Sockets: AF_UNIX names are paths; other families belong to network modules.</summary>
    Network,

    /// <summary>Clocks.</summary>
    Time,

    /// <summary>execve, execveat.</summary>
    Exec,

    /// <summary>Creates, ends, traces or confines processes, or changes their directory, root or namespaces.</summary>
    Process,

    /// <summary>mount(2), umount2(2), pivot_root, the new mount API.</summary>
    Mount,

    /// <summary>Answered with <see cref="SyscallInfo.Refusal"/> while a layer is mounted: it would walk around the view and callers have a fallback.</summary>
    Unsupported,

    /// <summary>Not implemented by any kernel of this architecture (a number kept for a removed call): ENOSYS from the kernel itself.</summary>
    Invalid,
}

/// <summary>Kind of one argument, for decoding in logs and for the tests that build bad arguments.</summary>
public enum ArgKind : byte
{
    None, Int, UInt, Flags, Mode, Fd, DirFd, Path, String, Buffer, OutBuffer, Struct, OutStruct, Size, Offset, Pid, Signal, Id,
    Pointer, SockAddr, SockAddrLen, IoVec, ArgV, Clock, Request,
}

/// <summary>Whether a symbolic link in the last component is followed.</summary>
public enum LinkRule : byte
{
    Always,
    Never,

    /// <summary>Followed unless AT_SYMLINK_NOFOLLOW (0x100) is in the flags argument.</summary>
    UnlessAtNoFollow,

    /// <summary>Not followed unless AT_SYMLINK_FOLLOW (0x400) is in the flags argument.</summary>
    IfAtFollow,

    /// <summary>open(2) flags: O_NOFOLLOW, or O_CREAT|O_EXCL, mean no.</summary>
    OpenFlags,

    /// <summary>openat2(2): the flags are the first field of <c>struct open_how</c>, with <c>resolve</c> rules.</summary>
    OpenHow,

    /// <summary>umount2(2): UMOUNT_NOFOLLOW (8).</summary>
    UnlessUmountNoFollow,

    /// <summary>inotify_add_watch(2): IN_DONT_FOLLOW (0x02000000).</summary>
    UnlessInotifyDontFollow,

    /// <summary>fanotify_mark(2): FAN_MARK_DONT_FOLLOW (4).</summary>
    UnlessFanotifyDontFollow,

    /// <summary>open_tree(2), fspick(2) and move_mount(2): an own no-follow or follow flag; see the row's note.</summary>
    OwnFlag,
}

/// <summary>What a call does with the object a path names; decides EROFS, EBUSY and EXDEV.</summary>
public enum PathUse : byte
{
    /// <summary>Only looked at (stat, access, readlink, chdir, listxattr, …).</summary>
    Lookup,

    /// <summary>Opened; the open flags decide whether it is written or created.</summary>
    Open,

    /// <summary>Executed.</summary>
    Execute,

    /// <summary>Attributes or content are changed (chmod, truncate, setxattr, utimensat).</summary>
    Modify,

    /// <summary>A new name is made; the last component need not exist (mkdir, mknod, symlink, the new name of link).</summary>
    Create,

    /// <summary>The name is removed (unlink, rmdir).</summary>
    Remove,

    /// <summary>Old name of a rename.</summary>
    RenameFrom,

    /// <summary>New name of a rename.</summary>
    RenameTo,

    /// <summary>Old name of a link.</summary>
    LinkFrom,

    /// <summary>Mount source or target, swap file, accounting file: handled by the mount code or only resolved.</summary>
    Administer,
}

/// <summary>How the hypervisor gets to see a call, where it does.</summary>
public enum Transport : byte
{
    /// <summary>It does not: the call runs at native speed.</summary>
    None,

    /// <summary>The filter itself answers with the refusal's errno.</summary>
    Filter,

    /// <summary>A seccomp notification where the kernel offers it, else a ptrace stop.</summary>
    Notification,

    /// <summary>A seccomp ptrace stop (RET_TRACE).</summary>
    Stop,

    /// <summary>A ptrace event (PTRACE_EVENT_CLONE, _FORK, _VFORK, _EXIT) after or during the call; no filter.</summary>
    Event,
}

/// <summary>One path argument of a call.</summary>
/// <param name="Index">Argument number, 0…5.</param>
/// <param name="DirFd">Argument number of the directory descriptor the path is relative to, or -1: the working directory.</param>
/// <param name="Follow">Whether a link in the last component is followed.</param>
/// <param name="Flags">Argument number of the flags (or of the <c>open_how</c> pointer) that <paramref name="Follow"/> looks at, or -1.</param>
/// <param name="Use">What is done with the object.</param>
/// <param name="Empty">The call understands AT_EMPTY_PATH (0x1000) in its flags, or an empty path, as "the descriptor itself".</param>
/// <param name="Null">A NULL path means "the descriptor itself" (utimensat, statx since 6.11).</param>
public readonly record struct PathArgument(int Index, int DirFd, LinkRule Follow, int Flags, PathUse Use, bool Empty = false, bool Null = false);

/// <summary>One system call of one architecture: everything the rest of the program knows about it.</summary>
/// <param name="Number">Number in the architecture's table.</param>
/// <param name="Name">Kernel name, without the <c>sys_</c> prefix.</param>
/// <param name="Args">Kinds of the arguments, up to six.</param>
/// <param name="Decision">What we do about it.</param>
public sealed record SyscallInfo(int Number, string Name, ImmutableArray<ArgKind> Args, Decision Decision)
{
    /// <summary>Path arguments, in argument order.</summary>
    public ImmutableArray<PathArgument> Paths { get; init; } = [];

    /// <summary>Errno answered when <see cref="Decision"/> is <see cref="Decision.Unsupported"/>.</summary>
    public Errno Refusal { get; init; }

    /// <summary>A hot call, which is answered or let go on nearly always: carried by a seccomp notification where the kernel offers it, else by a ptrace stop.</summary>
    public bool Hot { get; init; }

    /// <summary>ptrace reports the call by an event of its own, so no filter needs to stop it.</summary>
    public bool Event { get; init; }

    /// <summary>How the hypervisor gets to see the call where a layer makes it look.</summary>
    public Transport Transport => Decision switch
    {
        Decision.Untouched or Decision.Invalid => Transport.None,
        Decision.Unsupported => Transport.Filter,
        _ when Event => Transport.Event,
        _ when Hot => Transport.Notification,
        _ => Transport.Stop,
    };

    /// <summary>One sentence for the reader of <c>vuos-actors syscalls</c>; empty when the decision says it all.</summary>
    public string Note { get; init; } = "";
}
