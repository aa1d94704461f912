namespace Vuos.Native.Syscalls;

using static ArgKind;
using static LinkRule;
using static PathUse;

/// <summary>Mounts, old and new, and namespaces.</summary>
internal static partial class X64Syscalls
{
    private const string HiddenLayers =
        "The kernel's answer would lack the layers; libmount falls back to mountinfo, which the hypervisor serves.";

    private static IEnumerable<SyscallInfo> Mounts =>
    [
        new(165, "mount", [Path, Path, String, Flags, Pointer], Decision.Mount)
        {
            Paths = [Cwd(0, Administer), Cwd(1, Administer)],
            Note = "The source is a path only for a bind, a move and file systems on a device; else any string, or NULL.",
        },
        new(166, "umount2", [Path, Flags], Decision.Mount) { Paths = [Cwd(0, Administer, UnlessUmountNoFollow, 1)] },
        new(155, "pivot_root", [Path, Path], Decision.Mount) { Paths = [Cwd(0, Administer), Cwd(1, Administer)] },

        new(428, "open_tree", [DirFd, Path, Flags], Decision.Mount) { Paths = [At(1, Administer, UnlessAtNoFollow, 2, empty: true)] },
        new(467, "open_tree_attr", [DirFd, Path, Flags, Struct, Size], Decision.Mount)
        {
            Paths = [At(1, Administer, UnlessAtNoFollow, 2, empty: true)],
        },
        new(429, "move_mount", [DirFd, Path, DirFd, Path, Flags], Decision.Mount)
        {
            Paths = [At(1, Administer, OwnFlag, 4, empty: true, @null: true), At(3, Administer, OwnFlag, 4, empty: true, @null: true)],
            Note = "Links are followed only with MOVE_MOUNT_F_SYMLINKS (1) and MOVE_MOUNT_T_SYMLINKS (0x10); "
                + "empty paths are allowed by MOVE_MOUNT_F_EMPTY_PATH (4) and MOVE_MOUNT_T_EMPTY_PATH (0x40), NULL ones with the same since 6.15.",
        },
        Row(430, "fsopen", Decision.Mount, String, Flags),
        Row(431, "fsconfig", Decision.Mount, Fd, Request, String, Pointer, DirFd) with
        {
            Note = "With FSCONFIG_SET_PATH (3) and FSCONFIG_SET_PATH_EMPTY (4) the fourth argument is a path relative to the fifth.",
        },
        Row(432, "fsmount", Decision.Mount, Fd, Flags, Flags),
        new(433, "fspick", [DirFd, Path, Flags], Decision.Mount)
        {
            Paths = [At(1, Administer, OwnFlag, 2, empty: true)],
            Note = "A link is followed unless FSPICK_SYMLINK_NOFOLLOW (2); an empty path is allowed by FSPICK_EMPTY_PATH (8).",
        },
        new(442, "mount_setattr", [DirFd, Path, Flags, Struct, Size], Decision.Mount)
        {
            Paths = [At(1, Administer, UnlessAtNoFollow, 2, empty: true)],
        },

        Refused(457, "statmount", Errno.ENOSYS, [Struct, OutBuffer, Size, Flags], HiddenLayers),
        Refused(458, "listmount", Errno.ENOSYS, [Struct, OutBuffer, Size, Flags], HiddenLayers),

        Row(272, "unshare", Decision.Process, Flags) with { Note = "CLONE_NEWNS and CLONE_NEWUSER change what paths mean outside every layer; CLONE_FS parts directories." },
        Row(308, "setns", Decision.Process, Fd, Flags) with { Note = "Entering a mount namespace changes root and working directory." },
        Free(470, "listns", Struct, OutBuffer, Size, Flags),
    ];
}
