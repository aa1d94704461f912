using System.Diagnostics;
using System.Numerics;

namespace Vuos.Actors.Running;

/// <summary>A histogram of durations: four buckets a power of two, so a percentile is too large by at most a quarter. Adding allocates nothing.</summary>
internal sealed class Latencies
{
    private const int Fine = 4, Buckets = 40 * Fine;

    private readonly long[] counts = new long[Buckets];

    public long Count { get; private set; }

    /// <summary>Sum in ticks of <see cref="Stopwatch"/>.</summary>
    public long Total { get; private set; }

    public void Add(long ticks)
    {
        ticks = Math.Max(ticks, Fine);
        var octave = BitOperations.Log2((ulong)ticks);
        var bucket = ((octave - 2) * Fine) + (int)((ticks >> (octave - 2)) & (Fine - 1));
        counts[Math.Min(bucket, Buckets - 1)]++;
        Count++;
        Total += ticks;
    }

    /// <summary>Upper end, in microseconds, of the bucket below which <paramref name="share"/> (0…1) of the durations lie; 0 if there are none.</summary>
    public double Percentile(double share)
    {
        var wanted = (long)Math.Ceiling(Count * share);
        var seen = 0L;
        for (var bucket = 0; bucket < Buckets && Count > 0; bucket++)
        {
            seen += counts[bucket];
            if (seen >= wanted)
                return Microseconds((long)(Fine + (bucket % Fine) + 1) << (bucket / Fine));
        }

        return 0;
    }

    public static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;
}
