using Akka.Actor;
using Akka.Event;
using Vuos.Actors.Calls;
using Vuos.Actors.Modules;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;

namespace Vuos.Actors.Actors;

/// <summary>
/// One loaded module: makes its layers and supervises them. A layer that throws is restarted with its mount arguments; one that keeps dying is unmounted. Supervised by
/// <see cref="ModulesActor"/>, on the layers' dispatcher.
/// </summary>
internal sealed class ModuleActor : AnsweringActor
{
    private readonly Dictionary<long, IActorRef> layers = [];
    private readonly Dictionary<IActorRef, Mount> mounts = [];

    public ModuleActor(IModule module, VirtualRun run, IActorRef router)
    {
        Receive<MountLayer>(message =>
        {
            // A layer's own accesses see older layers only: the request carries host paths of its epoch. Other mounts do not wait for this one.
            var (self, log) = (Self, Context.GetLogger());
            _ = MakeAsync(module, message, run, log, self);
        });
        Receive<LayerMade>(made =>
        {
            if (made.Result.Mount is not { } mount)
            {
                made.Caller.Tell(new ControlAnswer(made.Result.Error, made.Result.Sentence));
                return;
            }

            Start(mount, mount.Virtual is null ? made.Source : null);
            router.Tell(new PublishLayer(mount, made.Caller, made.Result.Sentence));
        });
        Receive<AdoptLayer>(message => Start(message.Mount, null));
        Receive<AskLayer>(message =>
        {
            // Unmounted meanwhile: the call is decided again, without the layer.
            if (layers.TryGetValue(message.Layer.Epoch, out var layer))
                layer.Forward(message);
            else
                message.Caller.Tell(new UnionAnswer(Errno.None, Again: true));
        });
        Receive<AskVirtual>(message =>
        {
            if (message.Layer.Actor is { } layer)
                layer.Forward(message);
            else
                message.Caller.Tell(VirtualAnswer.Fail(Errno.ENOTCONN));
        });
        Receive<UnmountLayer>(message =>
        {
            if (message.Mount.Virtual is not null && !message.Detached && layers.Remove(message.Mount.Epoch, out var closing))
            {
                mounts.Remove(closing);
                Context.Unwatch(closing);
                // Guests see it no more; what is open or dirty is written, then umount returns.
                router.Tell(new WithdrawLayer(message.Mount, Detached: false, ActorRefs.Nobody));
                closing.Tell(new CloseVirtual(message.Cancel, message.Caller));
                return;
            }

            router.Tell(new WithdrawLayer(message.Mount, message.Detached, message.Caller));
            // Newer layers still look through a detached union, and guests use what they have open of a virtual file system, so its actor stays.
            if ((message.Detached && (message.Mount.Union is not null || message.Mount.Virtual is not null)) || !layers.Remove(message.Mount.Epoch, out var layer))
                return;
            mounts.Remove(layer);
            Context.Unwatch(layer);
            // What guests asked for before is done and answered first.
            layer.Tell(PoisonPill.Instance);
        });
        // A layer that failed for good leaves requests in its mailbox: who waits is answered here.
        Receive<DeadLetter>(letter =>
        {
            if (letter.Message is IAnswered request && Self.Path.Equals(letter.Recipient.Path.Parent))
                request.Caller.Tell(new ControlAnswer(Errno.EIO, "the layer has failed, see the log"));
        });
        Receive<Terminated>(message =>
        {
            if (!mounts.Remove(message.ActorRef, out var mount))
                return;
            layers.Remove(mount.Epoch);
            var log = Context.GetLogger();
            log.Error("layer {0} kept failing and is unmounted", BytePath.Display(mount.Target));
            router.Tell(new WithdrawLayer(mount, Detached: false, ActorRefs.Nobody));
            Context.System.EventStream.Publish(new LayerLost(mount));
            if (mount.Virtual is { } files)
                _ = EndAsync(files, mount, log);
        });
    }

    /// <summary>Makes the actor of a layer; tests put a failing one in its place.</summary>
    internal static Func<Mount, byte[]?, Props> LayerProps { get; set; } = static (mount, source) => Props.Create(() => new LayerActor(mount, source));

    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(DeadLetter));

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override SupervisorStrategy SupervisorStrategy()
    {
        var settings = LayerSupervision.From(Context.System.Settings.Config);
        return new OneForOneStrategy(settings.MaxRestarts, settings.Within, static _ => Directive.Restart);
    }

    private static async Task MakeAsync(IModule module, MountLayer message, VirtualRun run, ILoggingAdapter log, IActorRef self)
    {
        LayerResult result;
        try
        {
            result = await module.CreateAsync(message.Request, run, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            log.Error(e, "mount of {0} failed", message.Request.Type);
            result = LayerResult.Refuse(Errno.EIO, $"{module.Name}: internal error, see the log");
        }

        self.Tell(new LayerMade(result, message.Request.SourceHost, message.Caller));
    }

    /// <summary>Only the actor has failed: what guests wrote is written back as at an unmount, and the server is told.</summary>
    private static async Task EndAsync(VirtualLayer files, Mount mount, ILoggingAdapter log)
    {
        files.Actor = null;
        try
        {
            var error = await files.CloseAsync(CancellationToken.None).ConfigureAwait(false);
            if (error != Errno.None)
                log.Error("layer {0}: not everything could be written ({1})", BytePath.Display(mount.Target), error);
        }
        catch (Exception e)
        {
            log.Error(e, "layer {0}: not everything could be written", BytePath.Display(mount.Target));
        }
    }

    private void Start(Mount mount, byte[]? source)
    {
        var layer = Context.ActorOf(LayerProps(mount, source).WithDispatcher(Dispatchers.Layers));
        if (mount.Virtual is { } files)
            files.Actor = layer;
        layers[mount.Epoch] = layer;
        mounts[layer] = mount;
        Context.Watch(layer);
    }
}

/// <summary>A module made a layer, or refused to.</summary>
internal sealed record LayerMade(LayerResult Result, byte[]? Source, IActorRef Caller) : IAnswered;

/// <summary><c>vuos.supervision</c> of the settings.</summary>
internal sealed record LayerSupervision(int MaxRestarts, TimeSpan Within)
{
    public static LayerSupervision From(Akka.Configuration.Config config) => new(
        config.GetInt("vuos.supervision.layer.max-restarts", 3), config.GetTimeSpan("vuos.supervision.layer.within", TimeSpan.FromSeconds(10)));
}
