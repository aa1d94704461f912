using System.Collections.Immutable;

namespace Vuos.Native.Syscalls;

/// <summary>
/// The one table of system calls of the running architecture. Filters, decoding, the <c>syscalls</c> command and the documentation
/// derive from it; the rows are in <c>X64Syscalls*.cs</c>, and another architecture is another set of rows.
/// </summary>
public static partial class SyscallTable
{
    private static readonly SyscallInfo?[] ByNumber = Index();

    /// <summary>All calls in the order of their numbers.</summary>
    public static ImmutableArray<SyscallInfo> All { get; } = [.. ByNumber.Where(static s => s is not null).Select(static s => s!)];

    /// <summary>One more than the highest number.</summary>
    public static int Limit => ByNumber.Length;

    /// <summary>The call with this number, or null if the architecture has none.</summary>
    public static SyscallInfo? Find(long number) => (ulong)number < (ulong)ByNumber.Length ? ByNumber[number] : null;

    /// <summary>The call with this kernel name, or null.</summary>
    public static SyscallInfo? Find(string name) => Array.Find(ByNumber, s => s?.Name == name);

    private static SyscallInfo?[] Index()
    {
        var rows = X64Syscalls.Rows();
        var table = new SyscallInfo?[rows.Max(static r => r.Number) + 1];
        foreach (var row in rows)
            table[row.Number] = row;
        return table;
    }
}
