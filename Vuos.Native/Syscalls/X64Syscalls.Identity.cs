namespace Vuos.Native.Syscalls;

using static ArgKind;

/// <summary>User and group ids, capabilities.</summary>
internal static partial class X64Syscalls
{
    private const string LaterIds = "A later module (unrealuidgid) traps it.";

    private static IEnumerable<SyscallInfo> Identity =>
    [
        Free(102, "getuid") with { Note = LaterIds },
        Free(104, "getgid") with { Note = LaterIds },
        Free(107, "geteuid") with { Note = LaterIds },
        Free(108, "getegid") with { Note = LaterIds },
        Free(118, "getresuid", OutStruct, OutStruct, OutStruct) with { Note = LaterIds },
        Free(120, "getresgid", OutStruct, OutStruct, OutStruct) with { Note = LaterIds },
        Free(115, "getgroups", Int, OutBuffer) with { Note = LaterIds },
        Free(125, "capget", Struct, OutStruct) with { Note = LaterIds },
        Row(105, "setuid", Decision.Identity, Id),
        Row(106, "setgid", Decision.Identity, Id),
        Row(113, "setreuid", Decision.Identity, Id, Id),
        Row(114, "setregid", Decision.Identity, Id, Id),
        Row(117, "setresuid", Decision.Identity, Id, Id, Id),
        Row(119, "setresgid", Decision.Identity, Id, Id, Id),
        Row(122, "setfsuid", Decision.Identity, Id),
        Row(123, "setfsgid", Decision.Identity, Id),
        Row(116, "setgroups", Decision.Identity, Int, Struct),
        Row(126, "capset", Decision.Identity, Struct, Struct),
    ];
}
