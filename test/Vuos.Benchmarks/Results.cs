namespace Vuos.Benchmarks;

/// <summary>Everything one run found; written and read as JSON, and all that the reports need.</summary>
internal sealed record Results
{
    public required string Date { get; init; }
    public required string Machine { get; init; }
    public required string Command { get; init; }
    public required int Rounds { get; init; }

    /// <summary>The columns: name and heading, native first.</summary>
    public required List<Column> Columns { get; init; }

    public required List<Row> Rows { get; init; }
    public List<string> Notes { get; init; } = [];

    /// <summary>A row, or null if it was not in this run.</summary>
    public Row? Find(string workload) => Rows.Find(r => r.Name == workload);
}

/// <summary>A contestant that took part.</summary>
internal sealed record Column(string Name, string Title);

/// <summary>The samples of one workload: for each column one a round, null where it failed.</summary>
internal sealed record Row(string Name, string Title, Measure Measure, Dictionary<string, double?[]> Samples)
{
    public Spread? Of(string column) => Spread.From(Values(column));

    /// <summary>The ratio of two columns, taken round by round, so that a slow minute of the machine touches both.</summary>
    public Spread? Ratio(string column, string over) => Paired(Values(column), Values(over));

    /// <summary>The ratio of two rows of one column, round by round.</summary>
    public Spread? RatioTo(Row other, string column) => Paired(Values(column), other.Values(column));

    private static Spread? Paired(double?[] a, double?[] b) =>
        Spread.From([.. a.Zip(b, static (x, y) => x is { } n && y is { } d && d > 0 ? n / d : (double?)null)]);

    private double?[] Values(string column) => Samples.GetValueOrDefault(column, []);
}

/// <summary>Median, least and greatest of the samples that there are.</summary>
internal readonly record struct Spread(double Median, double Min, double Max)
{
    /// <summary>Null if there is no sample.</summary>
    public static Spread? From(double?[] samples)
    {
        var sorted = samples.OfType<double>().Order().ToArray();
        if (sorted.Length == 0)
            return null;
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new(median, sorted[0], sorted[^1]);
    }
}
