using System.Buffers.Binary;
using Vuos.Actors.Modules.Vudev.Blocks;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev.Partitions;

/// <summary>One of the four entries of a boot record. Sectors are those of the disk.</summary>
internal readonly record struct DosEntry(byte Type, uint Start, uint Sectors)
{
    /// <summary>A container of logical partitions: DOS, Windows 95 (LBA), Linux.</summary>
    public bool Extended => Sectors > 0 && Type is 0x05 or 0x0F or 0x85;
}

/// <summary>
/// The partition table of DOS: four entries in the first sector (MBR), 1 to 4; logical partitions, from 5 on, in a chain of records of the same form (EBR).
/// Layout: sfdisk(8), https://en.wikipedia.org/wiki/Extended_boot_record. Numbers are given as the kernel does (block/partitions/msdos.c).
/// </summary>
internal static class DosTable
{
    /// <summary>Type of the entry that protects a GPT.</summary>
    public const byte Protective = 0xEE;

    private const int FirstEntry = 446, EntrySize = 16, Signature = 510;

    /// <summary>
    /// The entries of a boot record; null: it is none. <paramref name="strict"/>: each must be marked bootable or not, which tells a table from the code of a
    /// file system's boot sector, which has the same signature.
    /// </summary>
    public static DosEntry[]? Entries(ReadOnlySpan<byte> sector, bool strict)
    {
        if (sector.Length < 512 || sector[Signature] != 0x55 || sector[Signature + 1] != 0xAA)
            return null;
        var entries = new DosEntry[4];
        for (var i = 0; i < 4; i++)
        {
            var entry = sector.Slice(FirstEntry + i * EntrySize, EntrySize);
            if (strict && entry[0] is not (0 or 0x80))
                return null;
            entries[i] = new DosEntry(entry[4], BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]), BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]));
        }

        return entries;
    }

    public static async ValueTask<Answer<List<Partition>>> ReadAsync(BlockDevice disk, DosEntry[] entries, CancellationToken cancel)
    {
        var found = new List<Partition>();
        var logical = 5;
        for (var i = 0; i < 4; i++)
        {
            var entry = entries[i];
            if (!entry.Extended)
            {
                Add(disk, found, i + 1, entry.Start, entry.Sectors);
                continue;
            }

            // Of the container only the record at its begin is shown, enough for a boot loader: what is written to all of it would destroy the logical ones.
            Add(disk, found, i + 1, entry.Start, Math.Min(entry.Sectors, (uint)Math.Max(1024 / disk.SectorSize, 1)));
            var next = await ChainAsync(disk, found, entry, logical, cancel).ConfigureAwait(false);
            if (next.Failed)
                return next.Error;
            logical = next.Value;
        }

        return found;
    }

    /// <summary>Follows the records of one container; the answer is the next free number. A record met again, or outside the disk, ends the chain.</summary>
    private static async ValueTask<Answer<int>> ChainAsync(BlockDevice disk, List<Partition> found, DosEntry container, int number, CancellationToken cancel)
    {
        var met = new HashSet<ulong>();
        ulong record = container.Start;
        while (number <= Partition.MaxNumber && met.Count <= Partition.MaxNumber && met.Add(record))
        {
            var sector = await disk.ReadSectorsAsync(record, disk.SectorSize, cancel).ConfigureAwait(false);
            if (sector.Failed)
                return sector.Error;
            if (sector.Value is null || Entries(sector.Value, strict: false) is not { } entries)
                break;
            for (var i = 0; i < 4; i++)
            {
                var entry = entries[i];
                if (entry.Sectors == 0 || entry.Extended)
                    continue;

                // The last two should be empty, and where they are not they are garbage more often than not: taken only when they fit the container.
                var start = record + entry.Start;
                if (i >= 2 && (start < container.Start || start + entry.Sectors > (ulong)container.Start + container.Sectors))
                    continue;
                if (Add(disk, found, number, start, entry.Sectors))
                    number++;
            }

            var link = Array.FindIndex(entries, static e => e.Extended);
            if (link < 0)
                break;
            record = (ulong)container.Start + entries[link].Start;
        }

        return number;
    }

    private static bool Add(BlockDevice disk, List<Partition> found, int number, ulong start, ulong sectors)
    {
        if (Partition.Inside(disk.Length, disk.SectorSize, number, start, sectors, readOnly: false) is not { } partition)
            return false;
        found.Add(partition);
        return true;
    }
}
