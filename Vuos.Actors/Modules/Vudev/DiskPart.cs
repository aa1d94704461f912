using Vuos.Actors.Modules.Vudev.Blocks;

namespace Vuos.Actors.Modules.Vudev;

/// <summary>A disk (number 0) or one of its partitions, and who uses it. The counts are guarded by the lock of the <see cref="Disk"/>.</summary>
internal sealed class DiskPart(int number, BlockDevice device)
{
    private volatile bool _lockedByRequest;
    private volatile int _blockSize;

    public int Number { get; } = number;

    public BlockDevice Device { get; } = device;

    /// <summary>BLKROSET.</summary>
    public bool LockedByRequest { get => _lockedByRequest; set => _lockedByRequest = value; }

    public int Opens { get; set; }

    /// <summary>Handle of the open file that has it for itself (O_EXCL); 0: none.</summary>
    public ulong Holder { get; set; }

    /// <summary>Bytes before it on the disk.</summary>
    public long Start => Device is WindowDevice window ? window.Start : 0;

    public long End => Start + Device.Length;

    /// <summary>
    /// Bytes of the blocks in which the kernel would cache it (BLKBSZGET): as set, or the greatest power of 2 up to a page of which its length is a multiple
    /// (block/bdev.c, set_init_blocksize).
    /// </summary>
    public int BlockSize
    {
        get
        {
            if (_blockSize != 0)
                return _blockSize;
            var size = Device.SectorSize;
            while (size < Environment.SystemPageSize && (Device.Length & size) == 0)
                size <<= 1;
            return size;
        }
        set => _blockSize = value;
    }
}
