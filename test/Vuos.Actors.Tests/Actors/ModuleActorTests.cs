using Akka.Actor;
using Vuos.Actors.Actors;
using Vuos.Actors.Calls;
using Vuos.Actors.Modules;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;

namespace Vuos.Actors.Tests.Actors;

public sealed class ModuleActorTests : ActorTest
{
    private readonly PublishedView view = new();
    private readonly FakeModule module = new();
    private readonly Func<Mount, byte[]?, Props> original = ModuleActor.LayerProps;
    private readonly Akka.TestKit.TestProbe layers;
    private readonly Akka.TestKit.TestProbe caller;
    private readonly IActorRef router;
    private readonly IActorRef actor;

    public ModuleActorTests()
    {
        layers = CreateTestProbe();
        caller = CreateTestProbe();
        var reports = layers.Ref;
        ModuleActor.LayerProps = (mount, _) => Props.Create(() => new MortalLayer(mount, reports));
        router = Sys.ActorOf(Props.Create(() => new RouterActor(view, TestActor)));
        actor = Sys.ActorOf(Props.Create(() => new ModuleActor(module, new VirtualRun(), router)));
    }

    [Fact]
    public void A_mount_is_made_started_published_and_answered_by_the_tracer()
    {
        var started = MountLayer(1, "/a");
        Assert.Equal("/a", Make.Text(started.Mount.Target));
        Assert.Equal(1, view.Table.At("/a"u8)!.Epoch);
    }

    [Fact]
    public void A_layer_that_throws_is_restarted_with_its_mount()
    {
        var layer = MountLayer(1, "/a");
        EventFilter.Exception<InvalidOperationException>("die").ExpectOne(Soon, () => layer.Actor.Tell("die"));
        Assert.Equal(layer, layers.ExpectMsg<LayerStarted>(Soon));
        Assert.NotNull(view.Table.At("/a"u8));
        Assert.Equal("alive", Ask(layer));
    }

    [Fact]
    public void A_layer_that_keeps_dying_is_unmounted_and_the_others_stay()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(LayerLost));
        var healthy = MountLayer(1, "/healthy");
        var dying = MountLayer(2, "/dying");
        EventFilter.Error(contains: "layer /dying kept failing and is unmounted").ExpectOne(Soon, () =>
        {
            for (var i = 0; i < 4; i++)
                dying.Actor.Tell("die");
        });
        var told = new[] { ExpectMsg<object>(Soon), ExpectMsg<object>(Soon) };
        Assert.Equal(dying.Mount, told.OfType<LayerLost>().Single().Mount);
        Assert.Single(told.OfType<TableChanged>());
        Assert.Null(view.Table.At("/dying"u8));
        Assert.NotNull(view.Table.At("/healthy"u8));
        Assert.Equal("alive", Ask(healthy));
    }

    [Fact]
    public void A_layer_whose_source_is_gone_is_unmounted()
    {
        ModuleActor.LayerProps = original;
        Sys.EventStream.Subscribe(TestActor, typeof(LayerLost));
        EventFilter.Error(contains: "kept failing and is unmounted").ExpectOne(Soon, () => actor.Tell(Request(1, "/a")));
        // Published, withdrawn, and lost, the last two in either order.
        Assert.Single(ReceiveN(3, Soon).OfType<LayerLost>());
        Assert.True(view.Table.IsEmpty);
    }

    [Fact]
    public void A_refused_mount_is_answered_with_its_errno_and_sentence()
    {
        module.Make = static _ => LayerResult.Refuse(Errno.ENOTDIR, "that is no directory");
        actor.Tell(Request(1, "/a"));
        Assert.Equal(new ControlAnswer(Errno.ENOTDIR, "that is no directory"), caller.ExpectMsg<ControlAnswer>(Soon));
        Assert.True(view.Table.IsEmpty);
    }

    [Fact]
    public void A_module_that_throws_gives_EIO_and_serves_the_next_mount()
    {
        module.Make = static _ => throw new InvalidOperationException("a defect");
        EventFilter.Exception<InvalidOperationException>("a defect").ExpectOne(Soon, () => actor.Tell(Request(1, "/a")));
        Assert.Equal(Errno.EIO, caller.ExpectMsg<ControlAnswer>(Soon).Error);
        module.Make = null;
        MountLayer(2, "/b");
    }

    [Fact]
    public void An_unmounted_layer_stops_and_nobody_calls_it_lost()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(LayerLost));
        var layer = MountLayer(1, "/a");
        Watch(layer.Actor);
        actor.Tell(new UnmountLayer(layer.Mount, Detached: false, caller));
        var told = new[] { ExpectMsg<object>(Soon), ExpectMsg<object>(Soon) };
        Assert.Single(told.OfType<TableChanged>());
        Assert.Equal(layer.Actor, told.OfType<Terminated>().Single().ActorRef);
        Assert.True(view.Table.IsEmpty);
        MountLayer(2, "/b");
    }

    [Fact]
    public void A_layer_made_before_the_actors_is_supervised_like_any_other()
    {
        var mount = Make.Mount(1, "/a", "/b");
        view.Table = view.Table.With(mount);
        actor.Tell(new AdoptLayer("fake", mount));
        var layer = layers.ExpectMsg<LayerStarted>(Soon);
        EventFilter.Error(contains: "kept failing").ExpectOne(Soon, () =>
        {
            for (var i = 0; i < 4; i++)
                layer.Actor.Tell("die");
        });
        ExpectMsg<TableChanged>(Soon);
        Assert.True(view.Table.IsEmpty);
    }

    protected override void Dispose(bool disposing)
    {
        ModuleActor.LayerProps = original;
        base.Dispose(disposing);
    }

    private LayerStarted MountLayer(long epoch, string target)
    {
        actor.Tell(Request(epoch, target));
        Assert.Equal(caller.Ref, ExpectMsg<TableChanged>(Soon).Caller);
        return layers.ExpectMsg<LayerStarted>(Soon);
    }

    private string Ask(LayerStarted layer)
    {
        var asker = CreateTestProbe();
        layer.Actor.Tell("ask", asker);
        return asker.ExpectMsg<string>(Soon);
    }

    private MountLayer Request(long epoch, string target) => new(
        "fake",
        new MountSpecification { Epoch = epoch, Type = "fake", Source = [], SourceHost = "/no/such/source"u8.ToArray(), TargetView = Make.Bytes(target), TargetHost = Make.Bytes(target) },
        caller);

    private sealed record LayerStarted(Mount Mount, IActorRef Actor);

    private sealed class FakeModule : IModule
    {
        public string Name => "fake";

        public string Description => "for tests";

        public Func<MountSpecification, LayerResult>? Make { get; set; }

        public ValueTask<LayerResult> CreateAsync(MountSpecification request, VirtualRun run, CancellationToken cancel) => ValueTask.FromResult(Make is { } make
            ? make(request)
            : new LayerResult(Support.Make.Mount(request.Epoch, "/source", Support.Make.Text(request.TargetView)), Errno.None, ""));
    }

    /// <summary>A layer that throws when it is told to.</summary>
    private sealed class MortalLayer(Mount mount, IActorRef reports) : UntypedActor
    {
        protected override void PreStart() => reports.Tell(new LayerStarted(mount, Self));

        protected override void OnReceive(object message)
        {
            if (message is "die")
                throw new InvalidOperationException("die");
            Sender.Tell("alive");
        }
    }
}
