using System.Diagnostics;
using Vuos.Differential.Harness;
using Xunit;

namespace Vuos.Differential;

/// <summary>When a run ends, with which status, and what is left then.</summary>
[Collection("alone")]
public sealed class LifetimeTests : IDisposable
{
    private readonly List<Workspace.Place> _places = [];

    public static TheoryData<string> Transports { get; } = [.. Settings.Transports];

    [Theory]
    [MemberData(nameof(Transports))]
    public void Killing_the_hypervisor_in_a_storm_leaves_no_guest_and_no_file(string transport)
    {
        var place = Place(View.Inside);
        var storm = Workspace.Compile(Path.Combine(Settings.Material, "Stress", "storm.c"));
        using var running = new Running(Launch(place, View.Inside, transport, storm, "1000", "100", place.Directory, "7"), Workspace.Logs);
        var watch = Stopwatch.StartNew();
        while (!running.OutputNow().Contains("ready", StringComparison.Ordinal))
        {
            Assert.False(running.Ended(TimeSpan.FromMilliseconds(20)), "the storm ended: " + running.ErrorsNow());
            Assert.True(watch.Elapsed < Settings.Patience, "the storm does not get ready");
        }
        // A second of storm; nothing is waited for but the end that must not come.
        Assert.False(running.Ended(TimeSpan.FromSeconds(1)));
        var hypervisor = Posix.TracerOf(running.Marker);
        Assert.True(hypervisor != 0, "nobody traces the guests");

        Posix.Kill(hypervisor);

        Assert.True(running.Ended(Settings.Patience), "the command did not end with the hypervisor");
        // The kernel kills the guests when the tracer has ended (PTRACE_O_EXITKILL); dying takes them a moment.
        watch.Restart();
        while (Posix.Marked(running.Marker).Count > 0 && watch.Elapsed < Settings.Patience)
            Thread.Yield();
        Assert.Empty(Posix.Marked(running.Marker).Select(p => $"{p} {Posix.Status(p, "Name")}"));
        Assert.Empty(Strays(hypervisor));
        Assert.Empty(place.Leaked());
    }

    [Theory]
    [InlineData("kill -9 $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("exit 3", 3)]
    [InlineData("exec /bin/false", 1)]
    [InlineData("exec /nowhere/at-all 2>/dev/null", 127)]
    [InlineData("(exit 4) & wait $!", 4)]
    public void The_status_is_that_of_the_first_process(string script, int status)
    {
        foreach (var transport in Settings.Transports)
            Assert.Equal(status, Shell(transport, [], script).Status);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void An_orphaned_daemon_keeps_the_run_alive_until_it_ends(string transport)
    {
        var outcome = Shell(transport, [], "setsid sh -c 'sleep 1; echo late' & exit 6");
        Assert.Equal("late\n", outcome.Output);
        Assert.Equal(6, outcome.Status);
        Assert.Empty(outcome.Leftover);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void With_kill_on_exit_the_run_ends_with_its_first_process(string transport)
    {
        var outcome = Shell(transport, ["--kill-on-exit"], "setsid sleep 1000 & (sleep 1000 & sleep 1000) & echo early; exit 6");
        Assert.Equal("early\n", outcome.Output);
        Assert.Equal(6, outcome.Status);
        Assert.Empty(outcome.Leftover);
        Assert.False(outcome.TimedOut);
    }

    [Theory]
    [MemberData(nameof(Transports))]
    public void A_stopped_guest_can_be_killed_from_outside(string transport)
    {
        var place = Place(View.NoLayer);
        using var running = new Running(Launch(place, View.NoLayer, transport, "/bin/sh", "-c", "echo $$; kill -STOP $$; echo never"), Workspace.Logs);
        var watch = Stopwatch.StartNew();
        var pid = 0;
        while (pid == 0 || Posix.Status(pid, "State")?[0] is not ('T' or 't'))
        {
            Assert.False(running.Ended(TimeSpan.FromMilliseconds(10)), running.ErrorsNow());
            Assert.True(watch.Elapsed < Settings.Patience, "the guest does not stop");
            _ = running.OutputNow().EndsWith('\n') && int.TryParse(running.OutputNow(), out pid);
        }
        Posix.Kill(pid);
        Assert.True(running.Ended(Settings.Patience), "the run goes on without its guest");
        Assert.Equal(137, running.Finish().Status);
    }

    private Outcome Shell(string transport, string[] options, string script)
    {
        var place = Place(View.NoLayer);
        using var running = new Running(Launch(place, View.NoLayer, transport, "/bin/sh", "-c", script) with { Options = options }, Workspace.Logs);
        return running.Finish();
    }

    private static Launch Launch(Workspace.Place place, View view, string transport, params string[] command) =>
        new(Settings.IsRoot ? User.Root : User.Self, view, transport, place.Directory, place.Source, command);

    private Workspace.Place Place(View view)
    {
        var place = Workspace.New(Settings.IsRoot ? User.Root : User.Self, view);
        _places.Add(place);
        return place;
    }

    public void Dispose() => _places.ForEach(Workspace.Remove);

    /// <summary>What a hypervisor or its runtime could have left where all programs leave such things: the runtime names its files after its process.</summary>
    private static IEnumerable<string> Strays(int hypervisor) =>
        ((string[])["/tmp", "/dev/shm", "/run"]).SelectMany(Directory.EnumerateFileSystemEntries)
            .Where(f => Path.GetFileName(f) is var name && (name.StartsWith("vuos-actors", StringComparison.Ordinal) || name.Split('-', '.').Contains($"{hypervisor}")));
}
