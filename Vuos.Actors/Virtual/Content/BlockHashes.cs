using System.Collections.Concurrent;
using System.IO.Hashing;

namespace Vuos.Actors.Virtual.Content;

/// <summary>
/// What the file system has, as hashes of blocks; comparing them with the memfd tells what guests changed. A block of zeros has hash 0 and takes no room, and what lies
/// beyond the end of the file counts as zeros, so growing a file by ftruncate changes no hash.
/// </summary>
/// <remarks>
/// Blocks are pages of 4 KiB: the kernel writes back pages too, so a server never sees more written than it would from the kernel. The price is small: XXH128 hashes 4 KiB in
/// 0.3 us, and 16 bytes are kept for them (0.4 %). 128 bits because an unnoticed collision would lose a write; it need not withstand an attacker, who would lose only his own.
/// </remarks>
internal sealed class BlockHashes(int unitSize)
{
    public const int BlockSize = 4096;

    /// <summary>Equal to no block's hash (but by a chance of 2^-128): what the file system has is not known, because a write of the block failed.</summary>
    public static readonly UInt128 Unknown = UInt128.MaxValue;

    /// <summary>By the unit's index; a unit is what one task compares and writes.</summary>
    private readonly ConcurrentDictionary<long, UInt128[]> _units = new();

    /// <summary>Bytes, a multiple of <see cref="BlockSize"/>.</summary>
    public int UnitSize => unitSize;

    /// <summary>Indexes of the units that are not all zeros.</summary>
    public IEnumerable<long> Units => _units.Keys;

    /// <param name="block">A whole block, filled up with zeros at the end of the file.</param>
    public static UInt128 Of(ReadOnlySpan<byte> block) => block.ContainsAnyExcept((byte)0) ? XxHash128.HashToUInt128(block) : 0;

    public UInt128 this[long block]
    {
        get => _units.TryGetValue(block / BlocksOfUnit, out var unit) ? unit[block % BlocksOfUnit] : 0;
        set
        {
            if (value != 0)
                _units.GetOrAdd(block / BlocksOfUnit, static (_, count) => new UInt128[count], BlocksOfUnit)[block % BlocksOfUnit] = value;
            else if (_units.TryGetValue(block / BlocksOfUnit, out var unit))
                unit[block % BlocksOfUnit] = 0;
        }
    }

    /// <summary>Takes over data that is known to be the file system's: whole blocks, from the beginning of one.</summary>
    public void Learn(long offset, ReadOnlySpan<byte> data)
    {
        for (var at = 0; at < data.Length; at += BlockSize)
            this[(offset + at) / BlockSize] = Of(data.Slice(at, BlockSize));
    }

    /// <summary>
    /// The file system's file ends at <paramref name="size"/>. What it has of a block cut by it is not known, unless the caller learns it: were the old hash kept, a guest that
    /// writes again what was cut off would seem to have changed nothing.
    /// </summary>
    public void Truncate(long size)
    {
        var blocks = (size + BlockSize - 1) / BlockSize;
        foreach (var (index, unit) in _units)
        {
            var keep = blocks - index * BlocksOfUnit;
            if (keep <= 0)
                _units.TryRemove(index, out _);
            else if (keep < unit.Length)
                Array.Clear(unit, (int)keep, unit.Length - (int)keep);
        }

        if (size % BlockSize != 0 && this[size / BlockSize] != 0)
            this[size / BlockSize] = Unknown;
    }

    /// <summary>What the file system has from <paramref name="offset"/> on, of what was not zeros, is not known any more.</summary>
    public void Distrust(long offset)
    {
        foreach (var part in Parts(offset, long.MaxValue))
        {
            foreach (ref var hash in part.AsSpan())
                hash = hash == 0 ? 0 : Unknown;
        }
    }

    /// <summary>What the file system has in whole blocks from <paramref name="begin"/> to <paramref name="end"/> is zeros now.</summary>
    public void Clear(long begin, long end)
    {
        foreach (var part in Parts(begin, end))
            part.AsSpan().Clear();
    }

    /// <summary>The hashes of a range, as far as there are any: from the block of its beginning to the one before that of its end.</summary>
    private IEnumerable<ArraySegment<UInt128>> Parts(long begin, long end)
    {
        foreach (var (index, unit) in _units)
        {
            var first = (int)Math.Clamp(begin / BlockSize - index * BlocksOfUnit, 0, unit.Length);
            var last = (int)Math.Clamp(end / BlockSize - index * BlocksOfUnit, 0, unit.Length);
            if (last > first)
                yield return new(unit, first, last - first);
        }
    }

    private int BlocksOfUnit => unitSize / BlockSize;
}
