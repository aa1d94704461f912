using System.Text;
using Vuos.Differential.Harness;
using Xunit;

namespace Vuos.Differential;

/// <summary>Small C programs, one per area, must print the same natively and under the hypervisor, for each user, view and transport.</summary>
public class CorpusTests
{
    private static readonly Differences Accepted = Differences.Load();

    /// <summary>Names of the programs in Corpus.</summary>
    public static TheoryData<string> Areas { get; } =
        [.. Directory.GetFiles(Path.Combine(Settings.Material, "Corpus"), "*.c").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Areas))]
    public void An_area_gives_the_same_results_under_the_hypervisor(string area)
    {
        var binary = Workspace.Compile(Path.Combine(Settings.Material, "Corpus", area + ".c"));
        var failures = new StringBuilder();
        foreach (var user in Settings.IsRoot ? [User.Root, User.Nobody] : (User[])[User.Self])
        {
            var native = Run(new Launch(user, View.Native, "", "", "", [binary]), out _);
            for (var round = 0; round < Settings.Repeat; round++)
            {
                foreach (var view in (View[])[View.NoLayer, View.Unrelated, View.Inside])
                {
                    foreach (var transport in Settings.Transports)
                    {
                        var launch = new Launch(user, view, transport, "", "", [binary]);
                        var lines = Run(launch, out var leaked);
                        if (Accepted.Compare(area, launch, native, lines) is { } difference)
                            failures.AppendLine($"{launch.Name}:").AppendLine(difference);
                        foreach (var name in leaked)
                            failures.AppendLine($"{launch.Name}: wrote {name} below the mount");
                        // What hangs once would hang each time.
                        Assert.False(lines.Contains(Outcome.Hung), failures.ToString());
                    }
                }
            }
        }
        foreach (var entry in Accepted.Of(area).Where(e => !e.Used && Settings.IsRoot))
            failures.AppendLine($"differences.txt: this entry is no longer needed: {entry.Text}");
        Assert.True(failures.Length == 0, failures.ToString());
    }

    [Fact]
    public void Every_accepted_difference_names_an_area() =>
        Assert.Empty(Accepted.Areas.Except(Names(Areas)).Except(Names(ProgramTests.Scripts)));

    private static IEnumerable<string> Names(IEnumerable<object[]> rows) => rows.Select(row => (string)row[0]);

    private static List<string> Run(Launch launch, out string[] leaked)
    {
        var place = Workspace.New(launch.User, launch.View);
        launch = launch with { Directory = place.Directory, Source = place.Source, Command = [.. launch.Command, place.Directory] };
        using var running = new Running(launch, Workspace.Logs);
        var lines = running.Finish().Lines();
        leaked = place.Leaked();
        Workspace.Remove(place);
        return lines;
    }
}
