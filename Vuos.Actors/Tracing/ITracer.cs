using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Actors.Running;

namespace Vuos.Actors.Tracing;

/// <summary>The tracer as actors see it. Everything but <see cref="Queue"/> is for the tracer thread only.</summary>
internal interface ITracer
{
    /// <summary>The way onto the tracer thread, from any thread.</summary>
    TracerQueue Queue { get; }

    Statistics Statistics { get; }

    IReadOnlyDictionary<int, GuestThread> Threads { get; }

    IReadOnlyDictionary<int, GuestProcess> Processes { get; }

    /// <summary>Told about threads that appear and end, once the actor system runs.</summary>
    IGuestObserver? Observer { get; set; }

    /// <summary>Has filters installed in every guest, then calls <paramref name="done"/>.</summary>
    void RequireFilters(FilterStage stages, GuestThread? caller, Action done);

    /// <summary>An actor answered a call that waited for it.</summary>
    void Complete(GuestThread thread, Verdict verdict);

    /// <summary>Debug output by tags.</summary>
    DebugOutput Debug { get; }

    /// <summary>Says something in the log; never I/O on the calling thread.</summary>
    void Inform(string sentence);

    /// <summary>Kills every guest; their ends are reported as usual.</summary>
    void KillAll();
}
