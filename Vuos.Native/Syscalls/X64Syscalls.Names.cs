namespace Vuos.Native.Syscalls;

using static ArgKind;
using static LinkRule;
using static PathUse;

/// <summary>Making, moving and removing names. None follows a link in the last component of the name it changes.</summary>
internal static partial class X64Syscalls
{
    private const string RenameNote = "Names in two layers, or a layer and the kernel's tree, are EXDEV; a mount point is EBUSY.";

    private static IEnumerable<SyscallInfo> Names =>
    [
        Named(83, "mkdir", [Path, Mode], Cwd(0, Create, Never)),
        Named(258, "mkdirat", [DirFd, Path, Mode], At(1, Create, Never)),
        Named(133, "mknod", [Path, Mode, UInt], Cwd(0, Create, Never)),
        Named(259, "mknodat", [DirFd, Path, Mode, UInt], At(1, Create, Never)),

        Named(88, "symlink", [String, Path], Cwd(1, Create, Never)) with { Note = "Only the new name is a path: the target is stored as it is." },
        Named(266, "symlinkat", [String, DirFd, Path], At(2, Create, Never)) with { Note = "Only the new name is a path: the target is stored as it is." },

        Named(86, "link", [Path, Path], Cwd(0, LinkFrom, Never), Cwd(1, Create, Never)) with { Note = RenameNote },
        Named(265, "linkat", [DirFd, Path, DirFd, Path, Flags], At(1, LinkFrom, IfAtFollow, 4, empty: true), At(3, Create, Never)) with
        {
            Note = "AT_EMPTY_PATH on the old name needs CAP_DAC_READ_SEARCH or, since 6.10, the credentials that opened it. " + RenameNote,
        },

        Named(82, "rename", [Path, Path], Cwd(0, RenameFrom, Never), Cwd(1, RenameTo, Never)) with { Note = RenameNote },
        Named(264, "renameat", [DirFd, Path, DirFd, Path], At(1, RenameFrom, Never), At(3, RenameTo, Never)) with { Note = RenameNote },
        Named(316, "renameat2", [DirFd, Path, DirFd, Path, Flags], At(1, RenameFrom, Never), At(3, RenameTo, Never)) with
        {
            Note = "With RENAME_EXCHANGE both names must exist. " + RenameNote,
        },

        Named(84, "rmdir", [Path], Cwd(0, Remove, Never)),
        Named(87, "unlink", [Path], Cwd(0, Remove, Never)),
        Named(263, "unlinkat", [DirFd, Path, Flags], At(1, Remove, Never)) with { Note = "AT_REMOVEDIR in the flags makes it rmdir(2)." },
    ];
}
