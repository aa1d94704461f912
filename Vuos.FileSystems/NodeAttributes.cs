using Vuos.Native.Kernel;

namespace Vuos.FileSystems;

/// <summary>A point in time as the kernel keeps it.</summary>
/// <param name="Seconds">Since 1970-01-01 UTC; may be negative.</param>
/// <param name="Nanoseconds">0…999,999,999.</param>
public readonly record struct TimeSpec(long Seconds, uint Nanoseconds)
{
    /// <summary>The present (clock_gettime(2), CLOCK_REALTIME).</summary>
    public static TimeSpec Now
    {
        get
        {
            var ticks = DateTime.UtcNow.Ticks - DateTime.UnixEpoch.Ticks;
            return new TimeSpec(ticks / TimeSpan.TicksPerSecond, (uint)(ticks % TimeSpan.TicksPerSecond) * 100);
        }
    }
}

/// <summary>What stat(2) shows of a node (<c>struct fuse_attr</c>, include/uapi/linux/fuse.h).</summary>
public record struct NodeAttributes
{
    /// <summary>Inode number shown to guests; not necessarily the node's id.</summary>
    public ulong Inode { get; set; }

    /// <summary>Bytes.</summary>
    public long Size { get; set; }

    /// <summary>Units of 512 bytes.</summary>
    public long Blocks { get; set; }

    public TimeSpec AccessTime { get; set; }

    public TimeSpec ModifyTime { get; set; }

    public TimeSpec ChangeTime { get; set; }

    /// <summary>File type and permissions, as st_mode.</summary>
    public uint Mode { get; set; }

    public uint Links { get; set; }

    public uint Uid { get; set; }

    public uint Gid { get; set; }

    /// <summary>Device number of a device node, in the kernel's 32-bit encoding (include/linux/kdev_t.h, new_encode_dev).</summary>
    public uint Device { get; set; }

    /// <summary>Preferred size of reads and writes, bytes; 0: 4096.</summary>
    public uint BlockSize { get; set; }

    /// <summary>Of a directory.</summary>
    /// <param name="permissions">rwx of owner, group and others, e.g. <c>0b111_101_101</c>.</param>
    public static NodeAttributes Directory(uint permissions = 0b111_101_101) => new() { Mode = FileType.Directory | permissions, Links = 2, Size = 4096 };

    /// <summary>Of a regular file of <paramref name="size"/> bytes.</summary>
    public static NodeAttributes File(long size, uint permissions = 0b110_100_100) =>
        new() { Mode = FileType.Regular | permissions, Links = 1, Size = size, Blocks = (size + 511) / 512 };

    /// <summary>Of a symbolic link whose target has <paramref name="length"/> bytes.</summary>
    public static NodeAttributes Link(long length) => new() { Mode = FileType.Link | 0b111_111_111, Links = 1, Size = length };
}

/// <summary>Attributes with the time they may be remembered.</summary>
public readonly record struct TimedAttributes(NodeAttributes Attributes, TimeSpan Valid);

/// <summary>What a name stands for.</summary>
/// <param name="Node">Id of the node, chosen by the file system, not 0; 0: the name does not exist, and that may be remembered for <paramref name="EntryValid"/>.</param>
/// <param name="Generation">Tells nodes apart that had the same id one after the other.</param>
/// <param name="Attributes">Its attributes.</param>
/// <param name="EntryValid">How long the name may be remembered.</param>
/// <param name="AttributesValid">How long the attributes may be remembered.</param>
/// <remarks>Each entry given out counts as one look-up of the node, until <see cref="IFileSystem.Forget"/>.</remarks>
public readonly record struct NodeEntry(ulong Node, ulong Generation, NodeAttributes Attributes, TimeSpan EntryValid, TimeSpan AttributesValid);

/// <summary>Which attributes a call changes; null: not changed.</summary>
public sealed record AttributeChange
{
    /// <summary>Permission bits only; the type does not change.</summary>
    public uint? Mode { get; init; }

    public uint? Uid { get; init; }

    public uint? Gid { get; init; }

    /// <summary>truncate(2): bytes.</summary>
    public long? Size { get; init; }

    public TimeSpec? AccessTime { get; init; }

    public TimeSpec? ModifyTime { get; init; }

    public TimeSpec? ChangeTime { get; init; }

    /// <summary>The times are the present (UTIME_NOW): any writer may set them, not only the owner.</summary>
    public bool AccessNow { get; init; }

    public bool ModifyNow { get; init; }
}
