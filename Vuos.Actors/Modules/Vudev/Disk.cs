using System.Collections.Frozen;
using Vuos.Actors.Modules.Vudev.Blocks;
using Vuos.Actors.Modules.Vudev.Partitions;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev;

/// <summary>
/// A block device, its partitions, and who uses them: what the kernel's <c>gendisk</c> is (block/partitions/core.c, block/bdev.c). The set of partitions is a value that is
/// replaced, so it is read without a lock. A part that is open is never taken out of the set.
/// </summary>
internal sealed class Disk(BlockDevice device) : IAsyncDisposable
{
    private static long s_sequence;

    private readonly Lock _lock = new();
    private volatile FrozenDictionary<int, DiskPart> _partitions = FrozenDictionary<int, DiskPart>.Empty;

    public DiskPart Whole { get; } = new(0, device);

    /// <summary>By number.</summary>
    public IReadOnlyDictionary<int, DiskPart> Partitions => _partitions;

    /// <summary>Never the same for two disks of this process (BLKGETDISKSEQ).</summary>
    public long Sequence { get; } = Interlocked.Increment(ref s_sequence);

    /// <summary>Sectors of 512 bytes (BLKRAGET); told and kept, nothing else.</summary>
    public long ReadAhead { get; set; } = 256;

    /// <summary>Called after the set of partitions changed, from any thread.</summary>
    public Action? Changed { get; set; }

    /// <summary>Null: there is no such partition.</summary>
    public DiskPart? Find(int number) => number == 0 ? Whole : _partitions.GetValueOrDefault(number);

    public bool IsReadOnly(DiskPart part) => part.Device.ReadOnly || part.LockedByRequest || Whole.LockedByRequest;

    /// <summary>ENXIO: there is no such part. EROFS: to be written, and the medium cannot. EBUSY: it, its disk or a partition of it is in use exclusively.</summary>
    public Answer<DiskPart> Open(int number, ulong handle, bool write, bool exclusive)
    {
        lock (_lock)
        {
            if (Find(number) is not { } part)
                return Errno.ENXIO;
            if (write && part.Device.ReadOnly)
                return Errno.EROFS;
            if (exclusive && !Claimable(part, handle))
                return Errno.EBUSY;
            if (exclusive)
                part.Holder = handle;
            part.Opens++;
            return part;
        }
    }

    public void Close(DiskPart part, ulong handle)
    {
        lock (_lock)
        {
            part.Opens--;
            if (part.Holder == handle)
                part.Holder = 0;
        }
    }

    /// <summary>
    /// BLKRRPART. EBUSY: a partition is open, or somebody else than <paramref name="handle"/> has the disk for himself; EIO: it cannot be read. The old partitions stay then.
    /// </summary>
    public async ValueTask<Errno> ReadTableAsync(ulong handle, CancellationToken cancel)
    {
        if (Busy(handle))
            return Errno.EBUSY;
        var table = await PartitionTable.ReadAsync(Whole.Device, cancel).ConfigureAwait(false);
        if (table.Failed)
            return table.Error;
        lock (_lock)
        {
            if (Busy(handle))
                return Errno.EBUSY;
            _partitions = table.Value.ToFrozenDictionary(static p => p.Number, p => Part(p.Number, p.Start, p.Length, p.ReadOnly));
        }

        Changed?.Invoke();
        return Errno.None;
    }

    /// <summary>BLKPG_ADD_PARTITION; bytes. EBUSY: the number is taken, or the range overlaps another partition.</summary>
    public Errno Add(int number, long start, long length)
    {
        lock (_lock)
        {
            if (number > Partition.MaxNumber)
                return Errno.EINVAL;
            if (_partitions.ContainsKey(number) || Overlaps(number, start, length))
                return Errno.EBUSY;
            _partitions = _partitions.Append(new(number, Part(number, start, length, readOnly: false))).ToFrozenDictionary();
        }

        Changed?.Invoke();
        return Errno.None;
    }

    /// <summary>BLKPG_DEL_PARTITION. ENXIO: there is none; EBUSY: it is open.</summary>
    public Errno Delete(int number)
    {
        lock (_lock)
        {
            if (!_partitions.TryGetValue(number, out var part))
                return Errno.ENXIO;
            if (part.Opens > 0)
                return Errno.EBUSY;
            _partitions = _partitions.Where(p => p.Key != number).ToFrozenDictionary();
        }

        Changed?.Invoke();
        return Errno.None;
    }

    /// <summary>BLKPG_RESIZE_PARTITION; bytes. ENXIO: there is none; EINVAL: it begins elsewhere; EBUSY: the range overlaps another.</summary>
    public Errno Resize(int number, long start, long length)
    {
        lock (_lock)
        {
            if (!_partitions.TryGetValue(number, out var part))
                return Errno.ENXIO;
            if (part.Start != start)
                return Errno.EINVAL;
            if (Overlaps(number, start, length))
                return Errno.EBUSY;
            ((WindowDevice)part.Device).Resize(length);
        }

        Changed?.Invoke();
        return Errno.None;
    }

    /// <summary>May this open file change what only the disk's exclusive user may? It is that user, or could become it.</summary>
    public bool MayClaim(DiskPart part, ulong handle)
    {
        lock (_lock)
            return Claimable(part, handle);
    }

    public ValueTask DisposeAsync() => Whole.Device.DisposeAsync();

    private DiskPart Part(int number, long start, long length, bool readOnly) => new(number, new WindowDevice(Whole.Device, start, length, readOnly));

    private bool Claimable(DiskPart part, ulong handle)
    {
        if (!Free(part) || !Free(Whole))
            return false;
        return part != Whole || _partitions.Values.All(Free);

        bool Free(DiskPart p) => p.Holder == 0 || p.Holder == handle;
    }

    private bool Busy(ulong handle)
    {
        lock (_lock)
            return _partitions.Values.Any(static p => p.Opens > 0) || !Claimable(Whole, handle);
    }

    /// <summary>The container of logical partitions is in the set as its first sectors only, so those in it do not overlap it.</summary>
    private bool Overlaps(int number, long start, long length) =>
        _partitions.Values.Any(p => p.Number != number && p.Start < start + length && start < p.End);
}
