namespace Vuos.Native.Syscalls;

using static ArgKind;

/// <summary>Life and death of processes, what confines and traces them, and scheduling.</summary>
internal static partial class X64Syscalls
{
    private static IEnumerable<SyscallInfo> Process =>
    [
        Row(56, "clone", Decision.Process, Flags, Pointer, OutStruct, OutStruct, Pointer) with
        {
            Event = true,
            Note = "Trapped only with CLONE_UNTRACED, which is taken out: the child would leave the view.",
        },
        Row(435, "clone3", Decision.Process, Struct, Size) with
        {
            Event = true,
            Note = "The flags are in memory, where a filter cannot see CLONE_UNTRACED, and every thread is made by this call: a guest that sets it there loses the "
                + "child, whose trapped calls then fail with ENOSYS.",
        },
        Row(57, "fork", Decision.Process) with { Event = true },
        Row(58, "vfork", Decision.Process) with { Event = true },
        Row(60, "exit", Decision.Process, Int) with { Event = true },
        Row(231, "exit_group", Decision.Process, Int) with { Event = true, Note = "Trapped as close is, as it closes every descriptor." },
        Free(61, "wait4", Pid, OutStruct, Flags, OutStruct),
        Free(247, "waitid", Int, Id, OutStruct, Flags, OutStruct),
        Free(39, "getpid"),
        Free(110, "getppid"),
        Free(186, "gettid"),
        Free(218, "set_tid_address", Pointer),
        Free(109, "setpgid", Pid, Pid),
        Free(111, "getpgrp"),
        Free(121, "getpgid", Pid),
        Free(112, "setsid"),
        Free(124, "getsid", Pid),
        Free(434, "pidfd_open", Pid, Flags),
        Free(438, "pidfd_getfd", Fd, Fd, Flags) with { Note = "Needs PTRACE_MODE_ATTACH, which a guest has over another guest as outside." },
        Free(312, "kcmp", Pid, Pid, Int, Id, Id),
        Row(101, "ptrace", Decision.Process, Request, Pid, Pointer, Pointer) with
        {
            Note = "A thread has one tracer, and guests have the hypervisor: without help a guest's own tracing is EPERM.",
        },
        Row(157, "prctl", Decision.Process, Request, Pointer, Pointer, Pointer, Pointer) with
        {
            Note = "Few requests matter: PR_SET_SECCOMP (noted: from then on nothing is decided in the guest), PR_SET_NO_NEW_PRIVS, PR_SET_MM_EXE_FILE, PR_SET_DUMPABLE.",
        },
        Row(317, "seccomp", Decision.Process, Request, Flags, Struct) with
        {
            Note = "A filter chain has one listener: where the hypervisor holds it, SECCOMP_FILTER_FLAG_NEW_LISTENER of a guest is EBUSY. Noted: from then on nothing is decided in the guest, as its filter may refuse the calls that takes.",
        },
        Free(158, "arch_prctl", Request, Pointer),
        Free(135, "personality", Flags),
        Free(154, "modify_ldt", Int, Pointer, Size),
        Free(334, "rseq", Struct, UInt, Flags, UInt),
        Free(471, "rseq_slice_yield"),
        Free(335, "uretprobe") with { Note = "Made by a trampoline the kernel maps, never by a program; a trap there would kill the guest." },
        Free(336, "uprobe") with { Note = "Made by a trampoline the kernel maps, never by a program; a trap there would kill the guest." },

        Free(444, "landlock_create_ruleset", Struct, Size, Flags),
        Free(445, "landlock_add_rule", Fd, Int, Struct, Flags) with { Note = "Rules hold descriptors: what a layer shows is judged by its source." },
        Row(446, "landlock_restrict_self", Decision.Process, Fd, Flags) with
        {
            Note = "Confines what is opened by injection or under a translated name too, so a layer may stop working in that guest.",
        },
        Free(459, "lsm_get_self_attr", UInt, OutBuffer, Struct, Flags),
        Free(460, "lsm_set_self_attr", UInt, Struct, Size, Flags),
        Free(461, "lsm_list_modules", OutBuffer, Struct, Flags),
    ];

    private static IEnumerable<SyscallInfo> Scheduling =>
    [
        Free(24, "sched_yield"),
        Free(142, "sched_setparam", Pid, Struct),
        Free(143, "sched_getparam", Pid, OutStruct),
        Free(144, "sched_setscheduler", Pid, Int, Struct),
        Free(145, "sched_getscheduler", Pid),
        Free(146, "sched_get_priority_max", Int),
        Free(147, "sched_get_priority_min", Int),
        Free(148, "sched_rr_get_interval", Pid, OutStruct),
        Free(314, "sched_setattr", Pid, Struct, Flags),
        Free(315, "sched_getattr", Pid, OutStruct, Size, Flags),
        Free(203, "sched_setaffinity", Pid, Size, Struct),
        Free(204, "sched_getaffinity", Pid, Size, OutStruct),
        Free(309, "getcpu", OutStruct, OutStruct, Pointer),
        Free(140, "getpriority", Int, Id),
        Free(141, "setpriority", Int, Id, Int),
        Free(251, "ioprio_set", Int, Id, Int),
        Free(252, "ioprio_get", Int, Id),
        Free(97, "getrlimit", Int, OutStruct),
        Free(160, "setrlimit", Int, Struct),
        Free(302, "prlimit64", Pid, Int, Struct, OutStruct),
        Free(98, "getrusage", Int, OutStruct),
    ];
}
