using System.Text;
using Vuos.Native.Syscalls;

namespace Vuos.Cli;

/// <summary>Picks lines from the table of <see cref="SyscallDocument"/>.</summary>
internal static class SyscallList
{
    /// <summary>The head and the lines that match, without a final newline; "" if none does.</summary>
    /// <param name="decision">Only calls with this decision; null: all.</param>
    /// <param name="names">Only calls whose name contains one of these; empty: all.</param>
    public static string Text(Decision? decision, IReadOnlyCollection<string> names)
    {
        // The document has its head first and then one line a call, in the order of the table.
        var lines = SyscallDocument.Text().Split('\n');
        var text = new StringBuilder();
        for (var i = 0; i < SyscallTable.All.Length; i++)
            if (Matches(SyscallTable.All[i], decision, names))
                text.Append('\n').Append(lines[i + 1]);
        return text.Length == 0 ? "" : lines[0] + text;
    }

    private static bool Matches(SyscallInfo call, Decision? decision, IReadOnlyCollection<string> names) =>
        (decision is null || call.Decision == decision)
        && (names.Count == 0 || names.Any(n => call.Name.Contains(n, StringComparison.OrdinalIgnoreCase)));
}
