namespace Vuos.Actors.Guests;

/// <summary>
/// What CLONE_VM shares: one address space, the scratch slots mapped into it, and how many guest threads run in it. With one thread, scratch lies below that
/// thread's red zone; with more, a neighbour's stack may lie there (goroutines), so slots of an injected mapping are used.
/// </summary>
internal sealed class MemorySpace
{
    /// <summary>Bytes in a slot: two paths of PATH_MAX, a socket address and some.</summary>
    public const int SlotSize = 16384;

    private readonly Stack<long> free = new();

    /// <summary>Guest threads that run in this space.</summary>
    public int Users { get; set; }

    /// <summary>Naming calls of these threads that were trapped, until it was decided whether code is put into the space.</summary>
    public int NamingCalls { get; set; }

    /// <summary>How often that could not be done at once.</summary>
    public int MovesPutOff { get; set; }

    /// <summary>
    /// Addresses behind <c>syscall</c> instructions where signals have interrupted threads: a handler may return there, so what stands there stays. Null: none. Children share it.
    /// </summary>
    public HashSet<long>? Interrupted { get; set; }

    /// <summary>The code that decides naming calls in the guest, once it is there.</summary>
    public InGuestSpace? InGuest { get; set; }

    public bool TryTake(out long slot) => free.TryPop(out slot);

    public void Give(long slot) => free.Push(slot);

    /// <summary>A copy for fork: the child has the same mappings and none in use but the forking thread's own.</summary>
    public MemorySpace Fork(long ownSlot)
    {
        var copy = new MemorySpace { NamingCalls = NamingCalls, Interrupted = Interrupted, InGuest = InGuest?.Copy() };
        foreach (var slot in free)
            copy.free.Push(slot);
        if (ownSlot != 0)
            copy.free.Push(ownSlot);
        return copy;
    }
}
