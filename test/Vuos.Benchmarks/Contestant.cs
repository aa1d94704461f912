using Vuos.Benchmarks.OnWrite;
using Vuos.Benchmarks.Served;

namespace Vuos.Benchmarks;

/// <summary>One of the systems compared: how a command is run under it, and where the command finds the files.</summary>
/// <param name="Name">As in <c>--systems</c> and in the table of targets.</param>
/// <param name="Title">Column heading.</param>
/// <param name="Program">What must be on PATH; null: nothing.</param>
/// <param name="MaxLayers">The most layers it is asked to mount at once.</param>
/// <param name="Prefix">Words before the command, given the files and the number of unrelated layers.</param>
/// <param name="InView">The files are named through the bind.</param>
/// <param name="OnWrite">It runs the copy-on-write rows, and no others.</param>
/// <param name="Served">It runs the rows of a served image, and no others.</param>
/// <param name="Lacks">Why it cannot be run here, if it cannot; null: only <paramref name="Program"/> is needed.</param>
internal sealed record Contestant(
    string Name, string Title, string? Program, int MaxLayers, Func<Fixture, int, IEnumerable<string>> Prefix, bool InView = false,
    bool OnWrite = false, bool Served = false, Func<string?>? Lacks = null)
{
    public const string Native = "native", None = "none", Layer = "layer", Bind = "bind", Proot = "proot", Strace = "strace";

    /// <summary>Where this contestant's commands find the files of the fixture.</summary>
    public string Root(Fixture fixture) => InView ? fixture.View : fixture.Real;

    /// <summary>All of them; the native one is first, and the columns have this order.</summary>
    public static IReadOnlyList<Contestant> All(string vuos, string? transport)
    {
        string[] run = transport is null ? [vuos, "run"] : [vuos, "run", "--transport", transport];
        return
        [
            new(Native, "native", null, 0, static (_, _) => []),
            new(None, "no module", vuos, 0, (_, _) => run),
            new(Layer, "unrelated layer", vuos, int.MaxValue, (f, layers) => [.. run, "-m", "vufs", .. Unrelated(f, layers)]),
            new(Bind, "inside a bind", vuos, 0, (f, _) => [.. run, "-m", "vufs", "-b", $"{f.Real}:{f.View}"], InView: true),
            // proot keeps its bindings in one list; 10,000 of them tell nothing that 1,000 do not.
            new(Proot, "proot -b", "proot", 1000, static (f, layers) => ["proot", .. Unrelated(f, layers)]),
            new(Strace, "strace", "strace", 0,
                static (_, _) => ["strace", "-f", "--seccomp-bpf", "-e", "trace=openat", "-o", "/dev/null"]),
            .. LayerSystems.All(vuos, run),
            .. ServedSystems.All(vuos, run),
        ];
    }

    private static IEnumerable<string> Unrelated(Fixture fixture, int layers)
    {
        for (var i = 0; i < layers; i++)
        {
            yield return "-b";
            yield return $"{fixture.UnrelatedSource}:{fixture.MountPoint(i)}";
        }
    }
}
