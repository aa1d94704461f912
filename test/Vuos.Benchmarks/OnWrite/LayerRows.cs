namespace Vuos.Benchmarks.OnWrite;

/// <summary>The rows of the copy-on-write layers: what a build, an installation or a check-out does to the files below.</summary>
internal static class LayerRows
{
    private const int Files = 1000, PerDirectory = 50, Megabytes = 100;

    public static IEnumerable<Workload> All(int entries) =>
    [
        Row("append", $"append to {Files:N0} small files", "small", Small, r => ["upon", "append", r, $"{Files}"]),
        Row("big", $"first byte of {Megabytes} MB", "big", Big, r => ["upon", "first", $"{r}/big"]),
        Row("untar", $"untar {Files:N0} files", "archive", Archive, r => ["micro", "run", "tar", "-C", r, "-xf", $"{r}/small.tar"], "tar"),
        Row("find", $"find with stat, {entries:N0} entries, all directories in both", "merged",
            f => f.Layers.Take("merged", "tree", () => f.MakeTree(entries), Overlaid(entries)), Find, "find"),
        Row("find-lower", $"find with stat, {entries:N0} entries, empty upper", "tree",
            f => f.Layers.Take("tree", "tree", () => f.MakeTree(entries)), Find, "find"),
        Row("git", "git status, 1,000 files", "repo", f => f.Layers.Take("repo", "repo", f.MakeRepository), GitStatus, "git"),
        Row("stream", $"write and read {Megabytes} MB ten times, one open", "small", Small, r => ["upon", "stream", $"{r}/new", $"{Megabytes}"]),
        Row("make", "gcc build, make -j2", "project", f => f.Layers.Take("project", "project", f.MakeProject),
            r => ["micro", "run", "make", "-s", "-B", "-j2", "-C", r], "make"),
        Row("rm", $"rm -r, {Files:N0} files", "small-rm", f => f.Layers.Make("small-rm", static l => SmallFiles(Path.Combine(l, "small"))),
            r => ["micro", "run", "rm", "-r", $"{r}/small"]),
    ];

    private static Workload Row(
        string name, string title, string tree, Action<Fixture> prepare, Func<string, string[]> command, string? needs = null) =>
        new($"cow-{name}", title, Measure.OnWrite, command, For: [Contestant.Native, LayerSystems.Cow, LayerSystems.Overlay, LayerSystems.Fuse],
            Needs: needs, Prepare: prepare, Tree: tree);

    public static string[] Find(string root) => ["micro", "run", "find", root, "-size", "+99999k"];

    private static void Small(Fixture fixture) => fixture.Layers.Make("small", SmallFiles);

    private static void SmallFiles(string directory)
    {
        for (var i = 0; i < Files; i++)
        {
            var inside = Directory.CreateDirectory(Path.Combine(directory, $"{i / PerDirectory}")).FullName;
            File.WriteAllText(Path.Combine(inside, $"{i % PerDirectory}"), string.Concat(Enumerable.Repeat($"line of file {i}\n", (i * 37 % 100) + 1)));
        }
    }

    private static void Big(Fixture fixture) => fixture.Layers.Make("big", static lower => RandomFile(Path.Combine(lower, "big"), Megabytes));

    public static void RandomFile(string path, int megabytes)
    {
        using var file = File.Create(path);
        var block = new byte[1 << 20];
        var random = new Random(1); // no run of zeros that a copy could leave out
        for (var i = 0; i < megabytes; i++)
        {
            random.NextBytes(block);
            file.Write(block);
        }
    }

    public static void Archive(Fixture fixture)
    {
        Small(fixture);
        fixture.Layers.Make("archive", lower =>
            Fixture.Do("tar", "-C", Path.Combine(lower, "..", "small"), "-cf", Path.Combine(lower, "small.tar"), "."));
    }

    /// <summary>Ten new files in every directory that <see cref="Fixture.MakeTree"/> made in the tree.</summary>
    private static Action<string> Overlaid(int entries) => upper =>
    {
        for (var d = 0; d < entries / 100; d++)
        {
            var directory = Directory.CreateDirectory(Path.Combine(upper, $"d{d / 10}", $"e{d % 10}")).FullName;
            for (var f = 0; f < 10; f++)
                File.WriteAllText(Path.Combine(directory, $"new{f}.txt"), "only above\n");
        }
    };

    /// <summary>
    /// Times and sizes only are compared: inode numbers and change times are others in the native copy, and git would read all
    /// files again there and nowhere else.
    /// </summary>
    public static string[] GitStatus(string root) =>
        ["micro", "run", "git", "-C", root, "-c", "core.checkStat=minimal", "-c", "core.trustctime=false", "status", "--short"];
}
