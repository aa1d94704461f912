using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Running;

/// <summary>What <c>--stats</c> prints when the run ends.</summary>
internal static class StatisticsText
{
    public static string Render(Statistics s)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture,
            $"vuos-actors: {s.Births} births, {s.Execs} programs, {s.Signals} signals; traps: {s.Notifications} notifications, {s.SeccompStops} stops, {s.ExitStops} exit stops, {s.Escalations} escalations\n");
        text.Append(CultureInfo.InvariantCulture,
            $"allocated {s.Allocated / Math.Max(1, s.Traps)} bytes per trap ({s.Allocated} bytes in {s.Allocations} events)\n");
        var rows = Enumerable.Range(0, Statistics.Numbers + 1).Where(i => s.Calls[i] > 0).OrderByDescending(i => s.Time[i]).ToArray();
        if (rows.Length == 0)
            return text.ToString();
        text.Append("call                      traps   decided in us\n");
        foreach (var row in rows)
            text.Append(CultureInfo.InvariantCulture, $"{Name(row),-22} {s.Calls[row],8} {Microseconds(s, row),15:F0}\n");
        text.Append("largest costs: ").AppendJoin(", ", rows.Take(3).Select(r => $"{Name(r)} ({Microseconds(s, r).ToString("F0", CultureInfo.InvariantCulture)} us)")).Append('\n');
        return text.ToString();
    }

    private static string Name(int slot) => slot < Statistics.Numbers ? SyscallTable.Find(slot)?.Name ?? slot.ToString(CultureInfo.InvariantCulture) : "control";

    private static double Microseconds(Statistics s, int slot) => s.Time[slot] * 1e6 / Stopwatch.Frequency;
}
