using System.Diagnostics;
using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Actors.Running;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>
/// The tracer: one thread, one loop. It owns every ptrace call and all guest state; other threads reach it through <see cref="Queue"/>. Per stop it takes no lock and
/// allocates nothing unless a layer is concerned.
/// </summary>
internal sealed partial class Tracer : ITracer
{
    public const long SeizeOptions = PtraceRequest.OptionSysGood | PtraceRequest.OptionFork | PtraceRequest.OptionVfork | PtraceRequest.OptionClone
        | PtraceRequest.OptionExec | PtraceRequest.OptionSeccomp | PtraceRequest.OptionExitKill;

    private readonly IEventSource source;
    private readonly TracerOptions options;
    private readonly RunLog log;
    private readonly Dictionary<int, GuestThread> threads = [];
    private readonly Dictionary<int, GuestProcess> processes = [];
    private readonly Queue<WaitEvent> deferredStops = new();
    private readonly Queue<int> deferredNotifications = new();
    private bool deferredMessage;
    private readonly Call call = new();
    private readonly Injector injector;
    private ICallHandler handler = null!;
    private int mainPid;
    private int? mainStatus;
    private bool ending;
    private bool lastCommand;

    public Tracer(IEventSource source, TracerOptions options, RunLog log, TracerQueue queue)
    {
        this.source = source;
        this.options = options;
        this.log = log;
        Queue = queue;
        Statistics = new Statistics { Timed = options.Timed };
        injector = new Injector(WaitFor);
        Debug = DebugOutput.None(log);
    }

    public TracerQueue Queue { get; }

    public Statistics Statistics { get; }

    public IReadOnlyDictionary<int, GuestThread> Threads => threads;

    public IReadOnlyDictionary<int, GuestProcess> Processes => processes;

    /// <summary>Told about threads that appear and end, once the actor system runs. Tracer thread only.</summary>
    public IGuestObserver? Observer { get; set; }

    /// <summary>Where debug lines go.</summary>
    public DebugOutput Debug { get; set; }

    /// <summary>Why a guest was refused something, for the log. Said before the guest goes on, so it is not lost when the run ends.</summary>
    public void Inform(string sentence) => log.Information(sentence);

    public void Attach(ICallHandler callHandler) => handler = callHandler;

    public GuestProcess? FindProcess(int pid) => threads.TryGetValue(pid, out var thread) ? thread.Process : processes.GetValueOrDefault(pid);

    /// <summary>Runs until the first process of the current command has ended, or, when <paramref name="toTheEnd"/>, until no guest is left. Returns its shell status.</summary>
    public int Loop(bool toTheEnd)
    {
        lastCommand = toTheEnd;
        while (!(mainStatus is not null && (!toTheEnd || threads.Count == 0)))
        {
            Queue.Drain();
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var happened = NextEvent(out var stop, out var listener);
            var begin = Statistics.Timed ? Stopwatch.GetTimestamp() : 0;
            switch (happened)
            {
                case SourceEvent.Stop:
                    Guarded(stop);
                    break;
                case SourceEvent.Notification:
                    HandleNotification(listener);
                    break;
                case SourceEvent.ListenerClosed:
                    Files.Close(listener);
                    break;
                case SourceEvent.NoChildren:
                    threads.Clear();
                    processes.Clear();
                    mainStatus ??= 125;
                    return mainStatus.Value;
            }

            if (Statistics.Timed && happened is SourceEvent.Stop or SourceEvent.Notification)
                (happened == SourceEvent.Stop ? Statistics.Stopped : Statistics.Notified).Add(Stopwatch.GetTimestamp() - begin);
            CountAllocation(GC.GetAllocatedBytesForCurrentThread() - allocated);
        }

        return mainStatus!.Value;
    }

    private void CountAllocation(long bytes)
    {
        if (bytes == 0)
            return;
        Statistics.Allocated += bytes;
        Statistics.Allocations++;
    }

    /// <summary>Kills every guest; their ends are reported as usual.</summary>
    public void KillAll()
    {
        ending = true;
        foreach (var process in processes.Values)
            Sys.Fast(Nr.Kill, process.Pid, 9);
    }

    /// <summary>Sends a signal to the first process; from any thread.</summary>
    public void SignalMain(int signal) => Sys.Fast(Nr.Kill, mainPid, signal);

    /// <summary>Resumes a stopped thread. If it lacks filters, or has a descriptor to give back, it will stop again at once: any stop clears an interrupt that was pending, so it is asked for anew each time.</summary>
    private void Resume(GuestThread thread, int signal = 0, int request = PtraceRequest.Cont)
    {
        if (thread.State != GuestState.InRewrittenCall && thread.State != GuestState.AwaitingEntry && thread.State != GuestState.Escalating)
            thread.State = GuestState.Running;
        if (LacksFilters(thread) || thread.NeedsStop)
            Ptrace.Request(PtraceRequest.Interrupt, thread.Tid);
        Ptrace.Request(request, thread.Tid, 0, signal);
    }

    private SourceEvent NextEvent(out WaitEvent stop, out int listener)
    {
        stop = default;
        listener = -1;
        if (deferredStops.TryDequeue(out stop))
            return SourceEvent.Stop;
        if (deferredNotifications.TryDequeue(out listener))
            return SourceEvent.Notification;
        if (deferredMessage)
        {
            deferredMessage = false;
            return SourceEvent.Message;
        }

        return source.Next(out stop, out listener);
    }

    /// <summary>Waits for the next event of one thread; what happens to others meanwhile is kept for the loop.</summary>
    private WaitEvent WaitFor(int tid)
    {
        for (var i = deferredStops.Count; i > 0; i--)
        {
            var kept = deferredStops.Dequeue();
            if (kept.Tid == tid)
                return kept;
            deferredStops.Enqueue(kept);
        }

        while (true)
        {
            switch (source.Next(out var stop, out var listener))
            {
                case SourceEvent.Stop when stop.Tid == tid:
                    if (stop.IsEnd)
                        deferredStops.Enqueue(stop);
                    return stop;
                case SourceEvent.Stop:
                    deferredStops.Enqueue(stop);
                    break;
                case SourceEvent.Notification:
                    deferredNotifications.Enqueue(listener);
                    break;
                case SourceEvent.Message:
                    deferredMessage = true;
                    break;
                case SourceEvent.ListenerClosed:
                    Files.Close(listener);
                    break;
                case SourceEvent.NoChildren:
                    return default;
            }
        }
    }

    /// <summary>A defect of ours must not take the run down: the one thread it concerns is resumed, the rest never notices.</summary>
    private void Guarded(in WaitEvent stop)
    {
        try
        {
            Handle(stop);
        }
        catch (Exception e)
        {
            log.Error(e, $"handling a stop of thread {stop.Tid} (status {stop.Status:x})");
            Ptrace.Request(PtraceRequest.Cont, stop.Tid);
        }
    }
}
