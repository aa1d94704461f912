using System.Collections.Immutable;

namespace Vuos.Actors.Virtual.Content;

/// <summary>A set of offsets, as ranges [begin, end) that neither overlap nor touch, in order. A value: changing it makes another, so it can be read without a lock.</summary>
internal sealed class RangeSet
{
    public static readonly RangeSet Empty = new([]);

    private readonly ImmutableArray<(long Begin, long End)> _ranges;

    private RangeSet(ImmutableArray<(long, long)> ranges) => _ranges = ranges;

    public ImmutableArray<(long Begin, long End)> Ranges => _ranges;

    public bool IsEmpty => _ranges.IsEmpty;

    public bool Contains(long begin, long end)
    {
        if (begin >= end)
            return true;
        var i = FirstEndingAfter(begin);
        return i < _ranges.Length && _ranges[i].Begin <= begin && _ranges[i].End >= end;
    }

    public RangeSet Add(long begin, long end)
    {
        if (begin >= end || Contains(begin, end))
            return this;
        // Those that touch it melt into it.
        var first = FirstEndingAfter(begin - 1);
        var next = first;
        while (next < _ranges.Length && _ranges[next].Begin <= end)
        {
            begin = Math.Min(begin, _ranges[next].Begin);
            end = Math.Max(end, _ranges[next].End);
            next++;
        }

        return new RangeSet(_ranges.RemoveRange(first, next - first).Insert(first, (begin, end)));
    }

    public RangeSet Remove(long begin, long end)
    {
        var first = FirstEndingAfter(begin);
        var next = first;
        var left = ImmutableArray.CreateBuilder<(long, long)>(2);
        while (next < _ranges.Length && _ranges[next].Begin < end)
        {
            if (_ranges[next].Begin < begin)
                left.Add((_ranges[next].Begin, begin));
            if (_ranges[next].End > end)
                left.Add((end, _ranges[next].End));
            next++;
        }

        return begin >= end || next == first ? this : new RangeSet(_ranges.RemoveRange(first, next - first).InsertRange(first, left));
    }

    /// <summary>What of [begin, end) is in the set.</summary>
    public IEnumerable<(long Begin, long End)> Within(long begin, long end)
    {
        for (var i = FirstEndingAfter(begin); i < _ranges.Length && _ranges[i].Begin < end; i++)
            yield return (Math.Max(begin, _ranges[i].Begin), Math.Min(end, _ranges[i].End));
    }

    /// <summary>What of [begin, end) is not in the set.</summary>
    public IEnumerable<(long Begin, long End)> Missing(long begin, long end)
    {
        foreach (var (from, to) in Within(begin, end))
        {
            if (begin < from)
                yield return (begin, from);
            begin = to;
        }

        if (begin < end)
            yield return (begin, end);
    }

    private int FirstEndingAfter(long offset)
    {
        int low = 0, high = _ranges.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_ranges[middle].End > offset)
                high = middle;
            else
                low = middle + 1;
        }

        return low;
    }
}
