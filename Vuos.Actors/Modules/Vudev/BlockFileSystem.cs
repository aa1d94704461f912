using System.Collections.Concurrent;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vudev;

/// <summary>A disk and its partitions: number 0 is the disk, N its partition N. Reads and writes go to the disk at once; errors are those of the kernel's block/fops.c.</summary>
internal sealed class BlockFileSystem : DeviceFileSystem
{
    private const int DSync = 0x1000; // O_DSYNC
    private const uint KeepSize = 1, PunchHole = 2, CollapseRange = 8, ZeroRange = 0x10, InsertRange = 0x20, UnshareRange = 0x40, WriteZeroes = 0x80; // FALLOC_FL_*

    private readonly Disk _disk;
    private readonly ConcurrentDictionary<ulong, OpenFile> _open = new();
    private ulong _lastHandle;

    public BlockFileSystem(DeviceOptions options, Disk disk)
        : base(options)
    {
        _disk = disk;
        disk.Changed = () => SubDevicesChanged?.Invoke();
    }

    public override IReadOnlyList<SubDevice> SubDevices =>
        [new SubDevice(0, Root), .. _disk.Partitions.Keys.Order().Select(static n => new SubDevice(n, Root + (ulong)n))];

    public override long? LengthOf(ulong node) => _disk.Find(NumberOf(node))?.Device.Length;

    /// <summary>O_EXCL without O_CREAT is exclusive use (open(2)): EBUSY. EROFS: for writing, and the medium cannot. ENXIO: the partition is gone.</summary>
    public override ValueTask<Answer<OpenResult>> OpenAsync(ulong node, int flags, Caller caller, CancellationToken cancel)
    {
        var access = flags & OpenFlag.AccessMode;
        var handle = Interlocked.Increment(ref _lastHandle);
        var part = _disk.Open(NumberOf(node), handle, access != 0, (flags & OpenFlag.Excl) != 0);
        if (part.Failed)
            return (Answer<OpenResult>)part.Error;
        _open[handle] = new OpenFile(part.Value, access != OpenFlag.WrOnly, access != 0, (flags & DSync) != 0);
        return (Answer<OpenResult>)new OpenResult(handle, OpenTraits.Direct | OpenTraits.NoFlush);
    }

    public override ValueTask<Errno> ReleaseAsync(ulong node, ulong handle, int flags)
    {
        if (_open.TryRemove(handle, out var file))
            _disk.Close(file.Part, handle);
        return ValueTask.FromResult(Errno.None);
    }

    public override async ValueTask<Answer<int>> ReadAsync(ulong node, ulong handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel)
    {
        if (!_open.TryGetValue(handle, out var file) || !file.Readable)
            return Errno.EBADF;
        var device = file.Part.Device;
        if (offset < 0)
            return Errno.EINVAL;
        var length = (int)Math.Clamp(device.Length - offset, 0, buffer.Length);
        var error = length == 0 ? Errno.None : await device.ReadAsync(offset, buffer[..length], cancel).ConfigureAwait(false);
        return error == Errno.None ? length : error;
    }

    public override async ValueTask<Answer<int>> WriteAsync(ulong node, ulong handle, long offset, ReadOnlyMemory<byte> data, Caller caller, CancellationToken cancel)
    {
        if (!_open.TryGetValue(handle, out var file) || !file.Writable)
            return Errno.EBADF;
        var device = file.Part.Device;
        if (_disk.IsReadOnly(file.Part))
            return Errno.EPERM;
        if (offset < 0)
            return Errno.EINVAL;
        if (data.Length == 0)
            return 0;
        if (offset >= device.Length)
            return Errno.ENOSPC;
        var length = (int)Math.Min(device.Length - offset, data.Length);
        var error = await device.WriteAsync(offset, data[..length], cancel).ConfigureAwait(false);
        if (error == Errno.None && file.Synchronous)
            error = await device.FlushAsync(cancel).ConfigureAwait(false);
        return error == Errno.None ? length : error;
    }

