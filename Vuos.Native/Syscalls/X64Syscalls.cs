namespace Vuos.Native.Syscalls;

/// <summary>Rows for x86-64 (arch/x86/entry/syscalls/syscall_64.tbl).</summary>
internal static class X64Syscalls
{
    public static IReadOnlyList<SyscallInfo> Rows() =>
    [
        new(0, "read", [ArgKind.Fd, ArgKind.OutBuffer, ArgKind.Size], Decision.Untouched),
    ];
}
