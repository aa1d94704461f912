using Akka.Actor;
using Vuos.Actors.Running;
using Vuos.Actors.Tracing;

namespace Vuos.Actors.Actors;

/// <summary>Ask for the counters of the run; answered with a <see cref="Snapshot"/>.</summary>
public sealed record GetSnapshot;

/// <summary>Counters of the run at one moment.</summary>
public sealed record Snapshot(int Processes, int Threads, long Notifications, long Stops, long ExitStops, long Execs, long Births);

/// <summary>Counters and the event stream, for consoles and tests. Supervised by <see cref="HypervisorActor"/>, on the layers' dispatcher; reads the tracer's counters on the tracer thread.</summary>
internal sealed class DiagnosticsActor : ReceiveActor
{
    public DiagnosticsActor(ITracer tracer)
    {
        Receive<GetSnapshot>(_ =>
        {
            var asker = Sender;
            tracer.Queue.Post(() =>
            {
                Statistics s = tracer.Statistics;
                asker.Tell(new Snapshot(tracer.Processes.Count, tracer.Threads.Count, s.Notifications, s.SeccompStops, s.ExitStops, s.Execs, s.Births));
            });
        });
    }
}
