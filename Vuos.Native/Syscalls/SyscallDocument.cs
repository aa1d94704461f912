using System.Globalization;
using System.Text;

namespace Vuos.Native.Syscalls;

/// <summary>Renders the table for people: <c>docs/syscalls.md</c> and the <c>syscalls</c> command.</summary>
public static class SyscallDocument
{
    private static readonly string[] Heads = ["number", "call", "decision", "seen by", "note"];

    /// <summary>The whole table as a Markdown page, ending in a newline; <c>docs/syscalls.md</c> is this text.</summary>
    public static string Markdown()
    {
        var text = new StringBuilder("""
            # System calls

            Every system call of x86-64 and what vuos-actors does about it. Written by `SyscallDocument.Markdown()` from the rows in
            `Vuos.Native/Syscalls/X64Syscalls*.cs`; a test compares the two. `vuos-actors syscalls` prints the same table.

            *Seen by* says how the hypervisor sees a call: `notification` is a seccomp notification (a ptrace stop on kernels without), `stop` a
            ptrace stop, `event` a ptrace event, `filter` means that the filter itself answers with the errno shown, and `-` that the call
            always runs at native speed. Apart from mounts and changes of root and namespaces, which are watched from the start, no call is
            stopped before a layer needs it.
            Calls of 32-bit programs (`int 0x80`) are not listed and not trapped: such a program sees the host, and the log says so when it starts. x32
            calls (the numbers from 0x40000000 on) give ENOSYS once a layer is mounted, as on a kernel without x32.
            In the signatures `[path]` marks a path that is resolved in the view.


            """);
        foreach (var (decision, count) in SyscallTable.All.CountBy(static s => s.Decision).OrderBy(static p => p.Key))
            text.Append(CultureInfo.InvariantCulture, $"- {Word(decision)}: {count}\n");
        text.Append('\n').Append("| ").AppendJoin(" | ", Heads).Append(" |\n").Append("|---:|---|---|---|---|\n");
        foreach (var call in SyscallTable.All)
        {
            var cells = Cells(call);
            cells[1] = $"`{Signature(call)}`";
            text.Append("| ").AppendJoin(" | ", cells.Select(static c => c.Replace("|", "\\|"))).Append(" |\n");
        }
        return text.ToString();
    }

    /// <summary>
    /// The table as aligned text, one call a line. <paramref name="filter"/> keeps the calls whose name contains it or whose decision,
    /// transport or number it is, ignoring case; null or empty keeps all. Nothing found gives an empty string.
    /// </summary>
    public static string Text(string? filter = null)
    {
        var rows = SyscallTable.All.Where(s => Matches(s, filter)).Select(Cells).ToList();
        if (rows.Count == 0)
            return "";
        rows.Insert(0, [.. Heads]);
        var widths = Enumerable.Range(0, Heads.Length).Select(i => rows.Max(r => r[i].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            var line = new StringBuilder(row[0].PadLeft(widths[0]));
            for (var i = 1; i < row.Length; i++)
                line.Append("  ").Append(row[i].PadRight(widths[i]));
            text.Append(line.ToString().TrimEnd()).Append('\n');
        }
        return text.ToString();
    }

    private static bool Matches(SyscallInfo call, string? filter) =>
        string.IsNullOrEmpty(filter)
        || call.Name.Contains(filter, StringComparison.OrdinalIgnoreCase)
        || Word(call.Decision).Equals(filter, StringComparison.OrdinalIgnoreCase)
        || Word(call.Transport).Equals(filter, StringComparison.OrdinalIgnoreCase)
        || call.Number.ToString(CultureInfo.InvariantCulture) == filter;

    private static string[] Cells(SyscallInfo call) =>
    [
        call.Number.ToString(CultureInfo.InvariantCulture),
        call.Name,
        Word(call.Decision),
        call.Decision == Decision.Unsupported ? $"{Word(call.Transport)}: {call.Refusal}" : Word(call.Transport),
        call.Note,
    ];

    private static string Signature(SyscallInfo call)
    {
        var arguments = call.Args.Select((kind, i) => call.Paths.Any(p => p.Index == i) ? "[path]" : Word(kind));
        return $"{call.Name}({string.Join(", ", arguments)})";
    }

    private static string Word(Transport transport) => transport == Transport.None ? "-" : Word<Transport>(transport);

    private static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
