namespace Vuos.Native.Syscalls;

using static ArgKind;

/// <summary>Moving bytes through descriptors. Descriptors are real kernel objects, so data moves untrapped; only what a union adds to them is looked at.</summary>
internal static partial class X64Syscalls
{
    private const string Ring = "A ring opens and renames without making system calls, so it would walk around the view; libraries fall back to epoll and threads.";

    private const string DirectoryNote = "Trapped only with a union (merge, cow, mincow), whose directories are made of two. A mount point that does not exist below its layer is reachable by name and absent here.";

    private const string DataNote = "Trapped only in processes that have a file without a kernel object for its content open: direct I/O, partitions, files larger than the content cache.";

    private const string MoveNote = "Trapped as read is; EINVAL on such a file, after which callers read and write.";

    private const string CloseNote = "Trapped only in processes that have a file of a virtual file system open for writing: what was written is given to the file system, and its error is told.";

    private const string SyncNote = "Trapped only with a virtual file system, which is given what was written and asked to store it.";

    private static IEnumerable<SyscallInfo> Data =>
    [
        Row(0, "read", Decision.Descriptor, Fd, OutBuffer, Size) with { Hot = true, Note = DataNote },
        Row(1, "write", Decision.Descriptor, Fd, Buffer, Size) with { Hot = true, Note = DataNote },
        Row(3, "close", Decision.Descriptor, Fd) with { Hot = true, Note = CloseNote },
        Free(436, "close_range", UInt, UInt, Flags),
        Row(5, "fstat", Decision.Descriptor, Fd, OutStruct) with
        {
            Hot = true,
            Note = "A grafted descriptor has the device and inode numbers of its source, as with a kernel bind mount. Trapped only with a union (merge, cow, mincow), for the owners and modes recorded there.",
        },
        Row(8, "lseek", Decision.Descriptor, Fd, Offset, Int) with { Hot = true, Note = DataNote },
        Row(16, "ioctl", Decision.Descriptor, Fd, Request, Pointer) with
        {
            Note = "Trapped only for requests that change an inode through a descriptor opened for reading (FS_IOC_SETFLAGS and its kind): EROFS in a read-only layer; EOPNOTSUPP on a file that a layer must copy first.",
        },
        Row(17, "pread64", Decision.Descriptor, Fd, OutBuffer, Size, Offset) with { Hot = true, Note = DataNote },
        Row(18, "pwrite64", Decision.Descriptor, Fd, Buffer, Size, Offset) with { Hot = true, Note = DataNote },
        Row(19, "readv", Decision.Descriptor, Fd, IoVec, Size) with { Hot = true, Note = DataNote },
        Row(20, "writev", Decision.Descriptor, Fd, IoVec, Size) with { Hot = true, Note = DataNote },
        Row(295, "preadv", Decision.Descriptor, Fd, IoVec, Size, Offset, Offset) with { Hot = true, Note = DataNote },
        Row(296, "pwritev", Decision.Descriptor, Fd, IoVec, Size, Offset, Offset) with { Hot = true, Note = DataNote },
        Row(327, "preadv2", Decision.Descriptor, Fd, IoVec, Size, Offset, Offset, Flags) with { Hot = true, Note = DataNote },
        Row(328, "pwritev2", Decision.Descriptor, Fd, IoVec, Size, Offset, Offset, Flags) with { Hot = true, Note = DataNote },
        Row(40, "sendfile", Decision.Descriptor, Fd, Fd, Struct, Size) with { Hot = true, Note = MoveNote },
        Row(275, "splice", Decision.Descriptor, Fd, Struct, Fd, Struct, Size, Flags) with { Hot = true, Note = MoveNote },
        Free(276, "tee", Fd, Fd, Size, Flags),
        Free(278, "vmsplice", Fd, IoVec, Size, Flags),
        Row(326, "copy_file_range", Decision.Descriptor, Fd, Struct, Fd, Struct, Size, Flags) with { Hot = true, Note = MoveNote },
        Free(187, "readahead", Fd, Offset, Size),
        Free(221, "fadvise64", Fd, Offset, Size, Int),
        Free(451, "cachestat", Fd, Struct, OutStruct, Flags),

        Row(78, "getdents", Decision.Descriptor, Fd, OutBuffer, Size) with { Hot = true, Note = DirectoryNote },
        Row(217, "getdents64", Decision.Descriptor, Fd, OutBuffer, Size) with { Hot = true, Note = DirectoryNote },

        Free(32, "dup", Fd),
        Row(33, "dup2", Decision.Descriptor, Fd, Fd) with { Hot = true, Note = CloseNote },
        Row(292, "dup3", Decision.Descriptor, Fd, Fd, Flags) with { Hot = true, Note = CloseNote },
        Free(72, "fcntl", Fd, Request, Pointer),
        Free(73, "flock", Fd, Int),
        Free(22, "pipe", OutStruct),
        Free(293, "pipe2", OutStruct, Flags),
        Free(319, "memfd_create", String, Flags) with { Note = "The name is a label, not a path." },

        Row(74, "fsync", Decision.Descriptor, Fd) with { Hot = true, Note = SyncNote },
        Row(75, "fdatasync", Decision.Descriptor, Fd) with { Hot = true, Note = SyncNote },
        Free(162, "sync"),
        Row(306, "syncfs", Decision.Descriptor, Fd) with { Hot = true, Note = SyncNote },
        Row(277, "sync_file_range", Decision.Descriptor, Fd, Offset, Offset, Flags) with { Hot = true, Note = SyncNote },

        Free(206, "io_setup", UInt, OutStruct),
        Free(207, "io_destroy", Pointer),
        Free(208, "io_getevents", Pointer, Int, Int, OutBuffer, Struct),
        Free(333, "io_pgetevents", Pointer, Int, Int, OutBuffer, Struct, Struct),
        Free(209, "io_submit", Pointer, Int, Pointer),
        Free(210, "io_cancel", Pointer, Struct, OutStruct),
        Refused(425, "io_uring_setup", Errno.ENOSYS, [UInt, Struct], Ring),
        Refused(426, "io_uring_enter", Errno.ENOSYS, [Fd, UInt, UInt, Flags, Pointer, Size], Ring),
        Refused(427, "io_uring_register", Errno.ENOSYS, [Fd, Request, Pointer, UInt], Ring),
    ];

    private static IEnumerable<SyscallInfo> Events =>
    [
        Free(7, "poll", Struct, UInt, Int),
        Free(271, "ppoll", Struct, UInt, Struct, Struct, Size),
        Free(23, "select", Int, Struct, Struct, Struct, Struct),
        Free(270, "pselect6", Int, Struct, Struct, Struct, Struct, Struct),
        Free(213, "epoll_create", Int),
        Free(291, "epoll_create1", Flags),
        Free(233, "epoll_ctl", Fd, Request, Fd, Struct),
        Free(232, "epoll_wait", Fd, OutBuffer, Int, Int),
        Free(281, "epoll_pwait", Fd, OutBuffer, Int, Int, Struct, Size),
        Free(441, "epoll_pwait2", Fd, OutBuffer, Int, Struct, Struct, Size),
        Free(284, "eventfd", UInt),
        Free(290, "eventfd2", UInt, Flags),
        Free(282, "signalfd", Fd, Struct, Size),
        Free(289, "signalfd4", Fd, Struct, Size, Flags),
        Free(323, "userfaultfd", Flags),
    ];
}
