namespace Vuos.Native.InGuest;

/// <summary>What the code in a guest may decide; the first word of its data.</summary>
[Flags]
public enum InGuestFlags : uint
{
    None = 0,

    /// <summary>Anything at all, absolute paths among it.</summary>
    Enabled = 1,

    /// <summary>Paths that begin in a directory.</summary>
    Relative = 2,

    /// <summary>stat by such a path.</summary>
    RelativeStat = 4,

    /// <summary>stat of a descriptor.</summary>
    DescriptorStat = 8,

    /// <summary>What is opened by a path that begins in a directory is logged: the directory may have been opened through a layer.</summary>
    Named = 16,
}

/// <summary>Where the data of the code lies, behind <see cref="InGuestCode.Base"/>.</summary>
public static class InGuestLayout
{
    /// <summary>
    /// Offsets: the flags, the number of bits in the set less one, the version of places and set, and the two ends of the log (32 bits each); which directories and names have been logged; <see cref="PlaceTable"/>;
    /// <see cref="InGuestLog"/>; the <see cref="NameSet"/>.
    /// </summary>
    public const int Flags = 0x1000, Mask = 0x1004, Version = 0x1008, Tail = 0x100c, Head = 0x1010, KnownBases = 0x1200, Known = 0x1400, KnownEnd = 0x1800, Places = 0x1800, Texts = 0x2000, Slots = 0xa000, Set = 0x2_0000;

    /// <summary>Bytes in all: the set grows to 1 Mibit; what is not used is not backed by memory.</summary>
    public const int Size = Set + NameSet.MostBits / 8;
}

/// <summary>
/// A set of hashes (two bits each, as Bloom has it) that says of a name whether a mount may be met there: never wrongly no, seldom wrongly yes. It holds the mount points, their ancestors, and their last components.
/// The code in guests asks the same questions of the same bits.
/// </summary>
public sealed class NameSet
{
    public const int LeastBits = 1 << 14, MostBits = 1 << 20;

    private const uint PathStart = 0x811c_9dc5, NameStart = 0x3c6e_f372, Prime = 16777619, Spread = 0x9e37_79b1, SpreadToo = 0x7feb_352d, MountMark = 0x5bd1_e995;

    private readonly byte[] bits;

    /// <param name="entries">How many names are to be added, about; with more of them wrong answers grow more frequent.</param>
    public NameSet(int entries)
    {
        var size = LeastBits;
        while (size < MostBits && size < entries * 32L)
            size *= 2;
        bits = new byte[size / 8];
    }

    /// <summary>The number of bits less one.</summary>
    public int Mask => bits.Length * 8 - 1;

    public ReadOnlySpan<byte> Bits => bits;

    /// <summary>Adds a mount point: an absolute path without a slash at its end; empty: the root, below which nothing can be told apart.</summary>
    public void AddMount(ReadOnlySpan<byte> path)
    {
        var hash = PathStart;
        for (var i = 0; i < path.Length; i++)
        {
            hash = Next(hash, path[i]);
            if (i + 1 == path.Length || path[i + 1] == (byte)'/')
                Add(hash);
        }

        Add(hash ^ MountMark);
        AddName(path[(path.LastIndexOf((byte)'/') + 1)..]);
    }

    /// <summary>The hash of a whole path, as the places are found by.</summary>
    internal static uint Hash(ReadOnlySpan<byte> path)
    {
        var hash = PathStart;
        foreach (var c in path)
            hash = Next(hash, c);
        return hash;
    }

    /// <summary>Adds a component of that spelling, in whatever directory.</summary>
    public void AddName(ReadOnlySpan<byte> component)
    {
        var hash = NameStart;
        foreach (var c in component)
            hash = Next(hash, c);
        Add(hash);
    }

    /// <summary>Whether an absolute path, in the plain form of <see cref="AddMount"/>, may be a mount point.</summary>
    public bool MayBeMount(ReadOnlySpan<byte> path) => Has(Hash(path) ^ MountMark);

    /// <summary>Whether some mount point may be that absolute path or lie below it.</summary>
    public bool MayLeadToMount(ReadOnlySpan<byte> path) => Has(Hash(path));

    /// <summary>Whether a mount point may have this last component.</summary>
    public bool MayBeName(ReadOnlySpan<byte> component)
    {
        var hash = NameStart;
        foreach (var c in component)
            hash = Next(hash, c);
        return Has(hash);
    }

    private static uint Next(uint hash, byte c) => (hash ^ c) * Prime;

    private void Add(uint hash)
    {
        Set(hash * Spread);
        Set(hash * SpreadToo);
    }

    private bool Has(uint hash) => IsSet(hash * Spread) && IsSet(hash * SpreadToo);

    private void Set(uint spread) => bits[Place(spread) >> 3] |= (byte)(1 << (Place(spread) & 7));

    private bool IsSet(uint spread) => (bits[Place(spread) >> 3] & (1 << (Place(spread) & 7))) != 0;

    private int Place(uint spread) => (int)(spread >> 10) & Mask;
}
