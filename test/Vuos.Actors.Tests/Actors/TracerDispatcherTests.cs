using Akka.Actor;
using Vuos.Actors.Actors;

namespace Vuos.Actors.Tests.Actors;

/// <summary>What a dispatcher must do, and what only the tracer's does.</summary>
public sealed class TracerDispatcherTests : ActorTest
{
    [Fact]
    public void A_tracer_dispatcher_runs_mailboxes_on_the_tracer_thread_only()
    {
        var actors = Enumerable.Range(0, 20).Select(_ => Spawn<WhereActor>()).ToArray();
        foreach (var actor in actors)
        {
            for (var i = 0; i < 10; i++)
                actor.Tell("where", TestActor);
        }

        Assert.All(ReceiveN(200, Soon), where => Assert.Equal(Tracer.Id, where));
    }

    [Fact]
    public void A_tracer_dispatcher_keeps_the_order_of_each_sender()
    {
        var actor = Spawn<EchoActor>();
        var senders = Enumerable.Range(0, 4).Select(sender => new Thread(() =>
        {
            for (var i = 0; i < 500; i++)
                actor.Tell((sender, i), TestActor);
        })).ToArray();
        foreach (var sender in senders)
            sender.Start();
        var answers = ReceiveN(2000, Soon).Cast<(int Sender, int Number)>().ToArray();
        foreach (var sender in senders)
            sender.Join();
        for (var sender = 0; sender < 4; sender++)
            Assert.Equal(Enumerable.Range(0, 500), answers.Where(a => a.Sender == sender).Select(static a => a.Number));
    }

    [Fact]
    public void A_tracer_dispatcher_never_runs_an_actor_within_itself()
    {
        var actor = Spawn<ReentryActor>();
        actor.Tell("start", TestActor);
        Assert.Equal("never", ExpectMsg<string>(Soon));
    }

    [Fact]
    public void A_restarted_actor_is_still_on_the_tracer_thread()
    {
        var actor = Spawn<WhereActor>();
        EventFilter.Exception<InvalidOperationException>("asked to").ExpectOne(Soon, () => actor.Tell("throw"));
        actor.Tell("where", TestActor);
        Assert.Equal(Tracer.Id, ExpectMsg<int>(Soon));
    }

    [Fact]
    public void A_message_between_actors_of_the_tracer_thread_allocates_nothing()
    {
        var one = Spawn<PlayerActor>();
        var other = Spawn<PlayerActor>();
        one.Tell(new Game(other, TestActor));
        var rounds = ReceiveN(PlayerActor.Rounds, Soon).Cast<long>().ToArray();
        // What a message costs is in every round. What the runtime adds once, at a moment of its own (it recompiles the warm methods), is not.
        Assert.Contains(0L, rounds);
    }

    private IActorRef Spawn<T>() where T : ActorBase, new() => Sys.ActorOf(Props.Create<T>().WithDispatcher(Dispatchers.Tracer));

    /// <summary>Start a game against the other player; the referee is told what each round allocated.</summary>
    private sealed record Game(IActorRef Other, IActorRef Referee);

    private sealed class WhereActor : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is "throw")
                throw new InvalidOperationException("asked to");
            Sender.Tell(Environment.CurrentManagedThreadId);
        }
    }

    private sealed class EchoActor : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    private sealed class ReentryActor : UntypedActor
    {
        private bool inside;

        protected override void OnReceive(object message)
        {
            if (inside)
                Sender.Tell("within itself");
            inside = true;
            if (message is "start")
                Self.Forward("again");
            inside = false;
            if (message is "again")
                Sender.Tell("never");
        }
    }

    private sealed class PlayerActor : UntypedActor
    {
        public const int Rounds = 10;
        private const int HopsOfRound = 20_000;

        private static readonly object Ball = new();
        private readonly long[] allocated = new long[Rounds];
        private IActorRef? referee;
        private int hops, round;
        private long before;

        protected override void OnReceive(object message)
        {
            if (message is Game game)
            {
                referee = game.Referee;
                before = GC.GetAllocatedBytesForCurrentThread();
                game.Other.Tell(Ball, Self);
                return;
            }

            if (referee is not null && ++hops == HopsOfRound && EndRound())
                return;
            Sender.Tell(Ball, Self);
        }

        /// <summary>True after the last round. Reports are sent then, as they allocate.</summary>
        private bool EndRound()
        {
            var now = GC.GetAllocatedBytesForCurrentThread();
            allocated[round] = now - before;
            before = now;
            hops = 0;
            if (++round < Rounds)
                return false;
            foreach (var bytes in allocated)
                referee.Tell(bytes);
            return true;
        }
    }
}
