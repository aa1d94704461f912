namespace Vuos.Native.Syscalls;

using static ArgKind;

/// <summary>Clocks and timers. Reading a clock is mostly a vDSO call, which no filter sees.</summary>
internal static partial class X64Syscalls
{
    private const string LaterClock = "A later module (vumisc) traps it in guests with a virtual clock.";

    private static IEnumerable<SyscallInfo> Time =>
    [
        Free(96, "gettimeofday", OutStruct, OutStruct) with { Note = LaterClock },
        Free(164, "settimeofday", Struct, Struct) with { Note = LaterClock },
        Free(201, "time", OutStruct) with { Note = LaterClock },
        Free(227, "clock_settime", Clock, Struct) with { Note = LaterClock },
        Free(228, "clock_gettime", Clock, OutStruct) with { Note = LaterClock },
        Free(229, "clock_getres", Clock, OutStruct) with { Note = LaterClock },
        Free(230, "clock_nanosleep", Clock, Flags, Struct, OutStruct) with { Note = LaterClock },
        Free(305, "clock_adjtime", Clock, Struct) with { Note = LaterClock },
        Free(159, "adjtimex", Struct) with { Note = LaterClock },
        Free(35, "nanosleep", Struct, OutStruct),
        Free(36, "getitimer", Int, OutStruct),
        Free(38, "setitimer", Int, Struct, OutStruct),
        Free(37, "alarm", UInt),
        Free(100, "times", OutStruct),
        Free(222, "timer_create", Clock, Struct, OutStruct),
        Free(223, "timer_settime", Int, Flags, Struct, OutStruct),
        Free(224, "timer_gettime", Int, OutStruct),
        Free(225, "timer_getoverrun", Int),
        Free(226, "timer_delete", Int),
        Free(283, "timerfd_create", Clock, Flags),
        Free(286, "timerfd_settime", Fd, Flags, Struct, OutStruct),
        Free(287, "timerfd_gettime", Fd, OutStruct),
    ];
}
