using Vuos.Native.Tracing;

namespace Vuos.Actors.Guests;

/// <summary>A process whose threads are all to stand still while an instruction is replaced that any of them may be at.</summary>
/// <param name="mover">The thread whose call is to be decided in the guest from now on; it waits in an event stop.</param>
/// <param name="site">Address of the instruction.</param>
internal sealed class InGuestMove(GuestThread mover, long site)
{
    public GuestThread Mover { get; } = mover;

    public long Site { get; } = site;

    /// <summary>The mover was in a group-stop, or is to be put into one.</summary>
    public bool GroupStop { get; init; }

    /// <summary>Stops of the others, handled once the threads may go on.</summary>
    public List<WaitEvent> Held { get; } = [];

    /// <summary>Threads that have not stopped yet.</summary>
    public HashSet<int> Missing { get; } = [];
}
