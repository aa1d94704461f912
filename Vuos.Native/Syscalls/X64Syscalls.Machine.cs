namespace Vuos.Native.Syscalls;

using static ArgKind;

/// <summary>The machine as a whole, and the numbers that are kept for calls no kernel has any more.</summary>
internal static partial class X64Syscalls
{
    private static IEnumerable<SyscallInfo> Machine =>
    [
        Free(63, "uname", OutStruct) with { Note = "A later module (vumisc) traps it." },
        Free(170, "sethostname", Buffer, Size),
        Free(171, "setdomainname", Buffer, Size),
        Free(99, "sysinfo", OutStruct),
        Free(103, "syslog", Request, OutBuffer, Size),
        Free(153, "vhangup"),
        Free(169, "reboot", UInt, UInt, Request, Pointer),
        Free(172, "iopl", UInt),
        Free(173, "ioperm", Size, Size, Int),
        Free(175, "init_module", Buffer, Size, String) with { Note = "Modules of the kernel; the hypervisor's come through vu_insmod." },
        Free(313, "finit_module", Fd, String, Flags) with { Note = "Modules of the kernel; the hypervisor's come through vu_insmod." },
        Free(176, "delete_module", String, Flags),
        Free(246, "kexec_load", Pointer, Size, Struct, Flags),
        Free(320, "kexec_file_load", Fd, Fd, Size, String, Flags),
        Free(318, "getrandom", OutBuffer, Size, Flags),
        Free(298, "perf_event_open", Struct, Pid, Int, Fd, Flags),
        Free(321, "bpf", Request, Struct, Size) with
        {
            Note = "BPF_OBJ_PIN and BPF_OBJ_GET carry a path in their struct; it stays the kernel's, since only its own bpf file system holds such objects.",
        },
        Free(212, "lookup_dcookie", UInt, OutBuffer, Size) with { Note = "Gone since 6.7." },
    ];

    private static IEnumerable<SyscallInfo> Removed =>
    [
        Row(134, "uselib", Decision.Invalid) with { Note = "Took a path, on i386 only." },
        Row(156, "_sysctl", Decision.Invalid) with { Note = "Gone since 5.5." },
        Row(174, "create_module", Decision.Invalid),
        Row(177, "get_kernel_syms", Decision.Invalid),
        Row(178, "query_module", Decision.Invalid),
        Row(180, "nfsservctl", Decision.Invalid),
        Row(181, "getpmsg", Decision.Invalid),
        Row(182, "putpmsg", Decision.Invalid),
        Row(183, "afs_syscall", Decision.Invalid),
        Row(184, "tuxcall", Decision.Invalid),
        Row(185, "security", Decision.Invalid),
        Row(205, "set_thread_area", Decision.Invalid) with { Note = "arch_prctl(2) does this on x86-64." },
        Row(211, "get_thread_area", Decision.Invalid) with { Note = "arch_prctl(2) does this on x86-64." },
        Row(214, "epoll_ctl_old", Decision.Invalid),
        Row(215, "epoll_wait_old", Decision.Invalid),
        Row(236, "vserver", Decision.Invalid),
    ];
}
