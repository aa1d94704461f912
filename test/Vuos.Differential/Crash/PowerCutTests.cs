using Vuos.Differential.Harness;
using Xunit;
using Xunit.Abstractions;

namespace Vuos.Differential.Crash;

/// <summary>
/// The hypervisor, or the server of the file system, is killed (SIGKILL) at random points while a guest writes files with fsync. Afterwards e2fsck repairs the image, a new run mounts it, and each
/// file has the content whose fsync was acknowledged.
/// </summary>
/// <remarks>
/// <para>
/// What is promised. fuse2fs replays the journal of an ext4 image when it mounts it and then writes no journal of its own, with ext4 no more than with ext2: what it holds in its caches is lost with
/// it, and the counts of free blocks and inodes on the image are old. Its fsync writes all its caches, of all files, and calls fsync(2) on the image. So after a kill the image needs
/// <c>e2fsck -fy</c>, which may correct counts and what was not acknowledged, and the content of an acknowledged fsync is there;
/// but of a file whose size was being changed e2fsck takes extents off the tree, or the file away, if fuse2fs was killed between two writes of its blocks ("end of extent exceeds allowed value"), acknowledged or
/// not. The kernel's mount of fuse2fs loses the same (strace -e inject=pwrite64:signal=KILL:when=N over this program: 2 of 128 kills). Devices and vufusereal write to the file of the host: e2fsck has nothing to do with them.
/// </para>
/// <para>
/// <c>VUOS_POWERCUT_KILLS=n</c> (default 2 a case), <c>VUOS_POWERCUT_SEED=n</c> repeats a seed, which is printed; where the run is at the moment of a kill depends on the machine.
/// </para>
/// </remarks>
[Collection("alone")]
public sealed class PowerCutTests(ITestOutputHelper log)
{
    private const int RecordSize = 4, MostRecords = 80;

    /// <summary>e2fsck(8): errors were corrected.</summary>
    private const int Corrected = 1;

    private static string Program { get; } = Workspace.Compile(Path.Combine(Settings.Material, "Crash", "powercut.c"));

    /// <summary>Kinds of layers, and the name of the program that is killed; empty: the hypervisor.</summary>
    public static TheoryData<string, string> Cases { get; } = new()
    {
        { "real", "" }, { "ext4", "" }, { "ext4", "fuse2fs" }, { "partition", "" }, { "partition", "fuse2fs" }, { "device", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_fsync_acknowledged_outlives_a_kill(string kind, string victim)
    {
        var kills = Settings.Number("VUOS_POWERCUT_KILLS", 2);
        var seed = Settings.Number("VUOS_POWERCUT_SEED", Environment.TickCount & 0xFFFFFF);
        log.WriteLine($"VUOS_POWERCUT_SEED={seed}");
        // Not the same draws in each case.
        var random = new Random(seed + (kind.Length * 1009) + victim.Length);
        var user = !Settings.IsRoot ? User.Self : random.Next(2) == 0 ? User.Root : User.Nobody;
        var layer = DataLayer.Make(kind, user);
        var place = layer.Fixed ? layer.File : Path.GetDirectoryName(layer.File)!;
        for (var i = 0; i < kills; i++)
        {
            var transport = Settings.Transports[random.Next(Settings.Transports.Length)];
            var name = $"VUOS_POWERCUT_SEED={seed}, {kind}, {user}, {transport}, kill {i + 1} of {(victim.Length > 0 ? victim : "the hypervisor")}";
            using var running = new Running(Launch(layer, place, user, transport, "run", seed), Workspace.Logs);
            Killing.AtRandom(running, layer.Model, random.Next(MostRecords) * RecordSize, random, victim.Length > 0 ? marker => Server(marker, victim) : Posix.TracerOf, name);
            Assert.True(running.OutputNow().Contains("ended by", StringComparison.Ordinal) || victim.Length == 0, $"{name}: {running.OutputNow()}{running.ErrorsNow()}");
            var repaired = "";
            foreach (var image in layer.Checked)
            {
                Assert.True(DataLayer.Fsck("-fy", image, out repaired) is 0 or Corrected, $"{name}: {repaired}");
                Assert.True(DataLayer.Fsck("-fn", image, out var found) == 0, $"{name}: {found}");
            }

            using var next = new Running(Launch(layer, place, user, transport, "check", seed), Workspace.Logs);
            var outcome = next.Finish();
            Assert.True(outcome.Status == 0, $"{name}: {outcome.Output}{outcome.Errors}{repaired}");
            log.WriteLine($"{name}: {outcome.Output.TrimEnd()}");
        }

        layer.Remove();
    }

    private static Launch Launch(DataLayer layer, string place, User user, string transport, string mode, int seed) =>
        new(user, View.NoLayer, transport, "/", "", [Program, mode, place, layer.Model, $"{seed}", .. layer.Checked.Count > 0 ? ["repaired"] : Array.Empty<string>()])
        {
            Options = ["--seal", "-N", .. layer.Options],
            Timeout = 2 * Killing.Patience,
        };

    /// <summary>The process of the run with that name, or 0.</summary>
    private static int Server(string marker, string name) => Posix.Marked(marker).Find(pid => Posix.Status(pid, "Name") == name);
}
