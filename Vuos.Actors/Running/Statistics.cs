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

    /// <summary>Bytes the tracer thread allocated while it waited for and carried out stops and notifications; messages between actors not included.</summary>
    public long Allocated { get; set; }

    /// <summary>Stops and notifications that allocated.</summary>
    public long Allocations { get; set; }

    public long Traps => Notifications + SeccompStops + ExitStops;

    /// <summary>Trapped calls by number; numbers beyond the table are counted at the end.</summary>
    public long[] Calls { get; } = new long[Numbers + 1];

    /// <summary>Nanoseconds the tracer spent deciding, by number.</summary>
    public long[] Time { get; } = new long[Numbers + 1];

    public static int Slot(int number) => (uint)number < Numbers ? number : Numbers;
}
