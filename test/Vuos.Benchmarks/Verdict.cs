namespace Vuos.Benchmarks;

/// <summary>A target compared with a run.</summary>
/// <param name="Target">What was asked.</param>
/// <param name="What">In words.</param>
/// <param name="Value">What was found; null: this run did not measure it.</param>
internal sealed record Verdict(Target Target, string What, Spread? Value)
{
    /// <summary>A target is missed by its median; the spread tells how sure that is.</summary>
    public bool Missed => Value is { } v && Scaled(v.Median) > Target.Max;

    /// <summary>The value with its unit, and the limit.</summary>
    public string Sentence
    {
        get
        {
            if (Value is not { } v)
                return $"{What}: not measured (target {Text(Target.Max)})";
            return $"{What}: {Text(Scaled(v.Median))} ({Text(Scaled(v.Min))}..{Text(Scaled(v.Max))}), target {Text(Target.Max)}";
        }
    }

    public static IEnumerable<Verdict> Of(Results results)
    {
        foreach (var target in Target.All)
        {
            var row = results.Find(target.Workload);
            var column = results.Columns.Find(c => c.Name == target.System);
            var subject = $"{row?.Title ?? target.Workload}, {column?.Title ?? target.System}";
            yield return target.Over switch
            {
                null => new(target, subject, row?.Of(target.System)),
                ['r', 'o', 'w', ':', .. var other] => new(target, $"{subject}, over {results.Find(other)?.Title ?? other}",
                    results.Find(other) is { } o ? row?.RatioTo(o, target.System) : null),
                Contestant.Native => new(target, subject, row?.Ratio(target.System, Contestant.Native)),
                var over => new(target, $"{subject}, over {results.Columns.Find(c => c.Name == over)?.Title ?? over}",
                    row?.Ratio(target.System, over)),
            };
        }
    }

    private bool Bytes => Target.Over is null && Target.Workload.StartsWith("memory", StringComparison.Ordinal);

    private double Scaled(double value) => Target.Over is null && !Bytes ? value / 1e6 : value;

    private string Text(double value) =>
        Target.Over is not null ? Numbers.Ratio(value) + "x" : Bytes ? Numbers.Bytes(value) : $"{value:0.0} ms";
}
