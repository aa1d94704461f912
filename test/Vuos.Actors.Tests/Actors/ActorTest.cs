using Akka.TestKit.Xunit2;

namespace Vuos.Actors.Tests.Actors;

/// <summary>An actor system with the program's settings and a tracer thread. These tests share one seam (<c>ModuleActor.LayerProps</c>), so they run one by one.</summary>
[Collection("actors")]
public abstract class ActorTest : TestKit
{
    protected static readonly TimeSpan Soon = TimeSpan.FromMinutes(1);

    private readonly TracerThread tracer;

    protected ActorTest()
        : this(new TracerThread())
    {
    }

    private ActorTest(TracerThread tracer)
        : base(tracer.Setup()) => this.tracer = tracer;

    private protected TracerThread Tracer => tracer;

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            tracer.Dispose();
    }
}
