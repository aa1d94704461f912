using System.Diagnostics;
using Vuos.Differential.Harness;
using Xunit;
using Xunit.Abstractions;

namespace Vuos.Differential.Fsx;

/// <summary>
/// Random reads, writes, cuts, mappings and syncs of one file in each kind of virtual file system, by a guest that knows what the file must hold. Afterwards a second
/// run finds the content of the model, and the image is clean.
/// </summary>
/// <remarks>
/// <c>VUOS_FSX_SECONDS=n</c> (default 2 a case; 400 makes it the hour of the issue, in pieces with a seed each), <c>VUOS_FSX_SEED=n</c> repeats a seed, which is printed with the number of the
/// operation. What an operation does depends on the seed alone; in which state the hypervisor is then, on the machine too. With <c>VUOS_DIFF_KEEP=1</c> the files stay.
/// </remarks>
[Collection("alone")]
public sealed class FsxTests(ITestOutputHelper log)
{
    private const int MostSize = 400_000, SecondsOfOneSeed = 20;

    private const ulong FirstSeed = 20261126;

    /// <summary>Files above this are loaded in part, and hardly anything of them is kept.</summary>
    private const string SmallLimits = "vuos.virtual { whole-file-limit = 20KiB, partial-bytes = 100KiB, cache-bytes = 200KiB }";

    private static string Program { get; } = Workspace.Compile(Path.Combine(Settings.Material, "Fsx", "fsx.c"));

    /// <summary>Kinds of layers, and whether files in them are partial.</summary>
    public static TheoryData<string, bool> Cases { get; } = new()
    {
        { "memory", false }, { "memory", true }, { "real", false }, { "real", true }, { "ext4", false }, { "ext4", true }, { "partition", false }, { "partition", true }, { "device", false }, { "direct", false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_file_holds_what_was_written(string kind, bool partial)
    {
        var seconds = Settings.Number("VUOS_FSX_SECONDS", 2);
        var seed = Settings.Number("VUOS_FSX_SEED", seconds > SecondsOfOneSeed ? (ulong)Environment.TickCount64 : FirstSeed);
        for (var done = 0; done < seconds; done += SecondsOfOneSeed, seed++)
            OneSeed(kind, partial, seed, Math.Min(SecondsOfOneSeed, seconds - done));
    }

    private void OneSeed(string kind, bool partial, ulong seed, int seconds)
    {
        // Who and how are drawn from the seed too.
        var mixed = unchecked((uint)((seed + (ulong)kind.Length + (partial ? 1UL : 0)) * 2654435761));
        var user = !Settings.IsRoot ? User.Self : (mixed >> 8) % 2 == 0 ? User.Root : User.Nobody;
        var transport = Settings.Transports[(int)((mixed >> 12) % (uint)Settings.Transports.Length)];
        var name = $"VUOS_FSX_SEED={seed}, {kind}{(partial ? ", partial" : "")}, {user}, {transport}";
        var layer = DataLayer.Make(kind, user);
        var watch = Stopwatch.StartNew();
        List<string> command = [Program, layer.File, layer.Model, layer.Backing, $"{layer.Offset}", $"{seed}", $"{seconds * 1000}", $"{MostSize}"];
        if (layer.Fixed || kind == "direct")
            command.Add(layer.Fixed ? "fixed" : "direct");
        var outcome = Run(layer, user, transport, partial, command);
        Assert.True(outcome is { Status: 0, TimedOut: false, Errors: "" }, $"{name}: {outcome.Output}{outcome.Errors}");
        Assert.Empty(outcome.Leftover);
        if (kind != "memory")
        {
            var again = Run(layer, user, transport, partial, ["/usr/bin/cmp", .. layer.Fixed ? (string[])["-n", $"{MostSize}"] : [], layer.Model, layer.File]);
            Assert.True(again.Status == 0, $"{name}, in the next run: {again.Output}{again.Errors}");
        }

        foreach (var image in layer.Checked)
            Assert.True(DataLayer.Fsck("-fn", image, out var found) == 0, $"{name}: {found}");
        layer.Remove();
        log.WriteLine($"{name}: {outcome.Output.TrimEnd()}, {watch.ElapsedMilliseconds} ms");
    }

    private static Outcome Run(DataLayer layer, User user, string transport, bool partial, IReadOnlyList<string> command)
    {
        List<string> options = ["--seal", "-N", .. layer.Options];
        if (partial)
        {
            File.WriteAllText(layer.At("limits.conf"), SmallLimits);
            options.AddRange(["--config", layer.At("limits.conf")]);
        }

        using var running = new Running(new Launch(user, View.NoLayer, transport, "/", "", command) { Options = options, Timeout = Settings.SmallTimeout }, Workspace.Logs);
        return running.Finish();
    }
}
