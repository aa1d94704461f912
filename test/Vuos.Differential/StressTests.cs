using System.Globalization;
using Vuos.Differential.Harness;
using Xunit;
using Xunit.Abstractions;

namespace Vuos.Differential;

/// <summary>200 threads opening files while processes fork, exec and are killed: as natively, no hang, no leak.</summary>
/// <remarks><c>VUOS_STRESS_SECONDS=60</c> for the minute of the issue.</remarks>
[Collection("alone")]
public class StressTests(ITestOutputHelper log)
{
    private const int Threads = 200;

    /// <summary>Descriptors the hypervisor may have more at a late moment of a storm than at an early one.</summary>
    private const int FdSlack = 400;

    /// <summary>Memory the hypervisor may have more, KiB: its garbage collector is in no hurry.</summary>
    private const long RssSlack = 200 * 1024;

    private static readonly User Who = Settings.IsRoot ? User.Root : User.Self;

    private static Outcome? _native;

    private sealed record Sample(int Fds, long Rss);

    public static TheoryData<View, string> Cases { get; } = All();

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_storm_ends_as_natively_and_leaves_nothing(View view, string transport)
    {
        var native = _native ??= Storm(new Launch(Who, View.Native, "", "", "", []), null);
        Assert.DoesNotContain(native.Output.Split('\n'), l => l.Contains("failures", StringComparison.Ordinal) && !l.EndsWith(" 0", StringComparison.Ordinal));

        var samples = new List<Sample>();
        var outcome = Storm(new Launch(Who, view, transport, "", "", []), samples);

        Assert.Equal(string.Join('\n', native.Lines()), string.Join('\n', outcome.Lines()));
        if (samples.Count > 1)
        {
            // The first quarter warms up: code is compiled and the heap finds its size.
            Sample early = samples[samples.Count / 4], late = samples[^1];
            log.WriteLine($"hypervisor: {early} then {late}");
            Assert.True(late.Fds <= early.Fds + FdSlack, $"descriptors grew: {early} then {late}");
            Assert.True(late.Rss <= early.Rss + RssSlack, $"memory grew: {early} then {late}");
        }
    }

    private Outcome Storm(Launch launch, List<Sample>? samples)
    {
        var place = Workspace.New(launch.User, launch.View);
        launch = launch with
        {
            Directory = place.Directory,
            Source = place.Source,
            Command = [Workspace.Compile(Path.Combine(Settings.Material, "Stress", "storm.c")), Settings.StressSeconds.ToString(CultureInfo.InvariantCulture),
                       Threads.ToString(CultureInfo.InvariantCulture), place.Directory, "1"],
            Timeout = TimeSpan.FromSeconds(Settings.StressSeconds + 300),
        };
        using var running = new Running(launch, Workspace.Logs);
        if (samples != null)
        {
            var limit = DateTime.UtcNow + launch.Timeout;
            while (!running.Ended(TimeSpan.FromMilliseconds(500)) && DateTime.UtcNow < limit)
            {
                var tracer = Posix.TracerOf(running.Marker);
                if (tracer != 0 && Take(tracer) is { } sample)
                    samples.Add(sample);
            }
        }
        var outcome = running.Finish();
        var operations = Path.Combine(place.Real, "operations");
        log.WriteLine($"{launch.Name}: {(File.Exists(operations) ? File.ReadAllText(operations).Trim() : "no")} operations");
        Assert.Empty(place.Leaked());
        Workspace.Remove(place);
        return outcome;
    }

    private static Sample? Take(int pid)
    {
        try
        {
            var rss = Posix.Status(pid, "VmRSS")?.Split(' ')[0];
            return rss == null ? null : new Sample(Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length, long.Parse(rss, CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // The run has just ended.
            return null;
        }
    }

    private static TheoryData<View, string> All()
    {
        var all = new TheoryData<View, string>();
        foreach (var view in (View[])[View.NoLayer, View.Unrelated, View.Inside])
        {
            foreach (var transport in Settings.Transports)
                all.Add(view, transport);
        }
        return all;
    }
}

/// <summary>Tests that want the machine for themselves.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public class Alone;