    public override ValueTask<Errno> SyncAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel) => SyncAllAsync(cancel);

    public override ValueTask<Errno> SyncAllAsync(CancellationToken cancel) =>
        _disk.Whole.Device.ReadOnly ? ValueTask.FromResult(Errno.None) : _disk.Whole.Device.FlushAsync(cancel);

    /// <summary>
    /// The new position for SEEK_SET (0) and SEEK_END (2); SEEK_CUR is the layer's. EINVAL: before the begin or beyond the end, or SEEK_DATA and SEEK_HOLE, which block devices
    /// do not know (block/fops.c, blkdev_llseek).
    /// </summary>
    public override ValueTask<Answer<long>> SeekAsync(ulong node, ulong handle, long offset, int whence, Caller caller, CancellationToken cancel)
    {
        if (_disk.Find(NumberOf(node)) is not { } part)
            return (Answer<long>)Errno.ENXIO;
        var length = part.Device.Length;
        if (whence is not (0 or 2))
            return (Answer<long>)Errno.EINVAL;
        var least = whence == 0 ? 0 : -length;
        return offset < least || offset > least + length ? (Answer<long>)Errno.EINVAL : (Answer<long>)(offset - least);
    }

    public override ValueTask<Answer<int>> ControlAsync(ulong node, ulong handle, uint request, long argument, ReadOnlyMemory<byte> input, Memory<byte> output, Caller caller, CancellationToken cancel) =>
        _open.TryGetValue(handle, out var file)
            ? BlockControl.HandleAsync(new BlockControl.Target(_disk, file.Part, handle, file.Writable), request, argument, input, output, cancel)
            : (Answer<int>)Errno.EBADF;

    public override (int Input, int Output)? IoctlShape(uint request) => BlockIoctl.Shape(request);

    public override (int Offset, int Length)? IoctlPointer(uint request) =>
        request == BlockIoctl.BLKPG ? (BlockIoctl.PgPointer, BlockIoctl.PgPartition) : null;

    /// <summary>
    /// fallocate(2): zeros a range (FALLOC_FL_ZERO_RANGE, or FALLOC_FL_PUNCH_HOLE with FALLOC_FL_KEEP_SIZE). EOPNOTSUPP: any other mode; EINVAL: not whole sectors, or beyond
    /// the end; EFBIG: beyond what an offset can tell. Which error is told first is as in fs/open.c, vfs_fallocate, and block/fops.c, blkdev_fallocate.
    /// </summary>
    public override ValueTask<Errno> AllocateAsync(ulong node, ulong handle, long offset, long length, uint mode, Caller caller, CancellationToken cancel)
    {
        if (offset < 0 || length <= 0)
            return ValueTask.FromResult(Errno.EINVAL);
        if (!IsMode(mode))
            return ValueTask.FromResult(Errno.EOPNOTSUPP);
        if (!_open.TryGetValue(handle, out var file) || !file.Writable)
            return ValueTask.FromResult(Errno.EBADF);
        if (offset > long.MaxValue - length)
            return ValueTask.FromResult(Errno.EFBIG);
        if ((mode & ~(KeepSize | PunchHole | ZeroRange)) != 0)
            return ValueTask.FromResult(Errno.EOPNOTSUPP);
        var device = file.Part.Device;
        if (offset >= device.Length)
            return ValueTask.FromResult(Errno.EINVAL);
        if (length > device.Length - offset && (mode & KeepSize) != 0)
            length = device.Length - offset;
        if (length > device.Length - offset || ((offset | length) & (device.SectorSize - 1L)) != 0)
            return ValueTask.FromResult(Errno.EINVAL);
        if ((mode & (PunchHole | ZeroRange)) == 0)
            return ValueTask.FromResult(Errno.EOPNOTSUPP);
        return _disk.IsReadOnly(file.Part) ? ValueTask.FromResult(Errno.EPERM) : device.ZeroAsync(offset, length, cancel);
    }

    /// <summary>A device that was made read only by BLKROSET is served here, so that writes of descriptors open for writing get EPERM.</summary>
    public override ValueTask<Answer<int>> DescriptorAsync(ulong node, ulong handle, int flags, Caller caller, CancellationToken cancel)
    {
        if (!_open.TryGetValue(handle, out var file))
            return (Answer<int>)Errno.EBADF;
        return file.Writable && _disk.IsReadOnly(file.Part) ? (Answer<int>)Errno.ENOSYS : file.Part.Device.Descriptor(flags);
    }

    /// <summary>What was written reaches stable storage first, unless the device hangs; <see cref="SyncAllAsync"/> before tells its errors.</summary>
    public override async ValueTask DisposeAsync()
    {
        using (var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20)))
            await SyncAllAsync(limit.Token).ConfigureAwait(false);
        await _disk.DisposeAsync().ConfigureAwait(false);
    }

    protected override bool Exists(int number) => _disk.Find(number) is not null;

    /// <summary>A mode that the kernel's VFS passes on to a file, whatever that says.</summary>
    private static bool IsMode(uint mode) => mode is CollapseRange or InsertRange or WriteZeroes or (PunchHole | KeepSize) || (mode & ~KeepSize) is 0 or ZeroRange or UnshareRange;

    /// <param name="Synchronous">O_DSYNC: each write is on stable storage when it answers.</param>
    private sealed record OpenFile(DiskPart Part, bool Readable, bool Writable, bool Synchronous);
}
