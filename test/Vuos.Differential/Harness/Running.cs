using System.Diagnostics;

namespace Vuos.Differential.Harness;

/// <summary>A run under way: its own session, its output in files, found again by a marker in its environment.</summary>
public sealed class Running : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static int _count;

    private readonly Process _process;
    private readonly string _output, _errors;
    private readonly DateTime _limit;

    // Whoever ends the tests early (test.sh has a limit) ends what they started.
    static Running() => AppDomain.CurrentDomain.ProcessExit += static (_, _) => Posix.Marked(OfThisProcess).ForEach(Posix.Kill);

    private static string OfThisProcess => $"VUOS_DIFF_RUN={Environment.ProcessId}.";

    /// <summary>In the environment of every process of the run, unless one clears it.</summary>
    public string Marker { get; } = $"{OfThisProcess}{Interlocked.Increment(ref _count)}.{Environment.TickCount64};";

    /// <summary>The process that was started; each tool before the hypervisor replaces itself by the next.</summary>
    public int Pid => _process.Id;

    public Running(Launch launch, string logs)
    {
        Directory.CreateDirectory(logs);
        var id = Interlocked.Increment(ref _count);
        _output = Path.Combine(logs, $"{id}.out");
        _errors = Path.Combine(logs, $"{id}.err");
        _limit = DateTime.UtcNow + launch.Timeout;
        var info = new ProcessStartInfo("/usr/bin/setsid") { WorkingDirectory = "/", UseShellExecute = false };
        info.Environment.Clear();
        foreach (var word in Words(launch))
            info.ArgumentList.Add(word);
        _process = Process.Start(info) ?? throw new InvalidOperationException("setsid did not start");
    }

    private IEnumerable<string> Words(Launch launch)
    {
        // Not pipes: a daemon that outlives the run would hold them open.
        foreach (var w in (string[])["/bin/sh", "-c", "exec >\"$1\" 2>\"$2\" </dev/null; shift 2; exec \"$@\"", "sh", _output, _errors])
            yield return w;
        if (Settings.IsRoot)
        {
            foreach (var w in (string[])["/usr/bin/unshare", "-m", "--propagation", "private"])
                yield return w;
        }
        if (launch.User == User.Nobody)
        {
            foreach (var w in (string[])["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"])
                yield return w;
        }
        var home = Path.Combine(Path.GetDirectoryName(_output)!, "home-" + launch.User);
        if (!Directory.Exists(home))
        {
            Directory.CreateDirectory(home);
            if (launch.User == User.Nobody)
                Posix.Give(home, 65534);
        }
        // Whether SIGPIPE was ignored before it is the one thing a hypervisor on .NET cannot know (docs/compatibility.md), so who starts the tests has no say in it.
        foreach (var w in (string[])["/usr/bin/env", "-i", "--default-signal=PIPE", Marker, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + home,
                                     "LANG=C.UTF-8", "TERM=dumb", "DOTNET_CLI_TELEMETRY_OPTOUT=1", "DOTNET_NOLOGO=1", "DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1"])
            yield return w;
        if (launch.View != View.Native)
        {
            yield return Settings.Actors.Value;
            yield return "run";
            if (launch.Transport.Length > 0)
            {
                yield return "--transport";
                yield return launch.Transport;
            }
            foreach (var w in launch.Options.Concat(ViewOptions(launch)))
                yield return w;
        }
        else
        {
            // Natively too the program is the child of the session's leader, and its death by a signal becomes a status.
            foreach (var w in (string[])["/bin/sh", "-c", "\"$@\"; exit $?", "sh"])
                yield return w;
        }
        // The directory is entered inside the view: what a directory entered before the mount means is another question.
        yield return "/bin/sh";
        yield return "-c";
        yield return "cd \"$0\" && exec \"$@\"";
        yield return launch.Directory;
        foreach (var w in launch.Command)
            yield return w;
    }

    private static string[] ViewOptions(Launch launch) => launch.View switch
    {
        View.Unrelated => ["-m", "vufs", "-b", Workspace.Unrelated],
        View.Inside => ["-m", "vufs", "-b", $"{launch.Source}:{launch.Directory}"],
        _ => [],
    };

    /// <summary>Waits at most that long; true when the run has ended.</summary>
    public bool Ended(TimeSpan within) => _process.WaitForExit(within);

    /// <summary>What the run has printed up to now.</summary>
    public string OutputNow() => File.Exists(_output) ? ReadShared(_output) : "";

    /// <summary>What the run has written to standard error up to now.</summary>
    public string ErrorsNow() => File.Exists(_errors) ? ReadShared(_errors) : "";

    /// <summary>Waits for the end, or kills everything at the time limit.</summary>
    public Outcome Finish()
    {
        var left = _limit - DateTime.UtcNow;
        var ended = _process.WaitForExit(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        var leftover = Posix.Marked(Marker).Where(p => p != Pid).Select(p => $"{p} {Posix.Status(p, "Name")}").ToList();
        if (!ended || leftover.Count > 0)
            KillAll();
        _process.WaitForExit();
        return new Outcome(_process.ExitCode, !ended, OutputNow(), ErrorsNow(), ended ? leftover : []);
    }

    /// <summary>SIGKILL to the session's group and to every process with the marker.</summary>
    public void KillAll()
    {
        Posix.Kill(-Pid);
        // A process may fork while the list is read, and one inside execve(2) has no environment to be known by: the list must be empty twice. On a busy
        // machine a killed process may have to wait for a processor to die on.
        var watch = Stopwatch.StartNew();
        for (var empty = 0; empty < 2 && watch.Elapsed < _patience; Thread.Yield())
        {
            var alive = Posix.Marked(Marker);
            empty = alive.Count == 0 ? empty + 1 : 0;
            alive.ForEach(Posix.Kill);
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited || Posix.Marked(Marker).Count > 0)
            KillAll();
        _process.Dispose();
    }

    private static string ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
        return reader.ReadToEnd();
    }
}
