using System.Buffers.Binary;
using System.Collections.Concurrent;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs;

/// <summary>
/// Which object a copy was made of, for the time of the run: programs take device and inode number for the identity of what they hold (fts(3) before it follows "..", git
/// after link(2)), and that a copy was made must not change it. A file is the same until it is modified: then <c>diff</c> must not take it for the one it was copied of,
/// which a view may show elsewhere. A directory stays the same. Written by the layer's actor, read by the tracer thread; neither waits for the other.
/// </summary>
internal sealed class InodeOrigins
{
    private readonly ConcurrentDictionary<(ulong Dev, ulong Ino), Origin> origins = new();

    private volatile bool any;

    public bool Any => any;

    /// <summary><paramref name="copy"/> is about to appear in the place of <paramref name="original"/>.</summary>
    public void Add(in KernelStat copy, in KernelStat original)
    {
        origins[(copy.Dev, copy.Ino)] = new Origin(original.Dev, original.Ino, original.IsDirectory, original.Size, original.Mtime, original.MtimeNsec);
        any = true;
    }

    /// <summary>The copy is gone; its inode number may be given to something new.</summary>
    public void Remove(in KernelStat copy) => origins.TryRemove((copy.Dev, copy.Ino), out _);

    public bool Knows(ulong dev, ulong ino) => origins.ContainsKey((dev, ino));

    /// <summary>Shows the original's device and inode number. False: not a copy, or no longer the same.</summary>
    public bool Apply(ref KernelStat stat)
    {
        if (!any || !origins.TryGetValue((stat.Dev, stat.Ino), out var origin) || !origin.IsSame(stat.IsDirectory, stat.Size, stat.Mtime, stat.MtimeNsec))
            return false;
        (stat.Dev, stat.Ino) = (origin.Dev, origin.Ino);
        return true;
    }

    /// <summary>As <see cref="Apply"/>, on a <c>struct statx</c> of 256 bytes.</summary>
    public bool ApplyStatx(Span<byte> statx)
    {
        if (!any)
            return false;
        var dev = DeviceNumber.Make(
            BinaryPrimitives.ReadUInt32LittleEndian(statx[StatxLayout.DevMajor..]), BinaryPrimitives.ReadUInt32LittleEndian(statx[StatxLayout.DevMinor..]));
        var ino = BinaryPrimitives.ReadUInt64LittleEndian(statx[StatxLayout.Ino..]);
        var isDirectory = (BinaryPrimitives.ReadUInt16LittleEndian(statx[StatxLayout.Mode..]) & FileType.Mask) == FileType.Directory;
        if (!origins.TryGetValue((dev, ino), out var origin)
            || !origin.IsSame(isDirectory, BinaryPrimitives.ReadInt64LittleEndian(statx[StatxLayout.Size..]),
                BinaryPrimitives.ReadInt64LittleEndian(statx[StatxLayout.Mtime..]), BinaryPrimitives.ReadUInt32LittleEndian(statx[StatxLayout.MtimeNsec..])))
            return false;
        BinaryPrimitives.WriteUInt64LittleEndian(statx[StatxLayout.Ino..], origin.Ino);
        BinaryPrimitives.WriteUInt32LittleEndian(statx[StatxLayout.DevMajor..], DeviceNumber.Major(origin.Dev));
        BinaryPrimitives.WriteUInt32LittleEndian(statx[StatxLayout.DevMinor..], DeviceNumber.Minor(origin.Dev));
        return true;
    }

    private readonly record struct Origin(ulong Dev, ulong Ino, bool IsDirectory, long Size, long Mtime, long MtimeNsec)
    {
        public bool IsSame(bool isDirectory, long size, long mtime, long mtimeNsec) =>
            isDirectory == IsDirectory && (isDirectory || (size == Size && mtime == Mtime && mtimeNsec == MtimeNsec));
    }
}
