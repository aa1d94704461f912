using Vuos.Benchmarks.OnWrite;
using Vuos.Benchmarks.Served;

namespace Vuos.Benchmarks;

/// <summary>How a workload is run and what its number is.</summary>
internal enum Measure
{
    /// <summary>The timing program runs inside the contestant: start-up is not in the number. ns.</summary>
    Inside,

    /// <summary>The timing program runs the contestant: start-up is the number. ns.</summary>
    Outside,

    /// <summary>Resident memory of the tracer while the guest waits. Bytes.</summary>
    Memory,

    /// <summary>As inside, in a copy-on-write layer made for the sample; the native system works on a copy. ns.</summary>
    OnWrite,

    /// <summary>As inside, in an image mounted for the sample; the native system works on a copy of its files. ns.</summary>
    Served,
}

/// <summary>One row of the table.</summary>
/// <param name="Name">As in <c>--only</c> and in the table of targets.</param>
/// <param name="Title">What the reader sees.</param>
/// <param name="Measure">How it is run.</param>
/// <param name="Command">
/// Arguments of micro, given the directory of the files; for <see cref="Measure.Outside"/> the first word is micro's
/// mode and the rest the command run under the contestant; for <see cref="Measure.OnWrite"/> and <see cref="Measure.Served"/> the first word is the timing program.
/// </param>
/// <param name="Layers">How many unrelated layers are mounted, where the contestant mounts any.</param>
/// <param name="For">Only these contestants; null: all.</param>
/// <param name="Needs">A program that must be on PATH.</param>
/// <param name="Prepare">Makes the files it works on.</param>
/// <param name="Divide">The number is (this minus the row <paramref name="Base"/>) divided by this, if not 0.</param>
/// <param name="Base">The row whose number is taken off, with <paramref name="Divide"/>.</param>
/// <param name="Tree">The tree below the layer, or in the image, where the contestant mounts one.</param>
internal sealed record Workload(
    string Name, string Title, Measure Measure, Func<string, string[]> Command, int Layers = 1,
    string[]? For = null, string? Needs = null, Action<Fixture>? Prepare = null, int Divide = 0, string? Base = null,
    string Tree = LayerFiles.Empty)
{
    public bool RunsOn(Contestant contestant) =>
        (For?.Contains(contestant.Name) ?? !(contestant.OnWrite || contestant.Served)) && (Layers == 1 || Layers <= contestant.MaxLayers || contestant.Name == Contestant.Native);

    /// <summary>The rows, in the order in which they are run and printed.</summary>
    public static IReadOnlyList<Workload> All(bool full)
    {
        var entries = full ? 70_000 : 7_000;
        string[] vuos = [Contestant.None, Contestant.Layer, Contestant.Bind];
        string[] traced = [.. vuos, Contestant.Proot, Contestant.Strace];
        List<Workload> rows =
        [
            Loop("getpid", "getpid"),
            Loop("read1", "1-byte read"),
            Loop("write1", "1-byte write"),
            Loop("futex", "futex wake"),
            Loop("mmap", "mmap+munmap"),
            Loop("poll", "poll"),
            Loop("clock", "clock_gettime"),
            Loop("stat", "stat"),
            Loop("openclose-1", "openat+close, 1 thread", "openclose"),
            Loop("openclose-4", "openat+close, 4 threads", "openclose", 4),
            Loop("openclose-16", "openat+close, 16 threads", "openclose", 16),
            Loop("openclose-4p", "openat+close, 4 guests", "openclose", 4, guests: true),
            Loop("openclose-16p", "openat+close, 16 guests", "openclose", 16, guests: true),
            Loop("getcwd-1", "getcwd, 1 thread", "getcwd"),
            Loop("getcwd-4", "getcwd, 4 threads", "getcwd", 4),
            Loop("getcwd-16", "getcwd, 16 threads", "getcwd", 16),
            Loop("getcwd-4p", "getcwd, 4 guests", "getcwd", 4, guests: true),
            Loop("getcwd-16p", "getcwd, 16 guests", "getcwd", 16, guests: true),
            Loop("thread", "thread create+join"),
            Loop("forkexec", "fork+exec, static program", file: "tiny"),
            Inside("find", $"find with stat, {entries:N0} entries", r => ["run", "find", $"{r}/tree", "-size", "+99999k"], f => f.MakeTree(entries), "find"),
            Inside("tar", "tar to a pipe", r => ["drain", "tar", "-C", $"{r}/tree", "-cf", "-", "."], f => f.MakeTree(entries), "tar"),
            Inside("git", "git status, 1,000 files", r => ["run", "git", "-C", $"{r}/repo", "status", "--short"], f => f.MakeRepository(), "git"),
            Inside("make", "gcc build, make -j2", r => ["run", "make", "-s", "-B", "-j2", "-C", $"{r}/project"], f => f.MakeProject(), "make"),
            new("first", "start to the first guest instruction", Measure.Outside, r => ["first", $"{r}/tiny", "stamp"]),
            new("true", "whole run true", Measure.Outside, _ => ["run", "/bin/true"]),
            new("firefox", "Firefox, start to the screenshot of a page", Measure.Outside, Firefox, For: [Contestant.Native, .. vuos], Needs: "firefox-esr", Prepare: static f => f.MakePage()),
            new("lsmod", "vu_lsmod over /bin/true", Measure.Inside, _ => ["over", "vu_lsmod", "--", "/bin/true"], For: vuos),
            new("memory", "tracer memory after start", Measure.Memory, _ => ["hold", "0"], For: traced),
            new("memory-thread", "tracer memory per guest thread", Measure.Memory, _ => ["hold", "200"], For: traced, Divide: 200, Base: "memory"),
            Mounted(100),
            Mounted(1000),
            .. LayerRows.All(entries),
            .. ServedRows.All(entries),
        ];
        if (full)
            rows.Add(Mounted(10_000));
        return rows;
    }

    /// <summary>With a profile that is new each time.</summary>
    private static string[] Firefox(string root) =>
    [
        "run", "sh", "-c",
        "rm -rf \"$0/profile\" && mkdir \"$0/profile\" && HOME=\"$0/profile\" exec firefox-esr --headless --no-remote --profile \"$0/profile\" --screenshot \"$0/profile/page.png\" \"file://$0/page.html\" >\"$0/firefox.log\" 2>&1",
        root,
    ];

    private static Workload Loop(string name, string title, string? loop = null, int threads = 1, string file = "file", bool guests = false) =>
        new(name, title, Measure.Inside, r => ["loop", loop ?? name, "100", guests ? $"{threads}p" : $"{threads}", $"{r}/{file}"]);

    private static Workload Inside(string name, string title, Func<string, string[]> command, Action<Fixture> prepare, string needs) =>
        new(name, title, Measure.Inside, command, Prepare: prepare, Needs: needs);

    private static Workload Mounted(int layers) =>
        new($"layers-{layers}", $"stat, {layers:N0} layers", Measure.Inside, r => ["loop", "stat", "100", "1", $"{r}/file"], layers,
            [Contestant.Native, Contestant.Layer, Contestant.Proot]);
}
