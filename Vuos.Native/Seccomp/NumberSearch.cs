namespace Vuos.Native.Seccomp;

/// <summary>A balanced search of the loaded word in ranges that do not overlap; everything between them is <paramref name="other"/>.</summary>
internal sealed class NumberSearch(FilterGraph graph, int other)
{
    private readonly List<Range> _ranges = [];

    public void Add(uint first, uint last, int node) => _ranges.Add(new Range(first, last, node));

    public int Compile()
    {
        // Consecutive segments that cover all 2^32 values, neighbours with the same node joined.
        var segments = new List<Segment>();
        ulong next = 0;
        _ranges.Sort(static (a, b) => a.First.CompareTo(b.First));
        foreach (var (first, last, node) in _ranges)
        {
            if (first > next)
                Append((uint)next, other);
            Append(first, node);
            next = last + 1UL;
        }
        if (next <= uint.MaxValue)
            Append((uint)next, other);
        return Split(0, segments.Count);

        void Append(uint first, int node)
        {
            if (segments.Count == 0 || segments[^1].Node != node)
                segments.Add(new Segment(first, node));
        }

        int Split(int from, int to)
        {
            if (to - from == 1)
                return segments[from].Node;
            // A lone number between two equal neighbours needs one test, not two.
            if (to - from == 3 && segments[from].Node == segments[from + 2].Node && segments[from + 2].First == segments[from + 1].First + 1)
                return graph.Test(BpfCode.JumpEqual, segments[from + 1].First, segments[from + 1].Node, segments[from].Node);
            var middle = (from + to) / 2;
            return graph.Test(BpfCode.JumpAtLeast, segments[middle].First, Split(middle, to), Split(from, middle));
        }
    }

    private sealed record Range(uint First, uint Last, int Node);

    private sealed record Segment(uint First, int Node);
}
