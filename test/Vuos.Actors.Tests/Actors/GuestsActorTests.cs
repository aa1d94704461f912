using Akka.Actor;
using Vuos.Actors.Actors;
using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;

namespace Vuos.Actors.Tests.Actors;

public sealed class GuestsActorTests : ActorTest
{
    private readonly FakeTracer fake;
    private readonly IActorRef guests;

    public GuestsActorTests()
    {
        fake = new FakeTracer(Tracer.Queue);
        var test = TestActor;
        var roots = new ModuleControl(fake, new PublishedView());
        guests = Sys.ActorOf(Props.Create(() => new GuestsActor(fake, thread => test.Tell(thread, ActorRefs.NoSender), roots)).WithDispatcher(Dispatchers.Tracer));
    }

    [Fact]
    public void A_guest_thread_gets_an_actor_that_completes_its_calls()
    {
        var thread = Start(100);
        thread.Actor.Tell(new ControlAnswer(Errno.None));
        thread.Actor.Tell(new ControlAnswer(Errno.EBUSY, "it is in use"));
        AwaitAssert(() => Assert.Equal([(thread, Verdict.Answer(0)), (thread, Verdict.Fail(Errno.EBUSY))], fake.Completed), Soon);
        Assert.Equal("it is in use", thread.Process.LastError);
    }

    [Fact]
    public void A_guest_thread_actor_that_fails_completes_its_call_with_EIO_and_goes_on()
    {
        var thread = Start(100);
        fake.CompleteFails = static verdict => verdict == Verdict.Answer(0);
        EventFilter.Exception<InvalidOperationException>("cannot complete").ExpectOne(Soon, () => thread.Actor.Tell(new ControlAnswer(Errno.None)));
        AwaitAssert(() => Assert.Equal([(thread, Verdict.Fail(Errno.EIO))], fake.Completed), Soon);
        thread.Actor.Tell(new ControlAnswer(Errno.ENOENT));
        AwaitAssert(() => Assert.Equal((thread, Verdict.Fail(Errno.ENOENT)), fake.Completed.Last()), Soon);
    }

    [Fact]
    public void A_failing_guest_thread_leaves_its_siblings_alone()
    {
        var failing = Start(100);
        var sibling = Start(101, failing.Process);
        fake.CompleteFails = static verdict => verdict == Verdict.Answer(0);
        EventFilter.Exception<InvalidOperationException>().ExpectOne(Soon, () => failing.Actor.Tell(new ControlAnswer(Errno.None)));
        sibling.Actor.Tell(new ControlAnswer(Errno.ENOENT));
        AwaitAssert(() => Assert.Contains((sibling, Verdict.Fail(Errno.ENOENT)), fake.Completed), Soon);
    }

    [Fact]
    public void Actors_end_with_their_threads_and_processes()
    {
        var leader = Start(100);
        var other = Start(101, leader.Process);
        Watch(leader.Actor);
        Watch(other.Actor);
        guests.Tell(new GuestEnded(100, 101, 0, Last: false));
        ExpectTerminated(other.Actor!, Soon);
        guests.Tell(new GuestEnded(100, 100, 0, Last: true));
        ExpectTerminated(leader.Actor!, Soon);
    }

    [Fact]
    public void A_process_id_can_be_used_again()
    {
        Start(100);
        guests.Tell(new GuestEnded(100, 100, 0, Last: true));
        var next = Start(100);
        next.Actor.Tell(new ControlAnswer(Errno.EPERM));
        AwaitAssert(() => Assert.Equal([(next, Verdict.Fail(Errno.EPERM))], fake.Completed), Soon);
    }

    private GuestThread Start(int tid, GuestProcess? process = null)
    {
        var thread = process is null ? fake.Guest(tid) : new GuestThread(tid, process);
        guests.Tell(new ActivateGuest(thread));
        Assert.Same(thread, ExpectMsg<GuestThread>(Soon));
        return thread;
    }
}
