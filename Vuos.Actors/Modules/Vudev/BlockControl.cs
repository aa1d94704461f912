using System.Buffers.Binary;
using Vuos.Actors.Modules.Vudev.Blocks;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev;

/// <summary>
/// ioctl(2) of block devices with the values, sizes and errors of the kernel's block/ioctl.c. What asks there for CAP_SYS_ADMIN is free here: whoever may open the node of a
/// virtual device administers it.
/// </summary>
internal static class BlockControl
{
    /// <summary>What a request is for.</summary>
    /// <param name="Writable">The descriptor is open for writing.</param>
    public readonly record struct Target(Disk Disk, DiskPart Part, ulong Handle, bool Writable)
    {
        public BlockDevice Device => Part.Device;

        public bool IsPartition => Part.Number != 0;
    }

    /// <summary>ENOTTY: not a request of block devices (those of SCSI, CD-ROMs, zones, tracing).</summary>
    public static async ValueTask<Answer<int>> HandleAsync(Target target, uint request, long argument, ReadOnlyMemory<byte> input, Memory<byte> output, CancellationToken cancel)
    {
        if (BlockIoctl.Shape(request) is { } shape && (input.Length < shape.Input || output.Length < shape.Output))
            return Errno.EFAULT;
        if (Value(target, request) is { } value)
            return Put(output.Span, value.Value, value.Bytes);
        switch (request)
        {
            case BlockIoctl.HDIO_GETGEO:
                return Geometry(target, output.Span);
            case BlockIoctl.BLKROSET:
                target.Part.LockedByRequest = BinaryPrimitives.ReadInt32LittleEndian(input.Span) != 0;
                return 0;
            case BlockIoctl.BLKBSZSET:
                return SetBlockSize(target, BinaryPrimitives.ReadInt32LittleEndian(input.Span));
            case BlockIoctl.BLKRASET or BlockIoctl.BLKFRASET:
                target.Disk.ReadAhead = argument * 512 / Environment.SystemPageSize * Environment.SystemPageSize / 512;
                return 0;
            case BlockIoctl.BLKFLSBUF:
                return Done(await target.Device.FlushAsync(cancel).ConfigureAwait(false));
            case BlockIoctl.BLKRRPART:
                return target.IsPartition ? Errno.EINVAL : Done(await target.Disk.ReadTableAsync(target.Handle, cancel).ConfigureAwait(false));
            case BlockIoctl.BLKPG:
                return Done(PartitionRequest.Handle(target, input.Span));
            case BlockIoctl.BLKDISCARD:
                return Done(await DiscardAsync(target, input, cancel).ConfigureAwait(false));
            case BlockIoctl.BLKZEROOUT:
                return Done(await ZeroAsync(target, input, cancel).ConfigureAwait(false));
            case BlockIoctl.BLKSECDISCARD:
                return target.Writable ? Errno.EOPNOTSUPP : Errno.EBADF;
            default:
                return Errno.ENOTTY;
        }
    }

    /// <summary>The requests that only tell a number; null: it is none.</summary>
    private static (long Value, int Bytes)? Value(Target target, uint request)
    {
        var device = target.Device;
        return request switch
        {
            BlockIoctl.BLKGETSIZE => (device.Length / 512, 8),
            BlockIoctl.BLKGETSIZE64 => (device.Length, 8),
            BlockIoctl.BLKSSZGET => (device.SectorSize, 4),
            BlockIoctl.BLKPBSZGET or BlockIoctl.BLKIOMIN => (device.PhysicalSectorSize, 4),
            BlockIoctl.BLKBSZGET => (target.Part.BlockSize, 4),
            BlockIoctl.BLKROGET => (target.Disk.IsReadOnly(target.Part) ? 1 : 0, 4),
            BlockIoctl.BLKIOOPT or BlockIoctl.BLKALIGNOFF or BlockIoctl.BLKDISCARDZEROES => (0, 4),
            BlockIoctl.BLKGETZONESZ or BlockIoctl.BLKGETNRZONES => (0, 4),
            BlockIoctl.BLKROTATIONAL => (0, 2),
            BlockIoctl.BLKSECTGET => (2560, 2), // BLK_DEF_MAX_SECTORS
            BlockIoctl.BLKRAGET or BlockIoctl.BLKFRAGET => (target.Disk.ReadAhead, 8),
            BlockIoctl.BLKGETDISKSEQ => (target.Disk.Sequence, 8),
            _ => null,
        };
    }

    private static Answer<int> Put(Span<byte> output, long value, int bytes)
    {
        Span<byte> all = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(all, value);
        if (output.Length < bytes)
            return Errno.EFAULT;
        all[..bytes].CopyTo(output);
        return 0;
    }

    /// <summary><c>struct hd_geometry</c>: heads and sectors of a byte, cylinders of two, start of eight at offset 8, in sectors of 512 bytes.</summary>
    private static Answer<int> Geometry(Target target, Span<byte> output)
    {
        var geometry = target.Device.Geometry;
        output[..16].Clear();
        output[0] = geometry.Heads;
        output[1] = geometry.Sectors;
        BinaryPrimitives.WriteUInt16LittleEndian(output[2..], geometry.Cylinders(target.Disk.Whole.Device.Length));
        BinaryPrimitives.WriteInt64LittleEndian(output[8..], target.Part.Start / 512);
        return 0;
    }

    private static Answer<int> SetBlockSize(Target target, int size)
    {
        if (size < 512 || size > Environment.SystemPageSize || !int.IsPow2(size) || size < target.Device.SectorSize)
            return Errno.EINVAL;
        if (!target.Disk.MayClaim(target.Part, target.Handle))
            return Errno.EBUSY;
        target.Part.BlockSize = size;
        return 0;
    }

    private static ValueTask<Errno> DiscardAsync(Target target, ReadOnlyMemory<byte> input, CancellationToken cancel)
    {
        var (start, length) = Range(input.Span);
        var error = MayWrite(target);
        if (error == Errno.None && (length == 0 || !Inside(target.Device, start, length, target.Device.SectorSize)))
            error = Errno.EINVAL;
        return error == Errno.None ? target.Device.DiscardAsync((long)start, (long)length, cancel) : ValueTask.FromResult(error);
    }

    private static ValueTask<Errno> ZeroAsync(Target target, ReadOnlyMemory<byte> input, CancellationToken cancel)
    {
        var (start, length) = Range(input.Span);
        var error = MayWrite(target);
        if (error == Errno.None && (length == 0 || !Inside(target.Device, start, length, 512)))
            error = Errno.EINVAL;
        return error == Errno.None ? target.Device.ZeroAsync((long)start, (long)length, cancel) : ValueTask.FromResult(error);
    }

    private static Errno MayWrite(Target target) =>
        !target.Writable ? Errno.EBADF : target.Disk.IsReadOnly(target.Part) ? Errno.EPERM : Errno.None;

    private static (ulong Start, ulong Length) Range(ReadOnlySpan<byte> input) =>
        (BinaryPrimitives.ReadUInt64LittleEndian(input), BinaryPrimitives.ReadUInt64LittleEndian(input[8..]));

    private static bool Inside(BlockDevice device, ulong start, ulong length, int unit) =>
        ((start | length) & (ulong)(unit - 1)) == 0 && start <= (ulong)device.Length && length <= (ulong)device.Length - start;

    private static Answer<int> Done(Errno error) => error == Errno.None ? 0 : error;
}
