using System.Collections.Concurrent;
using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Actors.Running;
using Vuos.Actors.Tracing;

namespace Vuos.Actors.Tests.Actors;

/// <summary>Writes down what actors ask of the tracer; fails when told to.</summary>
internal sealed class FakeTracer(TracerQueue queue) : ITracer
{
    public Dictionary<int, GuestThread> Guests { get; } = [];

    public ConcurrentQueue<(GuestThread Thread, Verdict Verdict)> Completed { get; } = new();

    public ConcurrentQueue<FilterStage> Required { get; } = new();

    public Func<Verdict, bool> CompleteFails { get; set; } = static _ => false;

    public bool FiltersFail { get; set; }

    public TaskCompletionSource Killed { get; } = new();

    public TracerQueue Queue => queue;

    public Statistics Statistics { get; } = new();

    public IReadOnlyDictionary<int, GuestThread> Threads => Guests;

    public IReadOnlyDictionary<int, GuestProcess> Processes => Guests.Values.Select(static t => t.Process).Distinct().ToDictionary(static p => p.Pid);

    public IGuestObserver? Observer { get; set; }

    public DebugOutput Debug { get; } = DebugOutput.None(new RunLog(Serilog.Core.Logger.None));

    public List<string> Informed { get; } = [];

    public GuestThread Guest(int tid)
    {
        var thread = new GuestThread(tid, new GuestProcess(tid));
        thread.Process.Threads.Add(thread);
        Guests[tid] = thread;
        return thread;
    }

    public void RequireFilters(FilterStage stages, GuestThread? caller, Action done)
    {
        if (FiltersFail)
            throw new InvalidOperationException("no filters today");
        Required.Enqueue(stages);
        done();
    }

    public void Complete(GuestThread thread, Verdict verdict)
    {
        if (CompleteFails(verdict))
            throw new InvalidOperationException("cannot complete");
        Completed.Enqueue((thread, verdict));
    }

    public void Inform(string sentence) => Informed.Add(sentence);

    public void KillAll() => Killed.TrySetResult();
}
