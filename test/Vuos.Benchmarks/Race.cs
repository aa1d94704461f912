namespace Vuos.Benchmarks;

/// <summary>The interleaved run: in every round each workload is run once by each contestant, who start in turn.</summary>
internal sealed class Race(Options options, IReadOnlyList<Contestant> contestants, IReadOnlyList<Workload> workloads)
{
    private readonly List<string> _notes = [];
    private readonly HashSet<(string, string)> _out = [];

    public Results Run(string commandLine)
    {
        using var fixture = new Fixture();
        foreach (var workload in workloads)
            workload.Prepare?.Invoke(fixture);
        var probe = new Probe(fixture);
        var rows = workloads.Select(w => new Row(w.Name, w.Title, w.Measure,
            contestants.Where(w.RunsOn).ToDictionary(static c => c.Name, _ => new double?[options.Rounds]))).ToList();
        WarmUp(probe);
        for (var round = 0; round < options.Rounds; round++)
            for (var w = 0; w < workloads.Count; w++)
            {
                Progress($"round {round + 1} of {options.Rounds}: {workloads[w].Title}");
                for (var c = 0; c < contestants.Count; c++)
                {
                    var contestant = contestants[(c + round) % contestants.Count];
                    if (rows[w].Samples.TryGetValue(contestant.Name, out var samples))
                        samples[round] = Sample(probe, workloads[w], contestant, rows, round);
                }
            }
        Progress("");
        return new Results
        {
            Date = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'"),
            Machine = Machine.Describe(),
            Command = commandLine,
            Rounds = options.Rounds,
            Columns = [.. contestants.Select(static c => new Column(c.Name, c.Title))],
            Rows = rows,
            Notes = _notes,
        };
    }

    /// <summary>Each contestant runs the smallest guest once: the launcher may build first, and files come into the page cache.</summary>
    private void WarmUp(Probe probe)
    {
        var smallest = Workload.All(full: false).First(static w => w.Name == "true");
        foreach (var contestant in contestants)
        {
            Progress($"warming up: {contestant.Title}");
            try
            {
                probe.Sample(smallest, contestant);
            }
            catch (BenchException e)
            {
                _notes.Add($"{contestant.Title}, warm-up: {e.Message}");
            }
        }
    }

    private double? Sample(Probe probe, Workload workload, Contestant contestant, List<Row> rows, int round)
    {
        if (_out.Contains((workload.Name, contestant.Name)))
            return null;
        try
        {
            var value = probe.Sample(workload, contestant);
            if (workload.Divide == 0)
                return value;
            var start = rows.Find(r => r.Name == workload.Base)!.Samples[contestant.Name][round];
            return (value - start) / workload.Divide;
        }
        catch (BenchException e)
        {
            // It would fail or hang again in the next round, and cost its five minutes again.
            _out.Add((workload.Name, contestant.Name));
            _notes.Add($"{workload.Title}, {contestant.Title}, round {round + 1}: {e.Message}");
            return null;
        }
    }

    private static void Progress(string text)
    {
        if (!Console.IsErrorRedirected)
            Console.Error.Write($"\r{text,-78}{(text.Length == 0 ? "\r" : "")}");
    }
}
