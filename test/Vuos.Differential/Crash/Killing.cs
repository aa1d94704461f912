using System.Diagnostics;
using Vuos.Differential.Harness;
using Xunit;

namespace Vuos.Differential.Crash;

/// <summary>Ends a process of a run by SIGKILL at a moment that nothing is prepared for.</summary>
internal static class Killing
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Waits until the guest has printed "ready", then until its journal has grown, then for a moment less than one operation takes; kills, and waits for the end of the run.
    /// </summary>
    /// <param name="growth">Bytes of the journal.</param>
    /// <param name="victim">By the marker of the run; 0: there is none, which is a failure.</param>
    public static void AtRandom(Running running, string journal, long growth, Random random, Func<string, int> victim, string name)
    {
        var watch = Stopwatch.StartNew();
        while (!running.OutputNow().Contains("ready", StringComparison.Ordinal))
        {
            Assert.False(running.Ended(TimeSpan.FromMilliseconds(5)), $"{name}: {running.OutputNow()}{running.ErrorsNow()}");
            Assert.True(watch.Elapsed < Patience, $"{name}: the guest is not ready");
        }

        var killed = victim(running.Marker);
        Assert.True(killed != 0, $"{name}: the process to be killed is not there");
        var until = new FileInfo(journal).Length + growth;
        while (new FileInfo(journal).Length < until)
        {
            Assert.False(running.Ended(TimeSpan.Zero), $"{name}: {running.OutputNow()}{running.ErrorsNow()}");
            Assert.True(watch.Elapsed < Patience, $"{name}: the guest does not go on");
        }

        var moment = Stopwatch.GetTimestamp() + (random.Next(2000) * Stopwatch.Frequency / 1_000_000);
        while (Stopwatch.GetTimestamp() < moment)
            Thread.SpinWait(1);
        Posix.Kill(killed);
        Assert.True(running.Ended(Patience), $"{name}: the command did not end with what was killed");
        // The kernel kills the guest when its tracer has ended; that takes it a moment.
        while (Posix.Marked(running.Marker).Count > 0 && watch.Elapsed < Patience)
            Thread.Yield();
    }
}
