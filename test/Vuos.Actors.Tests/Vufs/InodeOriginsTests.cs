using System.Buffers.Binary;
using Vuos.Actors.Modules.Vufs;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Vufs;

public class InodeOriginsTests
{
    private readonly InodeOrigins origins = new();

    [Fact]
    public void A_copy_shows_as_its_original_until_it_is_modified()
    {
        origins.Add(File(20, size: 5, mtime: 9), File(10, size: 5, mtime: 9));
        Assert.Equal(10UL, Shown(File(20, size: 5, mtime: 9)));
        Assert.Equal(20UL, Shown(File(20, size: 6, mtime: 9)));
        Assert.Equal(20UL, Shown(File(20, size: 5, mtime: 10)));
        Assert.Equal(21UL, Shown(File(21, size: 5, mtime: 9)));
    }

    [Fact]
    public void The_device_shows_too()
    {
        origins.Add(File(20, 5, 9) with { Dev = 2 }, File(10, 5, 9) with { Dev = 0x12345 });
        var stat = File(20, 5, 9) with { Dev = 2 };
        Assert.True(origins.Apply(ref stat));
        Assert.Equal((0x12345UL, 10UL), (stat.Dev, stat.Ino));
    }

    [Fact]
    public void A_directory_stays_the_same_and_a_file_with_its_number_is_not_it()
    {
        origins.Add(Folder(20, mtime: 1), Folder(10, mtime: 1));
        Assert.Equal(10UL, Shown(Folder(20, mtime: 7)));
        Assert.Equal(20UL, Shown(File(20, size: 0, mtime: 1)));
    }

    [Fact]
    public void A_removed_copy_is_forgotten()
    {
        Assert.False(origins.Any);
        origins.Add(Folder(20, 1), Folder(10, 1));
        Assert.True(origins.Any);
        origins.Remove(Folder(20, 3));
        Assert.Equal(20UL, Shown(Folder(20, 1)));
    }

    private ulong Shown(KernelStat stat)
    {
        var statx = new byte[StatxLayout.SizeOf];
        BinaryPrimitives.WriteUInt16LittleEndian(statx.AsSpan(StatxLayout.Mode), (ushort)stat.Mode);
        BinaryPrimitives.WriteUInt64LittleEndian(statx.AsSpan(StatxLayout.Ino), stat.Ino);
        BinaryPrimitives.WriteInt64LittleEndian(statx.AsSpan(StatxLayout.Size), stat.Size);
        BinaryPrimitives.WriteInt64LittleEndian(statx.AsSpan(StatxLayout.Mtime), stat.Mtime);
        BinaryPrimitives.WriteUInt32LittleEndian(statx.AsSpan(StatxLayout.MtimeNsec), (uint)stat.MtimeNsec);
        BinaryPrimitives.WriteUInt32LittleEndian(statx.AsSpan(StatxLayout.DevMajor), DeviceNumber.Major(stat.Dev));
        BinaryPrimitives.WriteUInt32LittleEndian(statx.AsSpan(StatxLayout.DevMinor), DeviceNumber.Minor(stat.Dev));
        var applied = origins.ApplyStatx(statx);
        Assert.Equal(applied, origins.Apply(ref stat));
        Assert.Equal(stat.Ino, BinaryPrimitives.ReadUInt64LittleEndian(statx.AsSpan(StatxLayout.Ino)));
        return stat.Ino;
    }

    private static KernelStat File(ulong ino, long size, long mtime) =>
        new() { Dev = 2, Ino = ino, Mode = FileType.Regular | 0x1A4, Size = size, Mtime = mtime, MtimeNsec = 3 };

    private static KernelStat Folder(ulong ino, long mtime) => new() { Dev = 2, Ino = ino, Mode = FileType.Directory | 0x1ED, Mtime = mtime };
}
