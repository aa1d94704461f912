using System.Buffers.Binary;
using Vuos.FileSystems;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual;

/// <summary>Attributes in the forms in which the kernel gives them to programs: <c>struct stat</c>, <c>struct statx</c>, <c>struct statfs</c>.</summary>
internal static class Shown
{
    /// <summary>FUSE_SUPER_MAGIC (include/uapi/linux/magic.h).</summary>
    private const uint FuseMagic = 0x65735546;

    /// <summary>STATX_BASIC_STATS.</summary>
    private const uint BasicStats = 0x7FF;

    /// <summary>What stat shows of a node now: the file system's attributes, and of content that guests write the size it has.</summary>
    public static NodeAttributes Of(VirtualNode node)
    {
        var shown = node.Attributes?.Value ?? default;
        if (node.Open is { } open && open.TryGetCurrent(out var size, out var modified))
        {
            shown.Size = size;
            shown.Blocks = Math.Max(shown.Blocks, (size + 511) / 512);
            shown.ModifyTime = shown.ChangeTime = modified ?? shown.ModifyTime;
        }

        return shown;
    }

    public static KernelStat Stat(VirtualLayer layer, in NodeAttributes from) => new()
    {
        Dev = layer.Device,
        Ino = from.Inode,
        Nlink = from.Links,
        Mode = from.Mode,
        Uid = from.Uid,
        Gid = from.Gid,
        Rdev = from.Device,
        Size = from.Size,
        BlkSize = from.BlockSize == 0 ? 4096 : from.BlockSize,
        Blocks = from.Blocks,
        Atime = from.AccessTime.Seconds,
        AtimeNsec = from.AccessTime.Nanoseconds,
        Mtime = from.ModifyTime.Seconds,
        MtimeNsec = from.ModifyTime.Nanoseconds,
        Ctime = from.ChangeTime.Seconds,
        CtimeNsec = from.ChangeTime.Nanoseconds,
    };

    /// <summary>A <c>struct statx</c> of 256 bytes (include/uapi/linux/stat.h).</summary>
    public static void Statx(VirtualLayer layer, in NodeAttributes from, Span<byte> into)
    {
        into.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(into, BasicStats);
        BinaryPrimitives.WriteUInt32LittleEndian(into[4..], from.BlockSize == 0 ? 4096 : from.BlockSize);
        BinaryPrimitives.WriteUInt32LittleEndian(into[16..], from.Links);
        BinaryPrimitives.WriteUInt32LittleEndian(into[StatxLayout.Uid..], from.Uid);
        BinaryPrimitives.WriteUInt32LittleEndian(into[StatxLayout.Gid..], from.Gid);
        BinaryPrimitives.WriteUInt16LittleEndian(into[StatxLayout.Mode..], (ushort)from.Mode);
        BinaryPrimitives.WriteUInt64LittleEndian(into[StatxLayout.Ino..], from.Inode);
        BinaryPrimitives.WriteInt64LittleEndian(into[StatxLayout.Size..], from.Size);
        BinaryPrimitives.WriteInt64LittleEndian(into[StatxLayout.Blocks..], from.Blocks);
        Time(from.AccessTime, into[64..]);
        Time(from.ChangeTime, into[StatxLayout.Ctime..]);
        Time(from.ModifyTime, into[StatxLayout.Mtime..]);
        BinaryPrimitives.WriteUInt32LittleEndian(into[StatxLayout.RdevMajor..], (uint)DeviceNumber.Major(from.Device));
        BinaryPrimitives.WriteUInt32LittleEndian(into[StatxLayout.RdevMinor..], (uint)DeviceNumber.Minor(from.Device));
        BinaryPrimitives.WriteUInt32LittleEndian(into[StatxLayout.DevMajor..], (uint)DeviceNumber.Major(layer.Device));
        BinaryPrimitives.WriteUInt32LittleEndian(into[StatxLayout.DevMinor..], (uint)DeviceNumber.Minor(layer.Device));
    }

    /// <summary>A <c>struct statfs</c> of 120 bytes (include/uapi/asm-generic/statfs.h).</summary>
    public static byte[] StatFs(VirtualLayer layer, in FileSystemStatus from, bool readOnly)
    {
        var into = new byte[120];
        var fields = new long[]
        {
            from.Type == 0 ? FuseMagic : from.Type, from.BlockSize == 0 ? 4096 : from.BlockSize, from.Blocks, from.FreeBlocks, from.AvailableBlocks, from.Files, from.FreeFiles,
            (long)layer.Device, from.NameLength == 0 ? 255 : from.NameLength, from.FragmentSize == 0 ? Math.Max(from.BlockSize, 512) : from.FragmentSize, (readOnly ? 1 : 0) | 0x20,
        };
        Buffer.BlockCopy(fields, 0, into, 0, fields.Length * 8);
        return into;
    }

    private static void Time(TimeSpec time, Span<byte> into)
    {
        BinaryPrimitives.WriteInt64LittleEndian(into, time.Seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(into[8..], time.Nanoseconds);
    }
}
