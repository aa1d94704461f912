using Akka.Actor;
using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Tracing;
using Vuos.Actors.Virtual;
using Vuos.Native;

namespace Vuos.Actors.Actors;

/// <summary>
/// Supervises one <see cref="GuestProcessActor"/> per guest process that has asked for something. Supervised by <see cref="HypervisorActor"/>; runs on the tracer thread, where it also
/// hears of ends directly.
/// </summary>
internal sealed class GuestsActor : ReceiveActor
{
    private readonly Dictionary<int, IActorRef> processes = [];

    public GuestsActor(ITracer tracer, Action<GuestThread> hasActor, IRootControl roots)
    {
        Receive<ActivateGuest>(message =>
        {
            var pid = message.Thread.Process.Pid;
            if (!processes.TryGetValue(pid, out var process))
            {
                process = Context.ActorOf(Props.Create(() => new GuestProcessActor(tracer, hasActor, roots)).WithDispatcher(Dispatchers.Tracer));
                processes[pid] = process;
            }

            process.Tell(message);
        });
        Receive<GuestEnded>(ended =>
        {
            if (!processes.TryGetValue(ended.Pid, out var process))
                return;
            process.Tell(ended);
            if (ended.Last)
                processes.Remove(ended.Pid);
        });
    }
}

/// <summary>One guest process: supervises the actors of its threads. Ends with its last thread.</summary>
internal sealed class GuestProcessActor : ReceiveActor
{
    private readonly Dictionary<int, IActorRef> threads = [];

    public GuestProcessActor(ITracer tracer, Action<GuestThread> hasActor, IRootControl roots)
    {
        Receive<ActivateGuest>(message =>
        {
            var thread = message.Thread;
            if (thread.Actor is not null)
                return;
            var actor = Context.ActorOf(Props.Create(() => new GuestThreadActor(tracer, thread, roots)).WithDispatcher(Dispatchers.Tracer));
            thread.Actor = actor;
            threads[thread.Tid] = actor;
            hasActor(thread);
        });
        Receive<GuestEnded>(ended =>
        {
            if (ended.Last)
                Context.Stop(Self);
            else if (threads.Remove(ended.Tid, out var thread))
                Context.Stop(thread);
        });
    }
}

/// <summary>
/// One guest thread, from its first request on: the address at which layers and the hypervisor answer its calls, on the tracer thread. It alone completes them. When it fails, the call in flight
/// gets EIO and it is restarted with the same thread.
/// </summary>
internal sealed class GuestThreadActor : ReceiveActor
{
    private readonly ITracer tracer;
    private readonly GuestThread thread;

    public GuestThreadActor(ITracer tracer, GuestThread thread, IRootControl roots)
    {
        this.tracer = tracer;
        this.thread = thread;
        Receive<ControlAnswer>(answer =>
        {
            thread.Process.LastError = answer.Sentence;
            if (answer.Sentence.Length > 0)
                tracer.Inform(answer.Sentence);
            tracer.Complete(thread, answer.Error == Errno.None ? Verdict.Answer(0) : Verdict.Fail(answer.Error));
        });
        Receive<UnionAnswer>(answer =>
        {
            // Mounts and working directories go along with a name; then the call ends as well.
            if (answer.Renamed is { } names && roots.Renamed(thread, names.From, names.To))
                return;
            tracer.Complete(thread, answer.Again ? Verdict.Again : answer.Error == Errno.None ? Verdict.Answer(0) : Verdict.Fail(answer.Error));
        });
        Receive<VirtualAnswer>(answer =>
        {
            // The guest was killed meanwhile: nobody takes the descriptor.
            if (answer.Descriptor >= 0 && !thread.Alive)
                Native.Kernel.Files.Close(answer.Descriptor);
            else if (answer.Program is { } program)
                (thread.Programs ??= [])[program] = answer.Descriptor;
            // Before the guest has the descriptor, so no call on it is missed.
            thread.Process.Wanted |= answer.Needs;
            if (answer.Renamed is { } names && roots.Renamed(thread, names.From, names.To))
                return;
            tracer.Complete(thread, VerdictOf(answer));
        });
    }

    private static Verdict VerdictOf(VirtualAnswer answer) =>
        answer.Again ? Verdict.Again : answer.Descriptor >= 0 ? Verdict.Graft(answer.Descriptor) : Verdict.Answer(answer.Result);

    protected override void PreRestart(Exception reason, object message)
    {
        tracer.Complete(thread, Verdict.Fail(Errno.EIO));
        base.PreRestart(reason, message);
    }
}
