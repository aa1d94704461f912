using System.Text;
using Vuos.Differential.Harness;
using Xunit;
using Xunit.Abstractions;

namespace Vuos.Differential;

/// <summary>Real programs, each driven by a script of Programs, must behave as outside: same output, errors and status.</summary>
/// <remarks>By default as root with the default transport; <c>VUOS_DIFF_FULL=1</c> adds nobody and every transport.</remarks>
public class ProgramTests(ITestOutputHelper log)
{
    private static readonly Differences Accepted = Differences.Load();

    /// <summary>Names of the scripts in Programs.</summary>
    public static TheoryData<string> Scripts { get; } =
        [.. Directory.GetFiles(Path.Combine(Settings.Material, "Programs"), "*.sh").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Scripts))]
    public void A_program_behaves_as_outside(string script)
    {
        var failures = new StringBuilder();
        User[] users = !Settings.IsRoot ? [User.Self] : Settings.Full ? [User.Root, User.Nobody] : [User.Root];
        foreach (var user in users)
        {
            var native = Run(script, new Launch(user, View.Native, "", "", "", []), out _);
            if (native.Any(l => l.StartsWith("skipped", StringComparison.Ordinal)))
                log.WriteLine(string.Join('\n', native));
            for (var round = 0; round < Settings.Repeat; round++)
            {
                foreach (var view in (View[])[View.NoLayer, View.Unrelated, View.Inside])
                {
                    foreach (var transport in Settings.Full ? Settings.Transports : [""])
                    {
                        var launch = new Launch(user, view, transport, "", "", []);
                        var lines = Run(script, launch, out var leaked);
                        if (Accepted.Compare(script, launch, native, lines) is { } difference)
                            failures.AppendLine($"{launch.Name}:").AppendLine(difference);
                        foreach (var name in leaked)
                            failures.AppendLine($"{launch.Name}: wrote {name} below the mount");
                        // What hangs once would hang each time.
                        Assert.False(lines.Contains(Outcome.Hung), failures.ToString());
                    }
                }
            }
        }
        Assert.True(failures.Length == 0, failures.ToString());
    }

    private List<string> Run(string script, Launch launch, out string[] leaked)
    {
        var place = Workspace.New(launch.User, launch.View);
        // The script itself lies in the directory, so that its interpreter reads it through the view.
        File.Copy(Path.Combine(Settings.Material, "Programs", script + ".sh"), Path.Combine(place.Real, "script.sh"));
        File.SetUnixFileMode(Path.Combine(place.Real, "script.sh"), (UnixFileMode)0b111_101_101);
        launch = launch with
        {
            Directory = place.Directory,
            Source = place.Source,
            Command = ["./script.sh", place.Directory],
            Timeout = TimeSpan.FromMinutes(8),
        };
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var running = new Running(launch, Workspace.Logs);
        // Names of directories differ between runs, and nothing else may.
        var lines = running.Finish().Lines().Select(l => l.Replace(place.Directory, "@", StringComparison.Ordinal)).ToList();
        log.WriteLine($"{launch.Name}: {watch.ElapsedMilliseconds} ms");
        leaked = place.Leaked();
        Workspace.Remove(place);
        return lines;
    }
}
