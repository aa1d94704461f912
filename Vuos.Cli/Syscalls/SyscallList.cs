using System.Text;
using Vuos.Native;
using Vuos.Native.Syscalls;

namespace Vuos.Cli;

/// <summary>One line a call: number, name, decision, what is refused, note.</summary>
internal static class SyscallList
{
    /// <summary>The lines of the calls that match, without a final newline.</summary>
    /// <param name="decision">Only calls with this decision; null: all.</param>
    /// <param name="names">Only these calls; empty: all.</param>
    public static string Text(Decision? decision, IReadOnlyCollection<string> names)
    {
        var text = new StringBuilder();
        foreach (var call in SyscallTable.All)
        {
            if ((decision is not null && call.Decision != decision) || (names.Count > 0 && !names.Contains(call.Name)))
                continue;
            var refusal = call.Refusal == Errno.None ? "" : call.Refusal.ToString();
            text.Append($"{call.Number,4}  {call.Name,-24}{call.Decision.ToString().ToLowerInvariant(),-12}{refusal,-12}{call.Note}".TrimEnd()).Append('\n');
        }
        return text.ToString().TrimEnd('\n');
    }
}
