namespace Vuos.Native.Syscalls;

using static ArgKind;

/// <summary>Address spaces.</summary>
internal static partial class X64Syscalls
{
    private static IEnumerable<SyscallInfo> Memory =>
    [
        Row(9, "mmap", Decision.Descriptor, Pointer, Size, Flags, Flags, Fd, Offset) with { Hot = true, Note = "Trapped as read is, where a file is mapped: a shared mapping of a file without pages (direct I/O) gives ENODEV." },
        Free(10, "mprotect", Pointer, Size, Flags),
        Free(11, "munmap", Pointer, Size),
        Free(12, "brk", Pointer),
        Free(25, "mremap", Pointer, Size, Size, Flags, Pointer),
        Row(26, "msync", Decision.Descriptor, Pointer, Size, Flags) with { Hot = true, Note = "Trapped as close is: with MS_SYNC what was changed reaches the file system." },
        Free(27, "mincore", Pointer, Size, OutBuffer),
        Free(28, "madvise", Pointer, Size, Int),
        Free(440, "process_madvise", Fd, IoVec, Size, Int, Flags),
        Free(149, "mlock", Pointer, Size),
        Free(325, "mlock2", Pointer, Size, Flags),
        Free(150, "munlock", Pointer, Size),
        Free(151, "mlockall", Flags),
        Free(152, "munlockall"),
        Free(216, "remap_file_pages", Pointer, Size, Flags, Size, Flags),
        Free(329, "pkey_mprotect", Pointer, Size, Flags, Int),
        Free(330, "pkey_alloc", Flags, UInt),
        Free(331, "pkey_free", Int),
        Free(447, "memfd_secret", Flags),
        Free(453, "map_shadow_stack", Pointer, Size, Flags),
        Free(462, "mseal", Pointer, Size, Flags),
        Free(237, "mbind", Pointer, Size, Int, Struct, Size, Flags),
        Free(238, "set_mempolicy", Int, Struct, Size),
        Free(239, "get_mempolicy", OutStruct, OutStruct, Size, Pointer, Flags),
        Free(450, "set_mempolicy_home_node", Pointer, Size, UInt, Flags),
        Free(256, "migrate_pages", Pid, Size, Struct, Struct),
        Free(279, "move_pages", Pid, Size, Pointer, Struct, OutStruct, Flags),
        Free(324, "membarrier", Int, Flags, Int),
        Free(310, "process_vm_readv", Pid, IoVec, Size, IoVec, Size, Flags),
        Free(311, "process_vm_writev", Pid, IoVec, Size, IoVec, Size, Flags),
        Free(448, "process_mrelease", Fd, Flags),
    ];
}
