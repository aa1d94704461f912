using System.Collections.Concurrent;
using System.Diagnostics;
using Vuos.Actors.Views;
using Vuos.FileSystems;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual;

/// <summary>When something was learnt from a file system and how long it may be believed; both in ticks of the stopwatch.</summary>
internal readonly record struct Freshness(long FetchedAt, long Until)
{
    public static Freshness For(TimeSpan valid)
    {
        var now = Stopwatch.GetTimestamp();
        // Servers say "for ever" with the greatest number there is.
        var ticks = Math.Min(valid.TotalSeconds, 1e6) * Stopwatch.Frequency;
        return new Freshness(now, now + (long)ticks);
    }

    /// <summary>Whether it may be used now, in a call that waits since <paramref name="waitingSince"/> (0: it does not): what was fetched for it counts, whatever its time.</summary>
    public bool IsUsable(long waitingSince) => (waitingSince != 0 && FetchedAt >= waitingSince) || Stopwatch.GetTimestamp() < Until;
}

/// <summary>A name in a directory; without a node: it is known not to exist.</summary>
internal sealed record VirtualEntry(VirtualNode? Node, Freshness Freshness);

/// <summary>What is known of a node's attributes.</summary>
internal sealed record KnownAttributes(NodeAttributes Value, Freshness Freshness);

/// <summary>What is known of a symbolic link's target.</summary>
internal sealed record KnownTarget(byte[] Target, Freshness Freshness);

/// <summary>
/// One file, directory, link or device of a virtual file system, as far as it is known. Read by the tracer thread while tasks of the layer change it: every field that
/// changes is one reference, replaced whole.
/// </summary>
internal sealed class VirtualNode(ulong id, ulong generation)
{
    private KnownAttributes? attributes;
    private KnownTarget? target;
    private ConcurrentDictionary<byte[], VirtualEntry>? children;
    private long lookups;
    private long expiredAt;
    private int version;

    public ulong Id { get; } = id;

    public ulong Generation { get; } = generation;

    /// <summary>The directory it was seen in last, null for the root; of a directory the only one.</summary>
    public VirtualNode? Parent { get; set; }

    /// <summary>Its name there.</summary>
    public byte[] Name { get; set; } = [];

    /// <summary>It lost its last known name.</summary>
    public bool IsUnlinked { get; set; }

    public KnownAttributes? Attributes
    {
        get => Volatile.Read(ref attributes);
        set => Volatile.Write(ref attributes, value);
    }

    /// <summary>When something last changed the attributes, in ticks of the stopwatch: what was asked before then is old.</summary>
    public long ExpiredAt
    {
        get => Volatile.Read(ref expiredAt);
        set => Volatile.Write(ref expiredAt, value);
    }

    public KnownTarget? Target
    {
        get => Volatile.Read(ref target);
        set => Volatile.Write(ref target, value);
    }

    /// <summary>Content or directory that guests had open; null: never, or forgotten since. Changed under <see cref="Gate"/>.</summary>
    public OpenNode? Open { get; set; }

    /// <summary>Host path of the fifo or socket it stands for, once there is one; see <see cref="Places"/>.</summary>
    public byte[]? Place { get; set; }

    /// <summary>Read-ahead of its names; null: nobody has looked at any yet.</summary>
    public NameAhead? Ahead { get; set; }

    /// <summary>Counts the changes of its names that the file system made for us or told us: the answer to a look-up that was asked before one may be old.</summary>
    public int Version => Volatile.Read(ref version);

    public void NameChanged() => Interlocked.Increment(ref version);

    /// <summary>Held by who opens, changes the size or drops it; never by the tracer thread.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Type bits of st_mode; they never change. 0: unknown.</summary>
    public uint Type => (Attributes?.Value.Mode ?? 0) & FileType.Mask;

    public bool IsDirectory => Type == FileType.Directory;

    public bool IsDevice => Type is FileType.Char or FileType.Block;

    public bool IsLink => Type == FileType.Link;

    /// <summary>Names known in it.</summary>
    public ConcurrentDictionary<byte[], VirtualEntry> Children =>
        children ?? Interlocked.CompareExchange(ref children, new(BytePathComparer.Instance), null) ?? children!;

    public VirtualEntry? Find(ReadOnlySpan<byte> name) =>
        children is not null && children.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var entry) ? entry : null;

    public bool HasChildren => children is { IsEmpty: false };

    /// <summary>Counts a look-up that the file system counted too.</summary>
    public void CountLookup() => Interlocked.Increment(ref lookups);

    /// <summary>The look-ups counted so far, which are to be forgotten.</summary>
    public ulong TakeLookups() => (ulong)Interlocked.Exchange(ref lookups, 0);

    /// <summary>Path below the layer's root: empty, or beginning with a slash.</summary>
    public void AppendPath(PathBuffer path)
    {
        if (Parent is null)
            return;
        Parent.AppendPath(path);
        path.Push(Name);
    }
}
