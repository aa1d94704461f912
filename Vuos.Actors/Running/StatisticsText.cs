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
            $"vuos-actors: {s.Births} births, {s.Execs} programs, {s.Signals} signals; traps: {s.Notifications} notifications, {s.SeccompStops} stops, {s.ExitStops} exit stops, {s.Escalations} escalations; {s.Sites} call sites decide in the guest\n");
        text.Append(CultureInfo.InvariantCulture,
            $"allocated {s.Allocated / Math.Max(1, s.Traps)} bytes per trap ({s.Allocated} bytes in {s.Allocations} events)\n");
        var rows = Enumerable.Range(0, Statistics.Numbers + 1).Where(i => s.Decided[i] is not null).OrderByDescending(i => s.Decided[i]!.Total).ToArray();
        var decided = rows.Sum(i => s.Decided[i]!.Total);
        text.Append("us, without the switches to the hypervisor and back\n");
        text.Append("event                     count           total        p50        p99\n");
        Line(text, "notifications", s.Notified);
        Line(text, "stops and events", s.Stopped);
        List<(string Name, long Ticks)> costs = [("transport", Math.Max(0, s.Notified.Total + s.Stopped.Total - decided))];
        if (rows.Length > 0)
            text.Append("call                      traps   decided in us        p50        p99\n");
        foreach (var row in rows)
        {
            Line(text, Name(row), s.Decided[row]!);
            costs.Add((Name(row), s.Decided[row]!.Total));
        }

        if (s.Layers.Count > 0)
            text.Append("layer                   answers   waited for us        p50        p99\n");
        foreach (var (name, waits) in s.Layers.Values)
        {
            Line(text, name, waits);
            costs.Add(($"waiting for {name}", waits.Total));
        }

        text.Append("largest costs: ")
            .AppendJoin(", ", costs.OrderByDescending(static c => c.Ticks).Take(3).Select(static c => string.Create(CultureInfo.InvariantCulture, $"{c.Name} ({Latencies.Microseconds(c.Ticks):F0} us)")))
            .Append('\n');
        return text.ToString();
    }

    private static void Line(StringBuilder text, string name, Latencies times) => text.Append(CultureInfo.InvariantCulture,
        $"{name,-22} {times.Count,8} {Latencies.Microseconds(times.Total),15:F0} {times.Percentile(0.5),10:F1} {times.Percentile(0.99),10:F1}\n");

    private static string Name(int slot) => slot < Statistics.Numbers ? SyscallTable.Find(slot)?.Name ?? slot.ToString(CultureInfo.InvariantCulture) : "control";
}
