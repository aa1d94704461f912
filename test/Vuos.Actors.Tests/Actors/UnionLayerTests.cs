using Akka.Actor;
using Vuos.Actors.Actors;
using Vuos.Actors.Calls;
using Vuos.Actors.Modules;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;
using Vuos.Native;

namespace Vuos.Actors.Tests.Actors;

/// <summary>The actor of a cow layer on a real source: whatever happens to it, who waits is answered, and the source is locked as long as the layer serves.</summary>
public sealed class UnionLayerTests : ActorTest
{
    private readonly TempDirectory folder = new();
    private readonly PublishedView view = new();
    private readonly Akka.TestKit.TestProbe caller;
    private readonly IActorRef actor;
    private readonly string source, lower;

    public UnionLayerTests()
    {
        source = folder.Folder("source");
        lower = folder.Folder("lower");
        File.WriteAllText(lower + "/f", "below");
        File.WriteAllText(lower + "/g", "below");
        caller = CreateTestProbe();
        var router = Sys.ActorOf(Props.Create(() => new RouterActor(view, TestActor)));
        actor = Sys.ActorOf(Props.Create(() => new ModuleActor(new VufsModule(), new Vuos.Actors.Virtual.VirtualRun(), router)));
    }

    [Fact]
    public void A_request_is_done_and_answered()
    {
        var layer = MountLayer();
        Assert.Equal(new UnionAnswer(Errno.None, Again: true), Ask(layer, "/f"));
        Assert.Equal("below", File.ReadAllText(source + "/f"));
    }

    [Fact]
    public void An_operation_that_throws_gives_EIO_and_the_layer_goes_on_with_its_lock()
    {
        var layer = MountLayer();
        EventFilter.Exception<NullReferenceException>().ExpectOne(Soon, () => actor.Tell(Broken(layer)));
        Assert.Equal(Errno.EIO, caller.ExpectMsg<ControlAnswer>(Soon).Error);
        Assert.Equal(Errno.EBUSY, OpenSource());
        Assert.Equal(Errno.None, Ask(layer, "/f").Error);
        Assert.Equal("below", File.ReadAllText(source + "/f"));
    }

    [Fact]
    public void Who_waits_when_a_layer_fails_for_good_is_answered_as_well()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(LayerLost));
        var layer = MountLayer();
        const int More = 50;
        EventFilter.Error(contains: "kept failing and is unmounted").ExpectOne(Soon, () =>
        {
            for (var i = 0; i < More; i++)
                actor.Tell(Broken(layer));
        });
        // Those that throw get EIO, and so do those that were still queued; what comes later is decided again, without the layer.
        var answers = caller.ReceiveN(More, Soon);
        Assert.All(answers, static a => Assert.True(a is ControlAnswer { Error: Errno.EIO } or UnionAnswer { Again: true }, $"{a}"));
        Assert.Single(ReceiveN(2, Soon).OfType<LayerLost>());
        AwaitAssert(() => Assert.Equal(Errno.None, OpenSource()), Soon);
    }

    [Fact]
    public void An_unmounted_layer_gives_its_source_up_and_later_requests_are_decided_again()
    {
        var layer = MountLayer();
        actor.Tell(new UnmountLayer(layer, Detached: false, caller));
        ExpectMsg<TableChanged>(Soon);
        Assert.Equal(new UnionAnswer(Errno.None, Again: true), Ask(layer, "/f"));
        Assert.False(File.Exists(source + "/f"));
        AwaitAssert(() => Assert.Equal(Errno.None, OpenSource()), Soon);
    }

    [Fact]
    public void What_was_asked_before_the_unmount_is_done_first()
    {
        var layer = MountLayer();
        actor.Tell(new AskLayer(layer, new CopyUpName("/f"u8.ToArray(), long.MaxValue, 0), view.Table, caller));
        actor.Tell(new UnmountLayer(layer, Detached: false, caller));
        Assert.Equal(new UnionAnswer(Errno.None, Again: true), caller.ExpectMsg<UnionAnswer>(Soon));
        Assert.Equal("below", File.ReadAllText(source + "/f"));
    }

    [Fact]
    public void A_detached_layer_goes_on_serving_and_keeps_its_lock()
    {
        var layer = MountLayer();
        var table = view.Table;
        actor.Tell(new UnmountLayer(layer, Detached: true, caller));
        ExpectMsg<TableChanged>(Soon);
        actor.Tell(new AskLayer(layer, new CopyUpName("/g"u8.ToArray(), long.MaxValue, 0), table, caller));
        Assert.Equal(Errno.None, caller.ExpectMsg<UnionAnswer>(Soon).Error);
        Assert.Equal("below", File.ReadAllText(source + "/g"));
        Assert.Equal(Errno.EBUSY, OpenSource());
    }

    [Fact]
    public void A_source_is_mounted_once()
    {
        MountLayer();
        actor.Tell(Request(2));
        var answer = caller.ExpectMsg<ControlAnswer>(Soon);
        Assert.Equal(Errno.EBUSY, answer.Error);
        Assert.StartsWith($"vufs: {source} is in use by another mount of this process {Environment.ProcessId}", answer.Sentence, StringComparison.Ordinal);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        folder.Dispose();
    }

    private Mount MountLayer()
    {
        actor.Tell(Request(1));
        ExpectMsg<TableChanged>(Soon);
        return view.Table.At(Make.Bytes(lower))!;
    }

    private MountLayer Request(long epoch) => new(
        "vufs",
        new MountSpecification
        {
            Epoch = epoch,
            Type = "vufs",
            Data = "cow",
            Source = Make.Bytes(source),
            SourceView = Make.Bytes(source),
            SourceHost = Make.Bytes(source),
            TargetView = Make.Bytes(lower),
            TargetHost = Make.Bytes(lower),
        },
        caller);

    private UnionAnswer Ask(Mount layer, string rel)
    {
        actor.Tell(new AskLayer(layer, new CopyUpName(Make.Bytes(rel), long.MaxValue, 0), view.Table, caller));
        return caller.ExpectMsg<UnionAnswer>(Soon);
    }

    /// <summary>A request for a layer that has no union, under the epoch of one that has: a defect.</summary>
    private AskLayer Broken(Mount layer) =>
        new(Make.Mount(layer.Epoch, source, lower), new CopyUpName("/f"u8.ToArray(), long.MaxValue, 0), view.Table, caller);

    private Errno OpenSource()
    {
        var error = SourceMarks.Open(Make.Bytes(source), writable: true, out var marks, out _);
        marks?.Dispose();
        return error;
    }
}
