using Vuos.Actors.Views;

namespace Vuos.Actors.Running;

/// <summary>Counters of the tracer thread; plain increments, read after the run or by messages.</summary>
internal sealed class Statistics
{
    public const int Numbers = 512;

    public long Births { get; set; }

    public long Execs { get; set; }

    public long Signals { get; set; }

    public long Notifications { get; set; }

    public long SeccompStops { get; set; }

    public long ExitStops { get; set; }

    public long Escalations { get; set; }

    /// <summary>Call sites of guests whose calls are decided in the guest.</summary>
    public long Sites { get; set; }

    /// <summary>Bytes the tracer thread allocated while it waited for and carried out stops and notifications; messages between actors not included.</summary>
    public long Allocated { get; set; }

    /// <summary>Stops and notifications that allocated.</summary>
    public long Allocations { get; set; }

    public long Traps => Notifications + SeccompStops + ExitStops;

    /// <summary>Trapped calls by number; numbers beyond the table are counted at the end.</summary>
    public long[] Calls { get; } = new long[Numbers + 1];

    /// <summary>Durations are taken: <c>--stats</c> asked for it. Looking at the clock is not free.</summary>
    public bool Timed { get; init; }

    /// <summary>How long deciding took, by number; null: not trapped so far.</summary>
    public Latencies?[] Decided { get; } = new Latencies?[Numbers + 1];

    /// <summary>How long the tracer was busy with events (ticks), deciding included.</summary>
    public Latencies Notified { get; } = new();

    /// <summary>The same for ptrace stops and for births, programs, signals and ends.</summary>
    public Latencies Stopped { get; } = new();

    /// <summary>How long guests waited for the answers of a layer, by epoch; 0: for mounts and other changes of the view.</summary>
    public SortedDictionary<long, (string Name, Latencies Waits)> Layers { get; } = [];

    public void Waited(Mount? layer, long ticks)
    {
        var epoch = layer?.Epoch ?? 0;
        if (!Layers.TryGetValue(epoch, out var entry))
            Layers[epoch] = entry = (layer is null ? "changes of the view" : BytePath.Display(layer.Target), new Latencies());
        entry.Waits.Add(ticks);
    }

    public static int Slot(int number) => (uint)number < Numbers ? number : Numbers;
}
