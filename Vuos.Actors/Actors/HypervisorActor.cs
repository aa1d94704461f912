using Akka.Actor;
using Akka.Event;
using Vuos.Actors.Running;
using Vuos.Actors.Tracing;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;

namespace Vuos.Actors.Actors;

/// <summary>
/// Root of a run's actors. Supervised by the user guardian, default dispatcher. Owns the loaded modules through <c>/modules</c>. If its tracer fails, guests cannot be
/// served any more: the run ends and PTRACE_O_EXITKILL takes them along.
/// </summary>
internal sealed class HypervisorActor : ReceiveActor
{
    public HypervisorActor(ITracer tracer, PublishedView view, ModuleControl control)
    {
        var tracerActor = Context.ActorOf(Props.Create(() => new TracerActor(tracer)).WithDispatcher(Dispatchers.Tracer), "tracer");
        Context.Watch(tracerActor);
        var guests = Context.ActorOf(Props.Create(() => new GuestsActor(tracer, control.HasActor, control)).WithDispatcher(Dispatchers.Tracer), "guests");
        var router = Context.ActorOf(Props.Create(() => new RouterActor(view, tracerActor)).WithDispatcher(Dispatchers.Layers), "router");
        var modules = Context.ActorOf(Props.Create(() => new ModulesActor(view, router)).WithDispatcher(Dispatchers.Layers), "modules");
        Context.ActorOf(Props.Create(() => new DiagnosticsActor(tracer)).WithDispatcher(Dispatchers.Layers), "diagnostics");
        var self = Self;
        tracer.Queue.Post(() => control.Open(self, guests));
        Receive<LoadModule>(modules.Forward);
        Receive<UnloadModule>(modules.Forward);
        Receive<MountLayer>(modules.Forward);
        Receive<UnmountLayer>(modules.Forward);
        Receive<AdoptLayer>(modules.Forward);
        Receive<AskLayer>(modules.Forward);
        Receive<AskVirtual>(modules.Forward);
        Receive<ReplaceLayer>(router.Forward);
        Receive<RenameNames>(router.Forward);
        Receive<Terminated>(_ =>
        {
            Context.GetLogger().Error("the tracer failed; the run ends");
            tracer.Queue.Post(tracer.KillAll);
        });
    }

    /// <summary>The tracer is never restarted; everything else is.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        cause => cause is TracerFailedException ? Directive.Stop : Directive.Restart);
}

/// <summary>Names of the dispatchers in HOCON.</summary>
internal static class Dispatchers
{
    public const string Tracer = "vuos.tracer-dispatcher";

    /// <summary>Everything that may do I/O: modules, layers, the router and diagnostics.</summary>
    public const string Layers = "vuos.layer-dispatcher";
}

/// <summary>The tracer cannot go on.</summary>
public sealed class TracerFailedException(string message, Exception inner) : Exception(message, inner);
