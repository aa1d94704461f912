using Akka.Actor;
using Vuos.Actors.Actors;
using Vuos.Actors.Guests;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;

namespace Vuos.Actors.Tests.Actors;

public sealed class RouterActorTests : ActorTest
{
    private readonly PublishedView view = new();
    private readonly IActorRef router;

    public RouterActorTests() => router = Sys.ActorOf(Props.Create(() => new RouterActor(view, TestActor)));

    [Fact]
    public void A_layer_is_published_before_the_tracer_is_told()
    {
        var caller = CreateTestProbe();
        router.Tell(new PublishLayer(Make.Mount(1, "/a", "/b"), caller));
        var told = ExpectMsg<TableChanged>(Soon);
        Assert.Equal("/a/x", view.Table.Host("/b/x"));
        Assert.Equal(FilterStage.Control | FilterStage.Naming, told.Needs);
        Assert.Equal(caller.Ref, told.Caller);
    }

    [Fact]
    public void A_read_only_layer_needs_the_descriptor_calls_too()
    {
        router.Tell(new PublishLayer(Make.Mount(1, "/a", "/b") with { ReadOnly = true }, ActorRefs.Nobody));
        Assert.Equal(FilterStage.Control | FilterStage.Naming | FilterStage.Descriptors, ExpectMsg<TableChanged>(Soon).Needs);
    }

    [Fact]
    public void A_withdrawn_layer_is_gone_and_needs_nothing_new()
    {
        var mount = Make.Mount(1, "/a", "/b");
        router.Tell(new PublishLayer(mount, ActorRefs.Nobody));
        ExpectMsg<TableChanged>(Soon);
        router.Tell(new WithdrawLayer(mount, Detached: false, ActorRefs.Nobody));
        Assert.Equal(FilterStage.None, ExpectMsg<TableChanged>(Soon).Needs);
        Assert.True(view.Table.IsEmpty);
    }

    [Fact]
    public void A_detached_layer_stays_for_newer_ones()
    {
        var mount = Make.Mount(1, "/a", "/b");
        router.Tell(new PublishLayer(mount, ActorRefs.Nobody));
        router.Tell(new PublishLayer(Make.Mount(2, "/b", "/c"), ActorRefs.Nobody));
        router.Tell(new WithdrawLayer(mount, Detached: true, ActorRefs.Nobody));
        ReceiveN(3, Soon);
        Assert.Equal("/b/x", view.Table.Host("/b/x"));
        Assert.Equal("/a/x", view.Table.Host("/c/x"));
    }

    [Fact]
    public void A_moved_layer_hides_its_source_until_it_is_withdrawn()
    {
        var mount = Make.Mount(1, "/a", "/b") with { HidesSource = true };
        router.Tell(new PublishLayer(mount, ActorRefs.Nobody));
        ExpectMsg<TableChanged>(Soon);
        Assert.Null(view.Table.Host("/a"));
        router.Tell(new WithdrawLayer(mount, Detached: false, ActorRefs.Nobody));
        ExpectMsg<TableChanged>(Soon);
        Assert.Equal("/a", view.Table.Host("/a"));
    }

    [Fact]
    public void A_restart_loses_nothing_because_the_table_is_the_published_value()
    {
        router.Tell(new PublishLayer(Make.Mount(1, "/a", "/b"), ActorRefs.Nobody));
        ExpectMsg<TableChanged>(Soon);
        EventFilter.Exception<NullReferenceException>().ExpectOne(Soon, () => router.Tell(new PublishLayer(null!, ActorRefs.Nobody)));
        router.Tell(new PublishLayer(Make.Mount(2, "/c", "/d"), ActorRefs.Nobody));
        ExpectMsg<TableChanged>(Soon);
        Assert.Equal("/a", view.Table.Host("/b"));
        Assert.Equal("/c", view.Table.Host("/d"));
    }

    [Fact]
    public void A_replaced_layer_changes_at_once()
    {
        var mount = Make.Mount(1, "/a", "/b");
        router.Tell(new PublishLayer(mount, ActorRefs.Nobody));
        router.Tell(new ReplaceLayer(mount with { ReadOnly = true }, ActorRefs.Nobody));
        ReceiveN(2, Soon);
        Assert.True(view.Table.AnyReadOnly);
    }
}
