using Vuos.Benchmarks.OnWrite;
using Vuos.Benchmarks.Served;

namespace Vuos.Benchmarks;

/// <summary>Prints a run: ratios to native with their spread, the absolute numbers where only they mean something, the targets missed.</summary>
internal sealed class Report(Results results, bool markdown, TextWriter writer)
{
    public void Print()
    {
        if (markdown)
            writer.WriteLine($"Measured on {results.Date} by `{results.Command}`: {results.Rounds} rounds, {results.Machine}.");
        else
            writer.WriteLine($"{results.Date}, {results.Rounds} rounds, {results.Machine}");
        Section("Ratio to native: median (least..greatest round)", [.. results.Rows.Where(static r => r.Measure == Measure.Inside && Compared(r))], Ratios);
        Section("Copy on write, ratio to native: median (least..greatest round)", [.. results.Rows.Where(static r => r.Measure == Measure.OnWrite)], Ratios);
        Section("Copy on write, vufs cow over the others", [.. results.Rows.Where(static r => r.Measure == Measure.OnWrite)], (r, c) => Over(r, c, LayerSystems.Cow), without: Contestant.Native);
        Section("An image by fuse2fs, ratio to native", [.. results.Rows.Where(static r => r.Measure == Measure.Served)], Ratios);
        Section("An image by fuse2fs, vufuse over kernel FUSE", [.. results.Rows.Where(static r => r.Measure == Measure.Served)], (r, c) => Over(r, c, ServedSystems.Vufuse), without: Contestant.Native);
        Section("Start-up, native for comparison", [.. results.Rows.Where(static r => r.Measure == Measure.Outside || !Compared(r) && r.Measure == Measure.Inside)], Times);
        Section("Resident memory of the tracer", [.. results.Rows.Where(static r => r.Measure == Measure.Memory)], Memory);
        Targets();
        if (results.Notes.Count > 0)
            List("Not as planned", results.Notes);
    }

    /// <summary>A row with no native number (a command that only exists inside a run) has no ratio.</summary>
    private static bool Compared(Row row) => row.Samples.ContainsKey(Contestant.Native);

    private static string Ratios(Row row, string column) =>
        column == Contestant.Native ? Times(row, column) : Ratio(row, column, of: column, over: Contestant.Native);

    /// <summary>The other way round: what the layer of ours takes, as a multiple of what another system takes.</summary>
    private static string Over(Row row, string column, string ours) =>
        column == ours ? Times(row, column) : Ratio(row, column, of: ours, over: column);

    private static string Ratio(Row row, string column, string of, string over) => row.Ratio(of, over) is { } r
        ? $"{Numbers.Ratio(r.Median)} ({Numbers.Ratio(r.Min)}..{Numbers.Ratio(r.Max)})"
        : Missing(row, column);

    private static string Times(Row row, string column) => row.Of(column) is { } t
        ? column == Contestant.Native ? Numbers.Time(t.Median) : $"{Numbers.Time(t.Median)} ({Numbers.Time(t.Min)}..{Numbers.Time(t.Max)})"
        : Missing(row, column);

    private static string Memory(Row row, string column) => row.Of(column) is { } m
        ? $"{Numbers.Bytes(m.Median)} ({Numbers.Bytes(m.Min)}..{Numbers.Bytes(m.Max)})"
        : Missing(row, column);

    private static string Missing(Row row, string column) => row.Samples.ContainsKey(column) ? "failed" : "-";

    private void Section(string title, List<Row> rows, Func<Row, string, string> cell, string? without = null)
    {
        if (rows.Count == 0)
            return;
        Heading(title);
        var columns = results.Columns.FindAll(c => c.Name != without && rows.Exists(r => r.Samples.ContainsKey(c.Name)));
        List<string[]> table = [["", .. columns.Select(static c => c.Title)]];
        table.AddRange(rows.Select(r => (string[])[r.Title, .. columns.Select(c => cell(r, c.Name))]));
        var widths = Enumerable.Range(0, table[0].Length).Select(i => table.Max(line => line[i].Length)).ToArray();
        for (var i = 0; i < table.Count; i++)
        {
            var cells = table[i].Select((text, column) => column == 0 ? text.PadRight(widths[column]) : text.PadLeft(widths[column]));
            writer.WriteLine(markdown ? $"| {string.Join(" | ", cells)} |" : string.Join("  ", cells).TrimEnd());
            if (markdown && i == 0)
                writer.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---:|", widths.Length - 1))}");
        }
    }

    private void Targets()
    {
        var verdicts = Verdict.Of(results).ToList();
        var missed = verdicts.Where(static v => v.Missed).ToList();
        var measured = verdicts.Count(static v => v.Value is not null);
        var unmeasured = verdicts.Where(static v => v.Value is null).Select(static v => v.Sentence).ToList();
        List($"Targets: {verdicts.Count} in all, {measured} measured, {missed.Count} missed", [.. missed.Select(static v => "MISSED " + v.Sentence)]);
        if (unmeasured.Count > 0)
            List($"Targets this run did not measure: {unmeasured.Count}", unmeasured);
    }

    private void List(string title, List<string> lines)
    {
        Heading(title);
        foreach (var line in lines)
            writer.WriteLine((markdown ? "- " : "  ") + line);
    }

    private void Heading(string title)
    {
        writer.WriteLine();
        writer.WriteLine(markdown ? $"### {title}" : title);
        if (markdown)
            writer.WriteLine();
    }
}
