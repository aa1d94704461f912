namespace Vuos.Specs.Matching;

/// <summary>What happened to one line in the comparison.</summary>
public enum DiffKind
{
    /// <summary>Expected and printed.</summary>
    Same,

    /// <summary>Expected, not printed.</summary>
    Missing,

    /// <summary>Printed, not expected.</summary>
    Unexpected,
}

/// <summary>One line of a comparison; <c>Expected</c> is the index of the expected line, or -1.</summary>
public sealed record DiffLine(DiffKind Kind, int Expected, string Text);

/// <summary>
/// Aligns expected lines with actual ones by the least number of missing and unexpected lines. The same table says
/// whether they agree (no cost) and, if not, what the reader should look at.
/// </summary>
public sealed class TranscriptMatcher
{
    private readonly IReadOnlyList<LinePattern> _expected;
    private readonly IReadOnlyList<string> _actual;

    // _cost[e, a]: the cheapest alignment of the first e expected lines with the first a actual lines.
    private readonly int[,] _cost;

    public TranscriptMatcher(IReadOnlyList<LinePattern> expected, IReadOnlyList<string> actual)
    {
        _expected = expected;
        _actual = actual;
        _cost = new int[expected.Count + 1, actual.Count + 1];
        Fill();
    }

    /// <summary>All expected lines were printed, and nothing else.</summary>
    public bool IsMatch => _cost[_expected.Count, _actual.Count] == 0;

    /// <summary>The output so far begins with all expected lines; more may follow.</summary>
    public bool IsPrefixMatch
    {
        get
        {
            for (int a = 0; a <= _actual.Count; a++)
            {
                if (_cost[_expected.Count, a] == 0)
                    return true;
            }

            return false;
        }
    }

    /// <summary>The alignment, in order; the text of a wildcard is the actual line it stands for.</summary>
    public IReadOnlyList<DiffLine> Diff()
    {
        List<DiffLine> reversed = [];
        int e = _expected.Count, a = _actual.Count;
        while (e > 0 || a > 0)
        {
            bool any = e > 0 && _expected[e - 1].IsAnyLines;
            if (any && _cost[e, a] == _cost[e - 1, a])
            {
                e--;
            }
            else if (any && a > 0 && _cost[e, a] == _cost[e, a - 1])
            {
                reversed.Add(new DiffLine(DiffKind.Same, e - 1, _actual[--a]));
            }
            else if (e > 0 && a > 0 && !any && _expected[e - 1].Matches(_actual[a - 1]) && _cost[e, a] == _cost[e - 1, a - 1])
            {
                reversed.Add(new DiffLine(DiffKind.Same, --e, _actual[--a]));
            }
            else if (a > 0 && _cost[e, a] == _cost[e, a - 1] + 1)
            {
                reversed.Add(new DiffLine(DiffKind.Unexpected, -1, _actual[--a]));
            }
            else
            {
                reversed.Add(new DiffLine(DiffKind.Missing, --e, ""));
            }
        }

        reversed.Reverse();
        return reversed;
    }

    private void Fill()
    {
        for (int e = 0; e <= _expected.Count; e++)
        {
            for (int a = 0; a <= _actual.Count; a++)
                _cost[e, a] = Cheapest(e, a);
        }
    }

    private int Cheapest(int e, int a)
    {
        if (e == 0)
            return a;
        LinePattern pattern = _expected[e - 1];
        if (pattern.IsAnyLines)
            return a == 0 ? _cost[e - 1, 0] : Math.Min(_cost[e - 1, a], _cost[e, a - 1]);
        if (a == 0)
            return _cost[e - 1, 0] + 1;
        int best = Math.Min(_cost[e - 1, a], _cost[e, a - 1]) + 1;
        return pattern.Matches(_actual[a - 1]) ? Math.Min(best, _cost[e - 1, a - 1]) : best;
    }
}
