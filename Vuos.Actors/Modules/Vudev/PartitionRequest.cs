using System.Buffers.Binary;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev;

/// <summary>
/// BLKPG: tells partitions without a table on the disk (block/ioctl.c, blkpg_do_ioctl). partx(8), addpart(8), and fdisk for the partitions that it changed.
/// </summary>
internal static class PartitionRequest
{
    private const int Add = 1, Delete = 2, Resize = 3;

    /// <summary><paramref name="input"/>: <c>struct blkpg_ioctl_arg</c>, and behind it the <c>struct blkpg_partition</c> it points to.</summary>
    public static Errno Handle(BlockControl.Target target, ReadOnlySpan<byte> input)
    {
        if (input.Length < BlockIoctl.PgArgument + BlockIoctl.PgPartition)
            return Errno.EFAULT;
        var partition = input[BlockIoctl.PgArgument..];
        var start = BinaryPrimitives.ReadInt64LittleEndian(partition);
        var length = BinaryPrimitives.ReadInt64LittleEndian(partition[8..]);
        var number = BinaryPrimitives.ReadInt32LittleEndian(partition[16..]);
        var operation = BinaryPrimitives.ReadInt32LittleEndian(input);
        if (target.IsPartition || number <= 0)
            return Errno.EINVAL;
        if (operation == Delete)
            return target.Disk.Delete(number);
        var unit = target.Device.SectorSize - 1;
        if (start < 0 || length <= 0 || ((start | length) & unit) != 0 || start >= target.Device.Length || length > target.Device.Length - start)
            return Errno.EINVAL;
        return operation switch
        {
            Add => target.Disk.Add(number, start, length),
            Resize => target.Disk.Resize(number, start, length),
            _ => Errno.EINVAL,
        };
    }
}
