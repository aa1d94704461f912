namespace Vuos.Native.Syscalls;

/// <summary>
/// Rows for x86-64 (arch/x86/entry/syscalls/syscall_64.tbl, up to 471 of kernel 7.0), one file an area. Argument order and kinds are those
/// of the kernel's entry points, which differ from glibc's wrappers in places: <c>faccessat</c> and <c>fchmodat</c> have no flags here.
/// The x32 numbers (512…547, and everything with bit 30 set) belong to another ABI and are not in the table.
/// </summary>
internal static partial class X64Syscalls
{
    public static IReadOnlyList<SyscallInfo> Rows() =>
    [
        .. Files, .. Names, .. Attributes, .. Mounts, .. Data, .. Events, .. Memory, .. Network, .. Process, .. Scheduling, .. Identity,
        .. Signals, .. Time, .. Ipc, .. Machine, .. Removed,
    ];

    /// <summary>A call that names nothing a view can change.</summary>
    private static SyscallInfo Free(int number, string name, params ReadOnlySpan<ArgKind> args) =>
        new(number, name, [.. args], Decision.Untouched);

    /// <summary>A call with a decision but without path arguments.</summary>
    private static SyscallInfo Row(int number, string name, Decision decision, params ReadOnlySpan<ArgKind> args) =>
        new(number, name, [.. args], decision);

    /// <summary>A call that takes paths.</summary>
    private static SyscallInfo Named(int number, string name, ReadOnlySpan<ArgKind> args, params ReadOnlySpan<PathArgument> paths) =>
        new(number, name, [.. args], Decision.Path) { Paths = [.. paths] };

    /// <summary>A call a layer cannot answer, refused with an errno its callers have a fallback for.</summary>
    private static SyscallInfo Refused(int number, string name, Errno refusal, ReadOnlySpan<ArgKind> args, string note) =>
        new(number, name, [.. args], Decision.Unsupported) { Refusal = refusal, Note = note };

    /// <summary>A path relative to the working directory.</summary>
    private static PathArgument Cwd(int index, PathUse use, LinkRule follow = LinkRule.Always, int flags = -1) =>
        new(index, -1, follow, flags, use);

    /// <summary>A path relative to the descriptor in the argument before it, as every *at call has it.</summary>
    private static PathArgument At(int index, PathUse use, LinkRule follow, int flags = -1, bool empty = false, bool @null = false) =>
        new(index, index - 1, follow, flags, use, empty, @null);
}
