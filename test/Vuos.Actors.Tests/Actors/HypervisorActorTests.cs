using Akka.Actor;
using Vuos.Actors.Actors;
using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;
using Vuos.Native;

namespace Vuos.Actors.Tests.Actors;

public sealed class HypervisorActorTests : ActorTest
{
    private readonly PublishedView view = new();
    private readonly FakeTracer fake;
    private readonly ModuleControl control;
    private readonly GuestThread guest;
    private readonly IActorRef hypervisor;

    public HypervisorActorTests()
    {
        fake = new FakeTracer(Tracer.Queue);
        guest = fake.Guest(100);
        control = new ModuleControl(fake, view);
        hypervisor = Sys.ActorOf(Props.Create(() => new HypervisorActor(fake, view, control)), "hypervisor");
        AwaitCondition(() => fake.Observer is not null, Soon);
    }

    [Fact]
    public void A_mount_asked_for_by_a_guest_is_published_filtered_for_and_answered()
    {
        using var folder = new TempDirectory();
        var path = Make.Bytes(folder.Path);
        OnTracer(() => control.Load(guest, "vufs", permanent: false));
        AwaitAssert(() => Assert.Equal([(guest, Verdict.Answer(0))], fake.Completed), Soon);
        OnTracer(() => control.Mount(guest, view.Modules[0], new Vuos.Actors.Modules.MountSpecification
        {
            Epoch = 1,
            Type = "vufs",
            Source = path,
            SourceView = path,
            SourceHost = path,
            TargetView = path,
            TargetHost = path,
        }));
        AwaitAssert(() => Assert.Equal(2, fake.Completed.Count), Soon);
        Assert.Equal((guest, Verdict.Answer(0)), fake.Completed.Last());
        Assert.Equal([FilterStage.Control | FilterStage.Naming], fake.Required);
        Assert.Single(view.Table.Mounts);
    }

    [Fact]
    public void What_was_asked_before_the_actors_ran_is_answered_too()
    {
        var early = new ModuleControl(fake, view);
        OnTracer(() => early.Load(guest, "vumars", permanent: false));
        Sys.ActorOf(Props.Create(() => new HypervisorActor(fake, view, early)), "second");
        AwaitAssert(() => Assert.Contains((guest, Verdict.Fail(Errno.ENOENT)), fake.Completed), Soon);
    }

    [Fact]
    public void A_tracer_that_fails_is_not_restarted_and_the_run_ends()
    {
        var tracer = Child("tracer");
        Watch(tracer);
        fake.FiltersFail = true;
        EventFilter.Error(contains: "the tracer failed; the run ends").ExpectOne(Soon, () =>
            EventFilter.Exception<TracerFailedException>().ExpectOne(Soon, () => tracer.Tell(new TableChanged(FilterStage.Naming, ActorRefs.Nobody))));
        ExpectTerminated(tracer, Soon);
        AwaitCondition(() => fake.Killed.Task.IsCompleted, Soon);
    }

    [Theory]
    [InlineData("modules")]
    [InlineData("router")]
    public void Everything_else_is_restarted_and_the_run_goes_on(string name)
    {
        var child = Child(name);
        EventFilter.Exception<NullReferenceException>().ExpectOne(Soon, () =>
            child.Tell(name == "modules" ? new UnmountLayer(null!, false, ActorRefs.Nobody) : new PublishLayer(null!, ActorRefs.Nobody)));
        OnTracer(() => control.Load(guest, "vufs", permanent: false));
        AwaitAssert(() => Assert.Equal([(guest, Verdict.Answer(0))], fake.Completed), Soon);
        Assert.False(fake.Killed.Task.IsCompleted);
    }

    [Fact]
    public void The_counters_can_be_asked_for()
    {
        Child("diagnostics").Tell(new GetSnapshot(), TestActor);
        var snapshot = ExpectMsg<Snapshot>(Soon);
        Assert.Equal((1, 1), (snapshot.Processes, snapshot.Threads));
    }

    private IActorRef Child(string name) => Sys.ActorSelection(hypervisor.Path / name).ResolveOne(Soon).GetAwaiter().GetResult();

    private void OnTracer(Action action) => Tracer.Queue.Post(action);
}
