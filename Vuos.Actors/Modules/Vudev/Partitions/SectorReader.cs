using Vuos.Actors.Modules.Vudev.Blocks;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev.Partitions;

/// <summary>Reads what a partition table points to, wherever that is.</summary>
internal static class SectorReader
{
    /// <summary>Bytes from a sector on; null if not all of them are inside the disk.</summary>
    public static async ValueTask<Answer<byte[]?>> ReadSectorsAsync(this BlockDevice disk, ulong sector, int length, CancellationToken cancel)
    {
        var size = (ulong)disk.SectorSize;
        if (sector >= (ulong)disk.Length / size || (ulong)disk.Length - sector * size < (ulong)length)
            return (byte[]?)null;
        var bytes = new byte[length];
        var error = await disk.ReadAsync((long)(sector * size), bytes, cancel).ConfigureAwait(false);
        return error == Errno.None ? bytes : error;
    }
}
