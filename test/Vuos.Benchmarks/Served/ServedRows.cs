using Vuos.Benchmarks.OnWrite;

namespace Vuos.Benchmarks.Served;

/// <summary>The rows of an image that fuse2fs serves: its content and its names, each from a mount made for the sample, so that nothing is cached but the image itself.</summary>
internal static class ServedRows
{
    private const int Megabytes = 48, Reads = 5000;

    public static IEnumerable<Workload> All(int entries) =>
    [
        Row("read", $"read {Megabytes} MB, first time", "data", Data, static r => ["upon", "read", $"{r}/big"]),
        Row("warm", $"read {Megabytes} MB again, ten times", "data", Data, static r => ["upon", "again", $"{r}/big"]),
        Row("mapped", $"read {Megabytes} MB mapped again, ten times", "data", Data, static r => ["upon", "mapped", $"{r}/big"]),
        Row("random", $"{Reads:N0} reads of 4 KiB at random, first time", "data", Data, static r => ["upon", "random", $"{r}/big", $"{Reads}"]),
        Row("write", $"write {Megabytes} MB and fsync", "data", Data, static r => ["upon", "write", $"{r}/new", $"{Megabytes}"]),
        Row("stat", "stat of one file, again and again", "data", Data, static r => ["micro", "loop", "stat", "100", "1", $"{r}/big"]),
        Row("find", $"find with stat, {entries:N0} entries, first time", "tree", f => f.Layers.Take("tree", "tree", () => f.MakeTree(entries)), LayerRows.Find, "find"),
        Row("untar", "untar 1,000 files", "archive", LayerRows.Archive, static r => ["micro", "run", "tar", "-C", r, "-xf", $"{r}/small.tar"], "tar"),
        Row("git", "git status, 1,000 files, first time", "repo", static f => f.Layers.Take("repo", "repo", f.MakeRepository), LayerRows.GitStatus, "git"),
    ];

    private static Workload Row(string name, string title, string tree, Action<Fixture> prepare, Func<string, string[]> command, string? needs = "mkfs.ext4") =>
        new($"served-{name}", title, Measure.Served, command, For: [Contestant.Native, ServedSystems.Kernel, ServedSystems.Vufuse], Needs: needs, Prepare: prepare, Tree: tree);

    private static void Data(Fixture fixture) => fixture.Layers.Make("data", static lower => LayerRows.RandomFile(Path.Combine(lower, "big"), Megabytes));
}
