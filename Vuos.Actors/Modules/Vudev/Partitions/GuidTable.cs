using System.Buffers.Binary;
using Vuos.Actors.Modules.Vudev.Blocks;
using Vuos.FileSystems;

namespace Vuos.Actors.Modules.Vudev.Partitions;

/// <summary>
/// The GUID partition table (UEFI specification 2.10, chapter 5.3): a header in sector 1 and an array of entries, both with a CRC; and a copy at the end of the disk,
/// which is used when the first is damaged.
/// </summary>
internal static class GuidTable
{
    private const int HeaderSize = 92, EntrySize = 128;

    /// <summary>Bytes of the greatest array of entries that is read; usual are 16 KiB.</summary>
    private const uint MaxTable = 4 << 20;

    /// <summary>Microsoft's attribute bit 60 of basic data partitions, which sgdisk sets for any type: read only.</summary>
    private const ulong ReadOnly = 1UL << 60;

    public static async ValueTask<Answer<List<Partition>>> ReadAsync(BlockDevice disk, CancellationToken cancel)
    {
        var last = (ulong)disk.Length / (ulong)disk.SectorSize - 1;
        foreach (var sector in new[] { 1UL, last })
        {
            var table = await TableAsync(disk, sector, cancel).ConfigureAwait(false);
            if (table.Failed)
                return table.Error;
            if (table.Value is { } entries)
                return Partitions(disk, entries.Bytes, entries.Size);
        }

        return new List<Partition>();
    }

    /// <summary>The entries of the header in a sector; null if it, or they, are not valid.</summary>
    private static async ValueTask<Answer<(byte[] Bytes, int Size)?>> TableAsync(BlockDevice disk, ulong sector, CancellationToken cancel)
    {
        (byte[], int)? none = null;
        var header = await disk.ReadSectorsAsync(sector, disk.SectorSize, cancel).ConfigureAwait(false);
        if (header.Failed)
            return header.Error;
        if (header.Value is null || Valid(header.Value, sector) is not { } place)
            return none;
        var entries = await disk.ReadSectorsAsync(place.Sector, place.Length, cancel).ConfigureAwait(false);
        if (entries.Failed)
            return entries.Error;
        return entries.Value is { } bytes && Crc32.Of(bytes) == place.Crc ? (bytes, place.EntrySize) : none;
    }

    private static (ulong Sector, int Length, int EntrySize, uint Crc)? Valid(byte[] sector, ulong number)
    {
        var header = sector.AsSpan();
        var size = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        if (!header.StartsWith("EFI PART"u8) || size < HeaderSize || size > header.Length || BinaryPrimitives.ReadUInt64LittleEndian(header[24..]) != number)
            return null;
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        header.Slice(16, 4).Clear();
        if (Crc32.Of(header[..(int)size]) != crc)
            return null;
        var count = BinaryPrimitives.ReadUInt32LittleEndian(header[80..]);
        var entrySize = BinaryPrimitives.ReadUInt32LittleEndian(header[84..]);
        if (entrySize is < EntrySize or > 4096 || !uint.IsPow2(entrySize) || count == 0 || (ulong)count * entrySize > MaxTable)
            return null;
        return (BinaryPrimitives.ReadUInt64LittleEndian(header[72..]), (int)(count * entrySize), (int)entrySize, BinaryPrimitives.ReadUInt32LittleEndian(header[88..]));
    }

    private static List<Partition> Partitions(BlockDevice disk, ReadOnlySpan<byte> entries, int entrySize)
    {
        var found = new List<Partition>();
        for (var i = 0; i < entries.Length / entrySize; i++)
        {
            var entry = entries.Slice(i * entrySize, EntrySize);
            var first = BinaryPrimitives.ReadUInt64LittleEndian(entry[32..]);
            var last = BinaryPrimitives.ReadUInt64LittleEndian(entry[40..]);
            if (!entry[..16].ContainsAnyExcept((byte)0) || last < first || last == ulong.MaxValue)
                continue;
            var readOnly = (BinaryPrimitives.ReadUInt64LittleEndian(entry[48..]) & ReadOnly) != 0;
            if (Partition.Inside(disk.Length, disk.SectorSize, i + 1, first, last - first + 1, readOnly) is { } partition)
                found.Add(partition);
        }

        return found;
    }
}
