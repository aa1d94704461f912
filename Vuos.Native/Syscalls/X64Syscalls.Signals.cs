namespace Vuos.Native.Syscalls;

using static ArgKind;

/// <summary>Signals: the kernel delivers them, the tracer sees each once.</summary>
internal static partial class X64Syscalls
{
    private static IEnumerable<SyscallInfo> Signals =>
    [
        Free(13, "rt_sigaction", Signal, Struct, OutStruct, Size),
        Free(14, "rt_sigprocmask", Int, Struct, OutStruct, Size),
        Free(15, "rt_sigreturn"),
        Free(127, "rt_sigpending", OutStruct, Size),
        Free(128, "rt_sigtimedwait", Struct, OutStruct, Struct, Size),
        Free(129, "rt_sigqueueinfo", Pid, Signal, Struct),
        Free(297, "rt_tgsigqueueinfo", Pid, Pid, Signal, Struct),
        Free(130, "rt_sigsuspend", Struct, Size),
        Free(131, "sigaltstack", Struct, OutStruct),
        Free(34, "pause"),
        Free(62, "kill", Pid, Signal),
        Free(200, "tkill", Pid, Signal),
        Free(234, "tgkill", Pid, Pid, Signal),
        Free(424, "pidfd_send_signal", Fd, Signal, Struct, Flags),
        Free(219, "restart_syscall") with { Note = "Made by the kernel's restart of an interrupted call; never trapped." },
    ];
}
