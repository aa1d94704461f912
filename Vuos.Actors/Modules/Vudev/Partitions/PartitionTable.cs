using Vuos.Actors.Modules.Vudev.Blocks;
using Vuos.FileSystems;

namespace Vuos.Actors.Modules.Vudev.Partitions;

/// <summary>The partitions of a disk: by a GPT if its first sector says so, else by a DOS table, else none.</summary>
internal static class PartitionTable
{
    /// <summary>In the order of their numbers. Whatever is on the disk gives a list; errors are those of reading.</summary>
    public static async ValueTask<Answer<IReadOnlyList<Partition>>> ReadAsync(BlockDevice disk, CancellationToken cancel)
    {
        var first = await disk.ReadSectorsAsync(0, disk.SectorSize, cancel).ConfigureAwait(false);
        if (first.Failed)
            return first.Error;
        if (first.Value is null || DosTable.Entries(first.Value, strict: true) is not { } entries)
            return Array.Empty<Partition>();

        // An invalid GPT is not read as the one partition that its protective table shows to programs that know no GPT.
        var table = entries.Any(static e => e.Type == DosTable.Protective)
            ? await GuidTable.ReadAsync(disk, cancel).ConfigureAwait(false)
            : await DosTable.ReadAsync(disk, entries, cancel).ConfigureAwait(false);
        if (table.Failed)
            return table.Error;
        return table.Value.OrderBy(static p => p.Number).ToArray();
    }
}
