using System.Diagnostics;
using Vuos.Differential.Harness;
using Xunit;
using Xunit.Abstractions;

namespace Vuos.Differential.Crash;

/// <summary>
/// The hypervisor is killed (SIGKILL) at random points while a guest modifies, renames, removes and creates files of a cow layer. Afterwards each file is wholly what it was or
/// wholly what it should have become, the lower tree is untouched, and the next run mounts the source at once and sees each operation done or not done, nothing in between.
/// </summary>
/// <remarks>
/// <c>VUOS_CRASH_KILLS=n</c> (default 4 a case; 40 and more for a long run), <c>VUOS_CRASH_SEED=n</c> repeats a seed, which is printed; the moment of a kill is chosen by the
/// seed too, but where the run is then depends on the machine.
/// With <c>VUOS_DIFF_KEEP=1</c> the source of a failed run stays. What can be killed without luck is in KilledChangeTests of Vuos.Actors.Tests.
/// </remarks>
[Collection("alone")]
public sealed class CrashTests(ITestOutputHelper log)
{
    private const int Files = 800, KillsOfOneSource = 8, MostOperations = 200;

    /// <summary>Who runs the hypervisor, and who owns the lower tree.</summary>
    public static TheoryData<User, int> Cases { get; } = Settings.IsRoot
        ? new() { { User.Root, 0 }, { User.Nobody, 65534 }, { User.Nobody, 0 } }
        : new() { { User.Self, (int)Posix.EffectiveUserId() } };

    private static string Program { get; } = Workspace.Compile(Path.Combine(Settings.Material, "Crash", "crash.c"));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Each_change_is_done_or_not_done_whenever_the_run_is_killed(User user, int owner)
    {
        var kills = Settings.Number("VUOS_CRASH_KILLS", 4);
        var seed = Settings.Number("VUOS_CRASH_SEED", Environment.TickCount & 0xFFFFFF);
        log.WriteLine($"VUOS_CRASH_SEED={seed}");
        for (var done = 0; done < kills; done += KillsOfOneSource)
            OneSource(user, owner, seed + (done / KillsOfOneSource), Math.Min(KillsOfOneSource, kills - done));
    }

    private void OneSource(User user, int owner, int seed, int kills)
    {
        var random = new Random(seed);
        var place = Workspace.New(user, View.NoLayer);
        var directories = new Directories(Make(place, "lower"), Make(place, "source"), Path.Combine(place.Real, "log"), $"{seed}", $"{owner}");
        File.WriteAllText(directories.Log, "");
        directories.Verify("make", directories.Lower);
        if (owner != (int)Posix.EffectiveUserId())
            Own(directories.Lower, owner);
        if (user == User.Nobody)
        {
            Posix.Give(directories.Source, 65534);
            Posix.Give(directories.Log, 65534);
        }

        for (var i = 0; i < kills; i++)
        {
            var transport = Settings.Transports[random.Next(Settings.Transports.Length)];
            using var running = new Running(directories.Launch(user, transport, "run"), Workspace.Logs);
            Killing.AtRandom(running, directories.Log, random.Next(2 * MostOperations), random, Posix.TracerOf, $"seed {seed}, kill {i + 1}, {transport}");
            Assert.DoesNotContain("\n", running.OutputNow().TrimEnd(), StringComparison.Ordinal);
            directories.Verify("lower", directories.Lower);
            directories.Verify("files", directories.Source);
        }

        using var last = new Running(directories.Launch(user, Settings.Transports[0], "check"), Workspace.Logs);
        var outcome = last.Finish();
        Assert.True(outcome.Status == 0, $"seed {seed}, at the end: {outcome.Output}{outcome.Errors}");
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(directories.Source, ".-"), ".vuos-*"));
        log.WriteLine($"seed {seed}, {user} over files of {owner}: {kills} kills, {outcome.Output.TrimEnd()}");
        Workspace.Remove(place);
    }

    private static string Make(Workspace.Place place, string name) => Directory.CreateDirectory(Path.Combine(place.Real, name)).FullName;

    private static void Own(string tree, int owner)
    {
        foreach (var entry in Directory.EnumerateFileSystemEntries(tree, "*", SearchOption.AllDirectories))
            Posix.Give(entry, (uint)owner);
    }

    private sealed record Directories(string Lower, string Source, string Log, string Seed, string Owner)
    {
        public Launch Launch(User user, string transport, string mode) =>
            new(user, View.NoLayer, transport, "/", "", [Program, mode, Lower, Seed, $"{Files}", Log, Owner])
            {
                Options = ["--seal", "-N", "-m", "vufs", "--mount", $"vufs:{Source}:{Lower}:cow"],
                Timeout = 2 * Killing.Patience,
            };

        /// <summary>Runs the program outside.</summary>
        public void Verify(string mode, string directory)
        {
            using var process = Process.Start(new ProcessStartInfo(Program, [mode, directory, Seed, $"{Files}", "-", mode == "make" ? $"{Posix.EffectiveUserId()}" : Owner])
            {
                RedirectStandardOutput = true,
            })!;
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"seed {Seed}, {mode}: {output}");
        }
    }
}
