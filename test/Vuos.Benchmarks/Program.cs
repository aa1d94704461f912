using System.Text.Json;
using System.Text.Json.Serialization;
using BenchmarkDotNet.Running;
using Vuos.Benchmarks;
using Vuos.Benchmarks.InProcess;

var json = new JsonSerializerOptions { WriteIndented = true, Converters = { new JsonStringEnumConverter<Measure>() } };
try
{
    var options = Options.Parse(args);
    if (options.Help)
    {
        Console.WriteLine(Options.Usage);
        return 0;
    }
    if (options.InProcess)
    {
        BenchmarkRunner.Run<SyscallTableBenchmark>();
        return 0;
    }
    var results = options.From is { } file ? Load(file) : Measured(options);
    if (results is null)
        return 0;
    if (options.Json is { } target)
        File.WriteAllText(target, JsonSerializer.Serialize(results, json));
    new Report(results, options.Markdown, Console.Out).Print();
    return results.Rows.Exists(r => r.Samples.Values.Any(static s => s.Any(static v => v is null))) ? 1 : 0;
}
catch (Exception e) when (e is BenchException or IOException or UnauthorizedAccessException or JsonException)
{
    Console.Error.WriteLine($"bench: {e.Message}");
    return 2;
}

Results Load(string file) =>
    JsonSerializer.Deserialize<Results>(File.ReadAllText(file), json) ?? throw new BenchException($"{file}: empty");

Results? Measured(Options options)
{
    var vuos = Environment.GetEnvironmentVariable("VUOS_ACTORS") is { Length: > 0 } named ? named : "vuos-actors";
    var contestants = Contestant.All(vuos, options.Transport);
    var workloads = Workload.All(options.Full);
    if (options.List)
    {
        Console.WriteLine($"systems: {string.Join(' ', contestants.Select(static c => c.Name))}");
        foreach (var workload in workloads)
            Console.WriteLine($"{workload.Name,-16}{workload.Title}");
        return null;
    }
    if (options.Systems.Except(contestants.Select(static c => c.Name)).FirstOrDefault() is { } unknown)
        throw new BenchException($"--systems {unknown}: no such system");
    if (options.Only.FirstOrDefault(o => !workloads.Any(w => w.Name.StartsWith(o, StringComparison.Ordinal))) is { } nothing)
        throw new BenchException($"--only {nothing}: no such workload");

    bool Chosen(Workload w) => options.Only.Count == 0 || options.Only.Any(o => w.Name.StartsWith(o, StringComparison.Ordinal));
    var bases = workloads.Where(Chosen).Select(static w => w.Base).ToHashSet();
    List<string> notes = [];
    bool There(string title, string? program, string? lacks = null)
    {
        var why = program is null || Programs.OnPath(program) ? lacks : $"{program} not on PATH";
        if (why is not null)
            notes.Add($"{title}: {why}");
        return why is null;
    }
    List<Contestant> chosen =
    [
        .. contestants.Where(c => (c.Name == Contestant.Native || options.Systems.Count == 0 || options.Systems.Contains(c.Name))
            && workloads.Any(w => Chosen(w) && w.RunsOn(c)) && There(c.Title, c.Program, c.Lacks?.Invoke())),
    ];
    List<Workload> rows = [.. workloads.Where(w => (Chosen(w) || bases.Contains(w.Name)) && There(w.Title, w.Needs) && chosen.Exists(w.RunsOn))];
    foreach (var note in notes)
        Console.Error.WriteLine($"bench: {note}");
    var commandLine = string.Join(' ', ["./bench.sh", .. args.Where(static a => a != "--markdown")]);
    var results = new Race(options, chosen, rows).Run(commandLine);
    return results with { Notes = [.. notes, .. results.Notes] };
}
