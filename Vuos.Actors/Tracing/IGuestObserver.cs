using Vuos.Actors.Guests;

namespace Vuos.Actors.Tracing;

/// <summary>Hears of guests; called on the tracer thread.</summary>
internal interface IGuestObserver
{
    void Ended(GuestThread thread, int shellStatus);
}
