namespace Vuos.FileSystems.Examples;

/// <summary>Where a node can be found again: its name, with a NUL, in a directory.</summary>
internal sealed record PassthroughPlace(PassthroughNode Parent, byte[] Name)
{
    public bool Is(PassthroughNode parent, byte[] name) => parent == Parent && name.AsSpan().SequenceEqual(Name);
}

/// <summary>
/// A file of the host. While it has an O_PATH descriptor it stays the same file whatever happens to its names; without one it is found again by <see cref="Place"/>, and
/// known again by its numbers and the time of its birth.
/// </summary>
internal sealed class PassthroughNode(ulong device, ulong inode)
{
    private PassthroughPlace? place;

    public (ulong Device, ulong Inode) Key => (device, inode);

    /// <summary>Its number in the table; set once.</summary>
    public ulong Id { get; set; }

    /// <summary>Where it was seen last; null: it has no name we know of, and keeps its descriptor.</summary>
    public PassthroughPlace? Place
    {
        get => Volatile.Read(ref place);
        set => Volatile.Write(ref place, value);
    }

    /// <summary>The O_PATH descriptor, or -1. It, and what follows, is changed under the lock of <see cref="PassthroughDescriptors"/>.</summary>
    public int Descriptor { get; set; } = -1;

    /// <summary>Operations, open files and other reasons for which the descriptor must stay.</summary>
    public int Users { get; set; }

    /// <summary>Its place among those whose descriptor may be closed.</summary>
    public LinkedListNode<PassthroughNode>? Idle { get; set; }

    /// <summary>When the file was made; known while there is no descriptor.</summary>
    public (long Seconds, uint Nanoseconds) Birth { get; set; }
}
