using Akka.Actor;
using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Actors.Modules;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Tracing;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;

namespace Vuos.Actors.Actors;

/// <summary>
/// The tracer's door to the actors. The first request starts the actor system; those made before it runs are kept and sent then. Tracer thread only.
/// </summary>
internal sealed class ModuleControl(ITracer tracer, PublishedView view) : IModuleControl, IRootControl, IFilterControl, IGuestObserver
{
    private readonly Queue<(GuestThread Caller, Func<IActorRef, object> Request)> waiting = new();
    private readonly SignalWatch signals = new(tracer);
    private readonly DetachedLayers detached = new(tracer);
    private IActorRef? hypervisor;
    private IActorRef? guests;

    /// <summary>Called, more than once perhaps, when a request needs the actor system that does not run yet.</summary>
    public Action? Needed { get; init; }

    public void Load(GuestThread caller, string name, bool permanent)
    {
        Tell(caller, 'm', permanent ? $"load {name} for good" : $"load {name}");
        Send(caller, actor => new LoadModule(name, permanent, actor));
    }

    public void Unload(GuestThread caller, string name)
    {
        Tell(caller, 'm', $"unload {name}");
        Send(caller, actor => new UnloadModule(name, actor));
    }

    public void Mount(GuestThread caller, LoadedModule module, MountSpecification request)
    {
        if (tracer.Debug.On(caller, 'V'))
            Tell(caller, 'V', $"mount {request.Type} {BytePath.Display(request.Source)} on {BytePath.Display(request.TargetView)}, options \"{request.Data}\", epoch {request.Epoch}");
        Send(caller, actor => new MountLayer(module.Module.Name, request, actor));
    }

    public void Unmount(GuestThread caller, Mount mount, bool detach, bool force)
    {
        if (tracer.Debug.On(caller, 'V'))
            Tell(caller, 'V', $"umount {BytePath.Display(mount.Target)}, epoch {mount.Epoch}");
        if (mount.Virtual is null)
        {
            Send(caller, actor => new UnmountLayer(mount, detach, actor));
            return;
        }

        // Writing back can take as long as the file system likes.
        caller.WaitingSince = System.Diagnostics.Stopwatch.GetTimestamp();
        caller.Cancel ??= new CancellationTokenSource();
        var cancel = force ? new CancellationToken(canceled: true) : caller.Cancel.Token;
        signals.Watch();
        Send(caller, actor => new UnmountLayer(mount, detach, actor, cancel));
    }

    public void Detach(GuestThread caller, Mount mount, Func<bool> isUsed)
    {
        detached.Watch(isUsed, () => Deliver(new UnmountLayer(mount, Detached: false, ActorRefs.Nobody)));
        Send(caller, actor => new UnmountLayer(mount, Detached: true, actor));
    }

    public void Replace(GuestThread caller, Mount mount) => Send(caller, actor => new ReplaceLayer(mount, actor));

    public void Ask(GuestThread caller, Mount layer, UnionRequest request)
    {
        if (tracer.Debug.On(caller, 'V'))
            Tell(caller, 'V', $"{BytePath.Display(layer.Target)}: {UnionRequestText.Of(request)}");
        var table = view.Table;
        caller.AskedLayer = layer;
        Send(caller, actor => new AskLayer(layer, request, table, actor));
    }

    public void Ask(GuestThread caller, Mount layer, Func<CancellationToken, ValueTask<VirtualAnswer>> work, bool brief)
    {
        var files = layer.Virtual!;
        if (caller.WaitingSince == 0)
            caller.WaitingSince = System.Diagnostics.Stopwatch.GetTimestamp();
        caller.AskedLayer = layer;
        caller.Cancel ??= CancellationTokenSource.CreateLinkedTokenSource(files.Gone.Token);
        signals.Watch();
        var cancel = caller.Cancel.Token;
        if (files.Actor is { } actor && caller.Actor is { } address)
        {
            var request = new AskVirtual(files, work, cancel, address);
            if (brief && files.Files is ISends)
                request.Begin(actor);
            else
                actor.Tell(request);
        }
        else
        {
            Send(caller, answerTo => new AskVirtual(files, work, cancel, answerTo));
        }
    }

    public bool RootChanged(GuestThread caller)
    {
        if (caller.Filters.HasFlag(FilterStage.Naming))
            return true;
        tracer.RequireFilters(FilterStage.Naming, caller, () => tracer.Queue.Post(() => tracer.Complete(caller, Verdict.Answer(0))));
        return false;
    }

    public void Require(FilterStage stages, GuestThread caller) => tracer.RequireFilters(stages, caller, static () => { });

    public bool Renamed(GuestThread caller, byte[] from, byte[] to)
    {
        foreach (var process in tracer.Processes.Values)
        {
            if (process.Fs.Cwd is { } cwd && BytePath.IsAtOrBelow(cwd, from))
                process.Fs.Rename([.. to, .. cwd.AsSpan(from.Length)]);
        }

        if (ReferenceEquals(view.Table.Renamed(from, to), view.Table))
            return false;
        Send(caller, actor => new RenameNames(from, to, actor));
        return true;
    }

    /// <summary>The actor system runs: what waited is sent.</summary>
    public void Open(IActorRef hypervisorActor, IActorRef guestsActor)
    {
        hypervisor = hypervisorActor;
        guests = guestsActor;
        tracer.Observer = this;
        Flush();
    }

    public void Ended(GuestThread thread, int shellStatus)
    {
        var last = thread.Process.Threads.Count == 0;
        if (last || thread.Actor is not null)
            guests!.Tell(new GuestEnded(thread.Process.Pid, thread.Tid, shellStatus, last));
    }

    /// <summary>A guest thread got its actor: what it asked for meanwhile can be sent.</summary>
    public void HasActor(GuestThread thread)
    {
        if (waiting.Count > 0)
            Flush();
    }

    private void Tell(GuestThread caller, char tag, string message)
    {
        if (tracer.Debug.On(caller, tag))
            tracer.Debug.Write(caller, tag, message);
    }

    private void Send(GuestThread caller, Func<IActorRef, object> request)
    {
        waiting.Enqueue((caller, request));
        if (hypervisor is null)
            Needed?.Invoke();
        Flush();
    }

    private void Flush()
    {
        for (var i = waiting.Count; hypervisor is not null && i > 0; i--)
        {
            var entry = waiting.Dequeue();
            if (entry.Caller.Actor is { } actor)
                Deliver(entry.Request(actor));
            else if (entry.Caller.Alive)
            {
                waiting.Enqueue(entry);
                guests!.Tell(new ActivateGuest(entry.Caller));
            }
        }
    }

    private void Deliver(object request)
    {
        // A layer that has no actor yet gets it on the way of the message that is before this one.
        if (request is AskVirtual { Layer.Actor: { } layer })
            layer.Tell(request);
        else
            hypervisor!.Tell(request);
    }
}
