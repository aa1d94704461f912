using Akka.Actor;
using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Actors.Modules;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Views;

namespace Vuos.Actors.Actors;

/// <summary>An actor whose requests are answered even when handling them fails; it is restarted by its supervisor.</summary>
internal abstract class AnsweringActor : ReceiveActor
{
    // Not in PreRestart: an actor that failed too often is stopped, not restarted, and nothing is called for the message that it failed at last.
    protected override bool AroundReceive(Receive receive, object message)
    {
        try
        {
            return base.AroundReceive(receive, message);
        }
        catch
        {
            (message as IAnswered)?.Caller.Tell(new ControlAnswer(Native.Errno.EIO, "internal error, see the log"));
            throw;
        }
    }
}

/// <summary>A request somebody waits for: if its handler fails, the caller gets EIO instead of silence.</summary>
internal interface IAnswered
{
    IActorRef Caller { get; }
}

/// <summary>Load a module; answered to <see cref="Caller"/> with a <see cref="ControlAnswer"/>: ENOENT, EEXIST.</summary>
internal sealed record LoadModule(string Name, bool Permanent, IActorRef Caller) : IAnswered;

/// <summary>Unload a module; ENOENT, EBUSY.</summary>
internal sealed record UnloadModule(string Name, IActorRef Caller) : IAnswered;

/// <summary>Make a layer; the caller is answered when it is in the routing table and every guest traps what it needs.</summary>
internal sealed record MountLayer(string Module, MountSpecification Request, IActorRef Caller) : IAnswered;

/// <summary>Take a layer out of the routing table and stop it. Detached: layers behind which it stands go on seeing it.</summary>
/// <param name="Mount">The layer.</param>
/// <param name="Detached">As said.</param>
/// <param name="Caller">Who is answered.</param>
/// <param name="Cancel">Of a virtual file system: what is not written back then is lost.</param>
internal sealed record UnmountLayer(Mount Mount, bool Detached, IActorRef Caller, CancellationToken Cancel = default) : IAnswered;

/// <summary>A layer that exists already (made before the actor system ran) gets its actor.</summary>
internal sealed record AdoptLayer(string Module, Mount Mount);

/// <summary>A layer changed (remount, move).</summary>
internal sealed record ReplaceLayer(Mount Mount, IActorRef Caller) : IAnswered;

/// <summary>A view path was renamed by a guest; mounts below it go along.</summary>
internal sealed record RenameNames(byte[] From, byte[] To, IActorRef Caller) : IAnswered;

/// <summary>Do something in a union for a guest's call; answered to <see cref="Caller"/> with a <see cref="UnionAnswer"/>.</summary>
internal sealed record AskLayer(Mount Layer, UnionRequest Request, RoutingTable Table, IActorRef Caller) : IAnswered;

/// <summary>To the router: publish a table with this layer; the tracer then answers the caller.</summary>
internal sealed record PublishLayer(Mount Mount, IActorRef Caller, string Warning = "") : IAnswered;

/// <summary>To the router: publish a table without it.</summary>
internal sealed record WithdrawLayer(Mount Mount, bool Detached, IActorRef Caller) : IAnswered;

/// <summary>To the tracer: a new table is published; trap what it needs in every guest, then answer the caller.</summary>
internal sealed record TableChanged(FilterStage Needs, IActorRef Caller, string Warning = "") : IAnswered;

/// <summary>A layer failed for good and was unmounted.</summary>
internal sealed record LayerLost(Mount Mount);

/// <summary>To the guests' supervisor, on the tracer thread: this one asks for something, and needs an address for the answer. A second time it does nothing.</summary>
internal sealed record ActivateGuest(GuestThread Thread);

internal sealed record GuestEnded(int Pid, int Tid, int Status, bool Last);
