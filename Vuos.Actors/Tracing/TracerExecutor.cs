using System.Collections.Concurrent;
using Akka.Configuration;
using Akka.Dispatch;

namespace Vuos.Actors.Tracing;

/// <summary>
/// Runs the mailboxes of the tracer's dispatcher on the tracer thread: a plain queue for work queued by that thread itself (a message there is a push and a pop), a concurrent
/// queue plus a wake-up for the others.
/// </summary>
internal sealed class TracerQueue
{
    private readonly Queue<IRunnable> local = new(256);
    private readonly ConcurrentQueue<IRunnable> remote = new();
    private int owner = -1;
    private int signalled;
    private Action? wake;

    /// <summary>Makes the calling thread the one that runs what is queued.</summary>
    public void Bind(Action wakeTracer)
    {
        wake = wakeTracer;
        Volatile.Write(ref owner, Environment.CurrentManagedThreadId);
    }

    public void Post(IRunnable work)
    {
        if (Environment.CurrentManagedThreadId == Volatile.Read(ref owner))
        {
            local.Enqueue(work);
            return;
        }

        remote.Enqueue(work);
        if (Interlocked.Exchange(ref signalled, 1) == 0)
            Volatile.Read(ref wake)?.Invoke();
    }

    public void Post(Action work) => Post(new ActionRunnable(work));

    /// <summary>Runs everything queued, also what that queues. Tracer thread only.</summary>
    public void Drain()
    {
        // A full fence: were the look at the queue to come before this store, a post in between would wake nobody.
        if (Volatile.Read(ref signalled) != 0)
            Interlocked.Exchange(ref signalled, 0);
        while (local.TryDequeue(out var work) || (!remote.IsEmpty && remote.TryDequeue(out work)))
            work.Run();
    }

    private sealed class ActionRunnable(Action action) : IRunnable
    {
        public void Run() => action();

        public void Execute() => action();
    }
}

/// <summary>The executor service behind <c>vuos.tracer-dispatcher</c>.</summary>
internal sealed class TracerExecutor(string id, TracerQueue queue) : ExecutorService(id)
{
    public override void Execute(IRunnable run) => queue.Post(run);

    /// <summary>The tracer thread outlives the actor system and ends by itself.</summary>
    public override void Shutdown()
    {
    }
}

/// <summary>Named in HOCON: <c>executor = "Vuos.Actors.Tracing.TracerExecutorConfigurator, Vuos.Actors"</c>. Finds its queue in the actor system's setup.</summary>
public sealed class TracerExecutorConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    : ExecutorServiceConfigurator(config, prerequisites)
{
    public override ExecutorService Produce(string id)
    {
        var setup = Prerequisites.Settings.Setup.Get<TracerSetup>();
        return setup.HasValue
            ? new TracerExecutor(id, setup.Value.Queue)
            : throw new ConfigurationException("the tracer dispatcher needs a TracerSetup in the actor system's setup");
    }
}

/// <summary>Hands the tracer's queue to the actor system.</summary>
public sealed class TracerSetup : Akka.Actor.Setup.Setup
{
    internal TracerSetup(TracerQueue queue) => Queue = queue;

    internal TracerQueue Queue { get; }
}
