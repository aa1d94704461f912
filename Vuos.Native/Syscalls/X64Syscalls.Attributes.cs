namespace Vuos.Native.Syscalls;

using static ArgKind;
using static LinkRule;
using static PathUse;

/// <summary>Attributes of what a path or descriptor names: mode, owner, times, size, extended attributes, watches, handles, quotas.</summary>
internal static partial class X64Syscalls
{
    private const string QuotaNote = "A NULL device is legal for Q_SYNC; for Q_QUOTAON the fourth argument is the path of the quota file.";

    private static IEnumerable<SyscallInfo> Attributes =>
    [
        Named(90, "chmod", [Path, Mode], Cwd(0, Modify)),
        Row(91, "fchmod", Decision.Descriptor, Fd, Mode),
        Named(268, "fchmodat", [DirFd, Path, Mode], At(1, Modify, Always)) with { Note = "The kernel call has no flags; glibc's flags need fchmodat2." },
        Named(452, "fchmodat2", [DirFd, Path, Mode, Flags], At(1, Modify, UnlessAtNoFollow, 3, empty: true)),

        Named(92, "chown", [Path, Id, Id], Cwd(0, Modify)),
        Row(93, "fchown", Decision.Descriptor, Fd, Id, Id),
        Named(94, "lchown", [Path, Id, Id], Cwd(0, Modify, Never)),
        Named(260, "fchownat", [DirFd, Path, Id, Id, Flags], At(1, Modify, UnlessAtNoFollow, 4, empty: true)),

        Named(132, "utime", [Path, Struct], Cwd(0, Modify)),
        Named(235, "utimes", [Path, Struct], Cwd(0, Modify)),
        Named(261, "futimesat", [DirFd, Path, Struct], At(1, Modify, Always, @null: true)),
        Named(280, "utimensat", [DirFd, Path, Struct, Flags], At(1, Modify, UnlessAtNoFollow, 3, empty: true, @null: true)) with
        {
            Note = "futimens(3) is this call with a NULL path; AT_EMPTY_PATH is understood since 5.8.",
        },

        Named(76, "truncate", [Path, Offset], Cwd(0, Modify)),
        Row(77, "ftruncate", Decision.Descriptor, Fd, Offset),
        Row(285, "fallocate", Decision.Descriptor, Fd, Mode, Offset, Offset),
        Named(137, "statfs", [Path, OutStruct], Cwd(0, Lookup)),
        Row(138, "fstatfs", Decision.Descriptor, Fd, OutStruct) with { Hot = true, Note = "A grafted descriptor answers for the file system it is on. Trapped only with a virtual file system." },
        Free(136, "ustat", UInt, OutStruct),
        Free(139, "sysfs", Int, Pointer, Pointer),

        Named(188, "setxattr", [Path, String, Buffer, Size, Flags], Cwd(0, Modify)),
        Named(189, "lsetxattr", [Path, String, Buffer, Size, Flags], Cwd(0, Modify, Never)),
        Row(190, "fsetxattr", Decision.Descriptor, Fd, String, Buffer, Size, Flags),
        Named(191, "getxattr", [Path, String, OutBuffer, Size], Cwd(0, Lookup)),
        Named(192, "lgetxattr", [Path, String, OutBuffer, Size], Cwd(0, Lookup, Never)),
        Row(193, "fgetxattr", Decision.Descriptor, Fd, String, OutBuffer, Size) with { Hot = true, Note = "Trapped only with a virtual file system." },
        Named(194, "listxattr", [Path, OutBuffer, Size], Cwd(0, Lookup)),
        Named(195, "llistxattr", [Path, OutBuffer, Size], Cwd(0, Lookup, Never)),
        Row(196, "flistxattr", Decision.Descriptor, Fd, OutBuffer, Size) with { Hot = true, Note = "Trapped only with a virtual file system." },
        Named(197, "removexattr", [Path, String], Cwd(0, Modify)),
        Named(198, "lremovexattr", [Path, String], Cwd(0, Modify, Never)),
        Row(199, "fremovexattr", Decision.Descriptor, Fd, String),
        Named(463, "setxattrat", [DirFd, Path, Flags, String, Struct, Size], At(1, Modify, UnlessAtNoFollow, 2, empty: true, @null: true)),
        Named(464, "getxattrat", [DirFd, Path, Flags, String, Struct, Size], At(1, Lookup, UnlessAtNoFollow, 2, empty: true, @null: true)),
        Named(465, "listxattrat", [DirFd, Path, Flags, OutBuffer, Size], At(1, Lookup, UnlessAtNoFollow, 2, empty: true, @null: true)),
        Named(466, "removexattrat", [DirFd, Path, Flags, String], At(1, Modify, UnlessAtNoFollow, 2, empty: true, @null: true)),
        Named(468, "file_getattr", [DirFd, Path, OutStruct, Size, Flags], At(1, Lookup, UnlessAtNoFollow, 4, empty: true, @null: true)),
        Named(469, "file_setattr", [DirFd, Path, Struct, Size, Flags], At(1, Modify, UnlessAtNoFollow, 4, empty: true, @null: true)),

        Free(253, "inotify_init"),
        Free(294, "inotify_init1", Flags),
        Named(254, "inotify_add_watch", [Fd, Path, Flags], Cwd(1, Lookup, UnlessInotifyDontFollow, 2)),
        Free(255, "inotify_rm_watch", Fd, Int),
        Free(300, "fanotify_init", Flags, Flags),
        Named(301, "fanotify_mark", [Fd, Flags, Flags, DirFd, Path], At(4, Lookup, UnlessFanotifyDontFollow, 1, @null: true)),

        Named(303, "name_to_handle_at", [DirFd, Path, Struct, OutStruct, Flags], At(1, Lookup, IfAtFollow, 4, empty: true)),
        Refused(304, "open_by_handle_at", Errno.EPERM, [Fd, Struct, Flags],
            "A handle names an inode, not a path, so no layer could tell whose it is; EPERM is what every caller without CAP_DAC_READ_SEARCH gets."),

        Named(179, "quotactl", [Request, Path, Id, Pointer], Cwd(1, Administer)) with { Note = QuotaNote },
        Free(443, "quotactl_fd", Fd, Request, Id, Pointer),
        Named(163, "acct", [Path], Cwd(0, Administer)) with { Note = "A NULL path switches accounting off and is passed on." },
        Named(167, "swapon", [Path, Flags], Cwd(0, Administer)),
        Named(168, "swapoff", [Path], Cwd(0, Administer)),
    ];
}
