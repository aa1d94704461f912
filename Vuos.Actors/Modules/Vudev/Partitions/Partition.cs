namespace Vuos.Actors.Modules.Vudev.Partitions;

/// <summary>One partition of a disk.</summary>
/// <param name="Number">1…255, as in the name of its device.</param>
/// <param name="Start">Bytes before its first; a multiple of the sector size.</param>
/// <param name="Length">Bytes; a multiple of the sector size, not 0, and all of it inside the disk.</param>
/// <param name="ReadOnly">The table says it may not be written (an attribute of GPT).</param>
internal readonly record struct Partition(int Number, long Start, long Length, bool ReadOnly)
{
    /// <summary>As many as the kernel shows of a disk (DISK_MAX_PARTS, include/linux/genhd.h, less the disk itself).</summary>
    public const int MaxNumber = 255;

    public long End => Start + Length;

    /// <summary>
    /// A partition of which a table tells sectors: null if none of it is inside the disk; one that reaches beyond the end is cut there, as the kernel does
    /// (images are copied from greater disks).
    /// </summary>
    public static Partition? Inside(long diskLength, int sectorSize, int number, ulong firstSector, ulong sectors, bool readOnly)
    {
        var all = (ulong)diskLength / (ulong)sectorSize;
        if (sectors == 0 || firstSector >= all || number is < 1 or > MaxNumber)
            return null;
        return new Partition(number, (long)firstSector * sectorSize, (long)Math.Min(sectors, all - firstSector) * sectorSize, readOnly);
    }
}
