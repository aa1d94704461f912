namespace Vuos.Benchmarks;

/// <summary>One line of the table of targets. All of them are in <see cref="All"/>, and nowhere else in the code.</summary>
/// <param name="Workload">Row.</param>
/// <param name="System">Column.</param>
/// <param name="Max">Largest value that is not a miss.</param>
/// <param name="Over">
/// What it is a ratio to: <c>native</c> or another column; a row of the same column when it starts with <c>row:</c>; null: the
/// number itself, in ms or in bytes.
/// </param>
internal sealed record Target(string Workload, string System, double Max, string? Over)
{
    private const string N = Contestant.Native, None = Contestant.None, L = Contestant.Layer, B = Contestant.Bind;

    /// <summary>"No collapse" from 1 to 16 threads, read as: the wall time per pair grows by less than this factor.</summary>
    private const double Collapse = 1.5;

    public static IReadOnlyList<Target> All { get; } =
    [
        .. Each(["getpid", "read1", "thread"], None, 1.10, N),
        .. Each(["make", "git", "find", "tar"], None, 1.15, N),
        new("forkexec", None, 1.6, N),
        .. Each(["getpid", "read1", "write1", "futex", "mmap", "poll", "clock"], L, 1.15, N),
        .. Each(["stat", "find"], L, 9, N),
        .. Each(["openclose-1", "openclose-4", "openclose-16"], L, 8, N),
        new("openclose-16", L, Collapse, "row:openclose-1"),
        new("make", L, 1.4, N),
        new("git", L, 1.6, N),
        new("tar", L, 1.5, N),
        new("forkexec", L, 2.0, N),
        .. Each(["getpid", "read1", "stat", "openclose-1", "openclose-4", "openclose-16", "find", "tar", "git", "make", "forkexec"], B, 1.3, L),
        .. Each(["layers-100", "layers-1000", "layers-10000"], L, 1.2, "row:stat"),
        new("cow-stream", OnWrite.LayerSystems.Cow, 1.15, N),
        .. Each(["served-warm", "served-mapped"], Served.ServedSystems.Vufuse, 1.15, N),
        // Metadata that is not known yet.
        .. Each(["served-find", "served-git"], Served.ServedSystems.Vufuse, 3, Served.ServedSystems.Kernel),
        new("firefox", None, 1.3, N),
        new("firefox", L, 1.3, N),
        new("first", None, 80, null),
        new("true", None, 150, null),
        new("lsmod", L, 4, null),
        new("memory", None, 100e6, null),
        new("memory-thread", None, 20e3, null),
    ];

    private static IEnumerable<Target> Each(string[] workloads, string system, double max, string? over)
    {
        foreach (var workload in workloads)
            yield return new(workload, system, max, over);
    }
}
