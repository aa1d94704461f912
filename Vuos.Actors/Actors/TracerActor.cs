using Akka.Actor;
using Vuos.Actors.Calls;
using Vuos.Actors.Tracing;
using Vuos.Native;

namespace Vuos.Actors.Actors;

/// <summary>
/// Mailbox of the tracer. Supervised by <see cref="HypervisorActor"/>, runs on the tracer thread, owns nothing but access to <see cref="Tracer"/>; a failure ends the run.
/// </summary>
internal sealed class TracerActor : ReceiveActor
{
    public TracerActor(ITracer tracer)
    {
        Receive<TableChanged>(message =>
        {
            try
            {
                var caller = tracer.Threads.Values.FirstOrDefault(t => message.Caller.Equals(t.Actor));
                tracer.RequireFilters(message.Needs, caller, () => message.Caller.Tell(new ControlAnswer(Errno.None, message.Warning)));
            }
            catch (Exception e)
            {
                throw new TracerFailedException("filters could not be installed", e);
            }
        });
    }
}
