using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vuos.Differential.Harness;
using Xunit;
using Xunit.Abstractions;

namespace Vuos.Differential.Union;

/// <summary>
/// Random operations in a union must do what they do in a model: same results, same tree afterwards, also in a second run on the
/// same source, and the lower tree is what it was.
/// </summary>
/// <remarks>
/// <c>VUOS_UNION_SEED=n</c> repeats one seed, <c>VUOS_UNION_SEEDS=n</c> (default 2) says how many are tried, <c>VUOS_UNION_OPS=n</c>
/// (default 300) how many operations each of the two runs makes. A failure is reduced to few operations before it is shown.
/// </remarks>
public class UnionTests(ITestOutputHelper log)
{
    private const ulong FirstSeed = 20260101;
    private static readonly TimeSpan _reducing = TimeSpan.FromSeconds(90);

    public static TheoryData<string> Names { get; } = [.. UnionCase.All.Select(static c => c.Name)];

    [RootTheory]
    [MemberData(nameof(Names))]
    public void Random_operations_do_what_they_do_in_the_model(string name)
    {
        var union = UnionCase.All.Single(c => c.Name == name);
        int count = Settings.Number("VUOS_UNION_OPS", 300), seeds = Settings.Number("VUOS_UNION_SEEDS", 2);
        var one = Environment.GetEnvironmentVariable("VUOS_UNION_SEED");
        var first = one is null ? FirstSeed : ulong.Parse(one, CultureInfo.InvariantCulture);
        for (var seed = first; seed < first + (one is null ? (ulong)seeds : 1); seed++)
        {
            var transport = Settings.Transports[(int)(seed % (ulong)Settings.Transports.Length)];
            var watch = Stopwatch.StartNew();
            if (Compare(union, seed, transport, count, []) is { } difference)
            {
                Assert.Fail($"{name}, seed {seed}, {transport}:\n{difference}\n\n" + Reduced(union, seed, transport, count));
            }
            log.WriteLine($"seed {seed}, {transport}: {watch.ElapsedMilliseconds} ms");
        }
    }

    /// <summary>The model against itself: what fails here is not the hypervisor's.</summary>
    [RootFact]
    public void The_overlay_file_system_agrees_with_a_copy()
    {
        var overlay = new UnionCase("overlay", User.Root, "cow", Model.Overlay, "doxs", "doxs");
        using UnionPlace left = new(overlay, 1), right = new(overlay with { Model = Model.Copy }, 1);
        List<string> a = left.InModel(0, 400, []), b = right.InModel(0, 400, []);
        Assert.True(a.Count > 400, string.Join('\n', a));
        Assert.True(a.SequenceEqual(b), LineDiff.Between(b, a));
    }

    /// <summary>What is wrong, or null.</summary>
    private static string? Compare(UnionCase union, ulong seed, string transport, int count, IReadOnlyCollection<int> skip)
    {
        using var place = new UnionPlace(union, seed);
        var before = place.LowerNow();
        for (var run = 0; run < 2; run++)
        {
            var model = place.InModel(run * count, count, skip);
            var view = place.InView(transport, run * count, count, skip);
            if (!model.SequenceEqual(view))
                return $"run {run + 1} (- model, + vufs)\n" + LineDiff.Between(model, view);
            if (model.Count < 4 || model[^1] != "status: 0")
                return "the model did not run:\n" + string.Join('\n', model.TakeLast(10));
        }
        return union.WritesLower || place.LowerNow() == before
            ? null
            : "the lower tree has changed:\n" + LineDiff.Between([.. before.Split('\n')], [.. place.LowerNow().Split('\n')]);
    }

    /// <summary>Leaves out operations as long as a difference remains (delta debugging), and shows what is then printed.</summary>
    private static string Reduced(UnionCase union, ulong seed, string transport, int count)
    {
        var watch = Stopwatch.StartNew();
        var needed = Enumerable.Range(0, 2 * count).ToList();
        var difference = "";
        for (var chunk = needed.Count / 2; chunk > 0 && watch.Elapsed < _reducing; chunk /= 2)
        {
            for (var at = 0; at < needed.Count && watch.Elapsed < _reducing;)
            {
                List<int> fewer = [.. needed[..at], .. needed[Math.Min(at + chunk, needed.Count)..]];
                if (Compare(union, seed, transport, count, [.. Enumerable.Range(0, 2 * count).Except(fewer)]) is { } still)
                    (needed, difference) = (fewer, still);
                else
                    at += chunk;
            }
        }
        var report = new StringBuilder($"reduced to {needed.Count} operations ({watch.Elapsed.TotalSeconds:0} s):\n");
        using var place = new UnionPlace(union, seed);
        int[] skip = [.. Enumerable.Range(0, 2 * count).Except(needed)];
        foreach (var line in place.InModel(0, 2 * count, skip).Where(l => needed.Count < 40 || !l.StartsWith("./", StringComparison.Ordinal)))
            report.AppendLine("  " + line);
        return report.AppendLine(difference).ToString();
    }
}
