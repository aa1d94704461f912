using Akka.Actor.Setup;
using Akka.Configuration;
using Vuos.Actors.Running;
using Vuos.Actors.Tracing;

namespace Vuos.Actors.Tests.Actors;

/// <summary>A thread that runs a tracer's queue and sleeps in between, as the tracer does, without a tracer.</summary>
internal sealed class TracerThread : IDisposable
{
    private readonly AutoResetEvent wake = new(false);
    private readonly Thread thread;
    private volatile bool ending;

    public TracerThread()
    {
        using var bound = new ManualResetEventSlim();
        thread = new Thread(() =>
        {
            Queue.Bind(() => wake.Set());
            bound.Set();
            while (!ending)
            {
                Queue.Drain();
                wake.WaitOne();
            }
        });
        thread.Start();
        bound.Wait();
    }

    public TracerQueue Queue { get; } = new();

    public int Id => thread.ManagedThreadId;

    /// <summary>The program's own settings, with this thread behind the tracer's dispatcher.</summary>
    public ActorSystemSetup Setup(string settings = "") => ActorSystemSetup.Create(
        Akka.Actor.BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString(settings).WithFallback(RunSettings.Load(new RunOptions { Command = [] }).Config())),
        new TracerSetup(Queue));

    public void Dispose()
    {
        ending = true;
        wake.Set();
        thread.Join();
        wake.Dispose();
    }
}
