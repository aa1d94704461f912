using System.Diagnostics;
using Vuos.Actors.Guests;
using Vuos.Actors.Virtual;

namespace Vuos.Actors.Tracing;

/// <summary>
/// Looks for signals that came for guests while they wait for a layer. The kernel wakes a traced thread in such a wait for SIGKILL only, so Ctrl-C would not end the wait for a server that hangs: of a guest
/// that will be killed the request is cancelled here, the call gives EINTR, and the kernel delivers the signal. For other signals, which have to wait (fs/fuse/dev.c, request_wait_answer), the file system is
/// told once. On the tracer thread.
/// </summary>
internal sealed class SignalWatch
{
    /// <summary>How often it is looked, and how long a call must have waited.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly ITracer tracer;
    private readonly Lookout lookout;

    public SignalWatch(ITracer tracer)
    {
        this.tracer = tracer;
        lookout = new Lookout(tracer, Interval, Look);
    }

    /// <summary>A thread begins to wait.</summary>
    public void Watch() => lookout.Begin();

    private bool Look()
    {
        var waiting = false;
        foreach (var thread in tracer.Threads.Values)
        {
            if (thread.State != GuestState.AwaitingLayer || thread.Cancel is not { IsCancellationRequested: false } cancel)
                continue;
            waiting = true;
            if (Stopwatch.GetElapsedTime(thread.WaitingSince) < Interval)
                continue;
            switch (ProcStatus.Pending(thread.Tid))
            {
                case PendingSignals.Fatal:
                    cancel.Cancel();
                    break;
                case PendingSignals.Handled when thread.ToldSince != thread.WaitingSince:
                    thread.ToldSince = thread.WaitingSince;
                    (thread.AskedLayer?.Virtual?.Files as IInterruptible)?.Interrupt(thread.Tid);
                    break;
            }
        }

        return waiting;
    }
}
