using Akka.Dispatch;
using Vuos.Actors.Tracing;

namespace Vuos.Actors.Tests.Actors;

/// <summary>The queue itself, with the test's own thread as tracer thread.</summary>
public sealed class TracerQueueTests
{
    private readonly TracerQueue queue = new();
    private int wakes;

    public TracerQueueTests() => queue.Bind(() => Interlocked.Increment(ref wakes));

    [Fact]
    public void What_the_tracer_thread_posts_waits_for_the_next_drain_and_wakes_nobody()
    {
        var ran = 0;
        queue.Post(() => ran++);
        Assert.Equal(0, ran);
        queue.Drain();
        Assert.Equal(1, ran);
        Assert.Equal(0, wakes);
    }

    [Fact]
    public void A_drain_also_runs_what_it_queues()
    {
        var order = new List<int>();
        queue.Post(() =>
        {
            order.Add(1);
            queue.Post(() => order.Add(3));
        });
        queue.Post(() => order.Add(2));
        queue.Drain();
        Assert.Equal([1, 2, 3], order);
    }

    [Fact]
    public void A_post_from_elsewhere_wakes_the_tracer_once_until_it_drains()
    {
        var ran = 0;
        Elsewhere(() => queue.Post(() => ran++));
        Elsewhere(() => queue.Post(() => ran++));
        Assert.Equal(1, wakes);
        Assert.Equal(0, ran);
        queue.Drain();
        Assert.Equal(2, ran);
        Elsewhere(() => queue.Post(() => ran++));
        Assert.Equal(2, wakes);
    }

    [Fact]
    public void Posts_before_there_is_a_tracer_thread_are_kept()
    {
        var early = new TracerQueue();
        var ran = 0;
        early.Post(() => ran++);
        early.Bind(() => { });
        early.Drain();
        Assert.Equal(1, ran);
    }

    [Fact]
    public void No_wake_up_is_lost()
    {
        using var tracer = new TracerThread();
        using var arrived = new AutoResetEvent(false);
        // Two posters, so that posts meet the moment between a drain and the sleep after it.
        var noise = new Thread(() =>
        {
            for (var i = 0; i < 50_000; i++)
                tracer.Queue.Post(static () => { });
        });
        noise.Start();
        for (var i = 0; i < 20_000; i++)
        {
            tracer.Queue.Post(() => arrived.Set());
            Assert.True(arrived.WaitOne(TimeSpan.FromMinutes(2)), $"post {i} was never run");
        }

        noise.Join();
    }

    [Fact]
    public void Passing_work_on_allocates_nothing()
    {
        var work = new Hops(queue);
        work.Left = 1000;
        queue.Post(work);
        queue.Drain();
        work.Left = 100_000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        queue.Post(work);
        queue.Drain();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(0, work.Left);
    }

    private static void Elsewhere(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }

    private sealed class Hops(TracerQueue queue) : IRunnable
    {
        public int Left { get; set; }

        public void Run()
        {
            if (--Left > 0)
                queue.Post(this);
        }

        public void Execute() => Run();
    }
}
