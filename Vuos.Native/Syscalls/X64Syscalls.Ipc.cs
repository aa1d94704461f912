namespace Vuos.Native.Syscalls;

using static ArgKind;

/// <summary>System V and POSIX message passing, futexes, keys: named by numbers or in name spaces of their own, not by paths.</summary>
internal static partial class X64Syscalls
{
    private const string QueueName = "The name belongs to the mqueue file system of the IPC namespace: one component, not resolved as a path.";

    private static IEnumerable<SyscallInfo> Ipc =>
    [
        Free(29, "shmget", Int, Size, Flags),
        Free(30, "shmat", Int, Pointer, Flags),
        Free(31, "shmctl", Int, Request, Struct),
        Free(67, "shmdt", Pointer),
        Free(64, "semget", Int, Int, Flags),
        Free(65, "semop", Int, Struct, Size),
        Free(66, "semctl", Int, Int, Request, Pointer),
        Free(220, "semtimedop", Int, Struct, Size, Struct),
        Free(68, "msgget", Int, Flags),
        Free(69, "msgsnd", Int, Buffer, Size, Flags),
        Free(70, "msgrcv", Int, OutBuffer, Size, Int, Flags),
        Free(71, "msgctl", Int, Request, Struct),
        Free(240, "mq_open", String, Flags, Mode, Struct) with { Note = QueueName },
        Free(241, "mq_unlink", String) with { Note = QueueName },
        Free(242, "mq_timedsend", Fd, Buffer, Size, UInt, Struct),
        Free(243, "mq_timedreceive", Fd, OutBuffer, Size, OutStruct, Struct),
        Free(244, "mq_notify", Fd, Struct),
        Free(245, "mq_getsetattr", Fd, Struct, OutStruct),
        Free(202, "futex", Pointer, Request, UInt, Pointer, Pointer, UInt),
        Free(449, "futex_waitv", Struct, UInt, Flags, Struct, Clock),
        Free(454, "futex_wake", Pointer, Size, Int, Flags),
        Free(455, "futex_wait", Pointer, Size, Size, Flags, Struct, Clock),
        Free(456, "futex_requeue", Struct, Flags, Int, Int),
        Free(273, "set_robust_list", Struct, Size),
        Free(274, "get_robust_list", Pid, OutStruct, OutStruct),
        Free(248, "add_key", String, String, Buffer, Size, Id),
        Free(249, "request_key", String, String, String, Id),
        Free(250, "keyctl", Request, Pointer, Pointer, Pointer, Pointer),
    ];
}
