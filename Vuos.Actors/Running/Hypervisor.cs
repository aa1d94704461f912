using Serilog;
using Vuos.Actors.Tracing;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Running;

/// <summary>Runs a guest command under a new hypervisor.</summary>
public static class Hypervisor
{
    /// <summary>Exit status when the hypervisor itself failed.</summary>
    public const int Failed = 125;

    /// <summary>Names of the modules that can be loaded.</summary>
    public static IEnumerable<string> KnownModules => Modules.KnownModules.Names;

    /// <summary>Blocks until the run has ended. Returns the first process's exit status (128+N if signal N killed it),
    /// or 126/127 if the command could not be executed/found, or 125 if the hypervisor itself failed.</summary>
    public static int Run(RunOptions options)
    {
        RuntimeEndpoints.Remove();
        var settings = RunSettings.Load(options);
        if (settings.Problem is { } problem)
        {
            Complain(problem);
            return Failed;
        }

        var logger = LogSetup.Create(options, settings);
        using var log = new RunLog(logger, () => LogSetup.Create(options, settings, tagged: true));
        var status = Failed;
        // The tracer thread: ptrace binds tracees to the thread that seized them.
        var thread = new Thread(() => status = Trace(options, settings, log, logger), 1 << 20) { Name = "tracer" };
        thread.Start();
        thread.Join();
        return status;
    }

    internal static void Complain(string sentence) => Files.WriteAll(2, System.Text.Encoding.UTF8.GetBytes($"vuos-actors: {sentence}\n"));

    private static int Trace(RunOptions options, RunSettings settings, RunLog log, ILogger logger)
    {
        try
        {
            SignalSetup.KeepFromHypervisor();
            using var source = OpenSource(settings);
            if (source is null)
            {
                Complain("neither io_uring nor ptrace can be used here");
                return Failed;
            }

            using var run = new Run(options, settings, source, log, logger);
            return run.ToTheEnd();
        }
        catch (Exception e)
        {
            log.Error(e, "the tracer failed");
            Complain($"internal error: {e.Message}");
            return Failed;
        }
    }

    private static IEventSource? OpenSource(RunSettings settings) =>
        (settings.UseRing ? RingEventSource.Open() : null) ?? (settings.RequireRing ? null : (IEventSource?)HelperEventSource.Open());
}
