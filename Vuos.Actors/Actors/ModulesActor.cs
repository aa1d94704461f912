using Akka.Actor;
using Vuos.Actors.Calls;
using Vuos.Actors.Modules;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;

namespace Vuos.Actors.Actors;

/// <summary>
/// Loads and unloads modules; supervises one <see cref="ModuleActor"/> each. Supervised by <see cref="HypervisorActor"/>, on the layers' dispatcher. The list of modules is a
/// published value.
/// </summary>
internal sealed class ModulesActor : AnsweringActor
{
    private readonly PublishedView view;
    private readonly Dictionary<string, IActorRef> modules = [];

    public ModulesActor(PublishedView view, IActorRef router)
    {
        this.view = view;
        // Modules of the command line were loaded before there were actors.
        foreach (var loaded in view.Modules)
            Start(loaded.Module, router);
        Receive<LoadModule>(message =>
        {
            if (Load(message, router) is { } answer)
                message.Caller.Tell(answer);
        });
        Receive<UnloadModule>(message => message.Caller.Tell(Unload(message.Name, router)));
        Receive<MountLayer>(message => Route(message.Module, message, message.Caller));
        Receive<AdoptLayer>(message => Route(message.Module, message, ActorRefs.Nobody));
        Receive<AskLayer>(message =>
        {
            if (view.Claims(message.Layer.Type) is { } loaded)
                Route(loaded.Module.Name, message, message.Caller);
            else
                message.Caller.Tell(new ControlAnswer(Errno.EIO));
        });
        // Sent here before the layer had its actor; the actor is made by a message that came before this one.
        Receive<AskVirtual>(message =>
        {
            if (view.Table.MountOf(message.Layer) is { } mount && view.Claims(mount.Type) is { } loaded)
                Route(loaded.Module.Name, message, message.Caller);
            else
                message.Caller.Tell(VirtualAnswer.Fail(Errno.ENOTCONN));
        });
        Receive<UnmountLayer>(message =>
        {
            if (view.Claims(message.Mount.Type) is { } loaded)
                Route(loaded.Module.Name, message, message.Caller);
            else
                message.Caller.Tell(new ControlAnswer(Errno.EINVAL));
        });
    }

    /// <summary>Null: answered when the module's own layer is published.</summary>
    private ControlAnswer? Load(LoadModule message, IActorRef router)
    {
        if (KnownModules.Find(message.Name) is not { } module)
        {
            return new ControlAnswer(Errno.ENOENT, $"there is no module {message.Name}");
        }

        if (modules.ContainsKey(module.Name))
        {
            return new ControlAnswer(Errno.EEXIST, $"module {message.Name} already loaded");
        }

        var answered = false;
        foreach (var next in KnownModules.WithRequired(module.Name).Where(next => !modules.ContainsKey(next.Name)))
        {
            Start(next, router);
            view.Modules = view.Modules.Add(new LoadedModule(next, message.Permanent));
            if (next.OwnLayer(view.NextEpoch, view.Virtual) is not { } own)
                continue;
            modules[next.Name].Tell(new AdoptLayer(next.Name, own));
            router.Tell(new PublishLayer(own, answered ? ActorRefs.Nobody : message.Caller));
            answered = true;
        }

        return answered ? null : new ControlAnswer(Errno.None);
    }

    private ControlAnswer Unload(string name, IActorRef router)
    {
        if (view.Modules.FirstOrDefault(m => m.Module.Name == name) is not { } loaded)
        {
            return new ControlAnswer(Errno.ENOENT, $"module {name} is not loaded");
        }

        if (loaded.Permanent || view.Table.Mounts.Any(m => !m.OfModule && view.Claims(m.Type) == loaded))
        {
            return new ControlAnswer(Errno.EBUSY, loaded.Permanent ? $"module {name} is permanent" : $"module {name} has layers mounted");
        }

        if (view.Modules.FirstOrDefault(m => m.Module.Requires.Contains(name)) is { } needs)
            return new ControlAnswer(Errno.EBUSY, $"module {name} is needed by {needs.Module.Name}");
        foreach (var own in view.Table.Mounts.Where(m => m.OfModule && view.Claims(m.Type) == loaded))
            router.Tell(new WithdrawLayer(own, Detached: false, ActorRefs.Nobody));
        if (modules.Remove(name, out var actor))
            Context.Stop(actor);
        view.Modules = view.Modules.Remove(loaded);
        return new ControlAnswer(Errno.None);
    }

    private void Route(string module, object message, IActorRef caller)
    {
        if (modules.TryGetValue(module, out var actor))
            actor.Forward(message);
        else
            caller.Tell(new ControlAnswer(Errno.ENODEV, $"module {module} is not loaded"));
    }

    private void Start(IModule module, IActorRef router) =>
        modules[module.Name] = Context.ActorOf(Props.Create(() => new ModuleActor(module, view.Virtual, router)).WithDispatcher(Dispatchers.Layers));
}
