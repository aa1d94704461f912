namespace Vuos.Native.Syscalls;

using static ArgKind;
using static LinkRule;
using static PathUse;

/// <summary>Opening, looking at and running what a path names: the hot half of the naming plane.</summary>
internal static partial class X64Syscalls
{
    private static IEnumerable<SyscallInfo> Files =>
    [
        Named(2, "open", [Path, Flags, Mode], Cwd(0, Open, OpenFlags, 1)) with { Hot = true },
        Named(85, "creat", [Path, Mode], Cwd(0, Open)) with { Note = "open(2) with O_CREAT|O_WRONLY|O_TRUNC." },
        Named(257, "openat", [DirFd, Path, Flags, Mode], At(1, Open, OpenFlags, 2)) with { Hot = true },
        Named(437, "openat2", [DirFd, Path, Struct, Size], At(1, Open, OpenHow, 2)) with
        {
            Note = "Flags and resolve rules are in a struct of growing size, the fourth argument; larger than known with a non-zero tail is E2BIG.",
        },

        Named(4, "stat", [Path, OutStruct], Cwd(0, Lookup)) with { Hot = true },
        Named(6, "lstat", [Path, OutStruct], Cwd(0, Lookup, Never)) with { Hot = true },
        Named(262, "newfstatat", [DirFd, Path, OutStruct, Flags], At(1, Lookup, UnlessAtNoFollow, 3, empty: true, @null: true)) with
        {
            Hot = true,
            Note = "With AT_EMPTY_PATH a NULL path is the descriptor itself since 6.11, EFAULT before.",
        },
        Named(332, "statx", [DirFd, Path, Flags, Flags, OutStruct], At(1, Lookup, UnlessAtNoFollow, 2, empty: true, @null: true)) with
        {
            Hot = true,
            Note = "With AT_EMPTY_PATH a NULL path is the descriptor itself since 6.11, EFAULT before.",
        },

        Named(21, "access", [Path, Mode], Cwd(0, Lookup)) with { Hot = true, Note = "W_OK on a read-only layer is EROFS." },
        Named(269, "faccessat", [DirFd, Path, Mode], At(1, Lookup, Always)) with
        {
            Hot = true,
            Note = "The kernel call has no flags; glibc's flags need faccessat2.",
        },
        Named(439, "faccessat2", [DirFd, Path, Mode, Flags], At(1, Lookup, UnlessAtNoFollow, 3, empty: true)) with { Hot = true },

        Named(89, "readlink", [Path, OutBuffer, Size], Cwd(0, Lookup, Never)) with { Hot = true },
        Named(267, "readlinkat", [DirFd, Path, OutBuffer, Size], At(1, Lookup, Never, empty: true)) with
        {
            Hot = true,
            Note = "An empty path is the descriptor itself, without a flag, if that is an O_PATH|O_NOFOLLOW one of a link; else ENOENT.",
        },

        new(59, "execve", [Path, ArgV, ArgV], Decision.Exec) { Paths = [Cwd(0, Execute)] },
        new(322, "execveat", [DirFd, Path, ArgV, ArgV, Flags], Decision.Exec)
        {
            Paths = [At(1, Execute, UnlessAtNoFollow, 4, empty: true)],
            Note = "With AT_SYMLINK_NOFOLLOW a link as last component is ELOOP, not a lookup of the link.",
        },

        new(80, "chdir", [Path], Decision.Process) { Paths = [Cwd(0, Lookup)] },
        Row(81, "fchdir", Decision.Process, Fd),
        new(161, "chroot", [Path], Decision.Process) { Paths = [Cwd(0, Lookup)] },
        Row(79, "getcwd", Decision.Process, OutBuffer, Size) with
        {
            Hot = true,
            Note = "The result counts the NUL; a too small buffer is ERANGE.",
        },
        Free(95, "umask", Mode) with { Note = "The kernel keeps it; a file the hypervisor creates for a guest needs the guest's mask (Umask in /proc/PID/status)." },
    ];
}
