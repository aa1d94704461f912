using Microsoft.Win32.SafeHandles;
using Vuos.Actors.Modules.Vudev;
using Vuos.Actors.Modules.Vudev.Types;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vudev;

public sealed class DeviceTests
{
    private const ulong Root = DeviceFileSystem.Root;

    [Fact]
    public async Task The_root_of_a_device_is_its_node()
    {
        await using var device = await Devices.Made("vudevramdisk", options: "major=8,minor=16,mode=640,gid=6");
        var attributes = (await device.GetAttributesAsync(Root, null, Caller.Nobody, default)).Value.Attributes;
        Assert.Equal((0x61A0u, 1000u, 6u, 0x810u, 0L, 1u), (attributes.Mode, attributes.Uid, attributes.Gid, attributes.Device, attributes.Size, attributes.Links));
        Assert.Equal(Errno.ENOTDIR, (await device.LookupAsync(Root, Make.Bytes("x"), Caller.Nobody, default)).Error);
        Assert.Equal(Errno.ENOENT, (await device.GetAttributesAsync(Root + 1, null, Caller.Nobody, default)).Error);
    }

    [Fact]
    public async Task Changing_a_node_changes_nothing_else()
    {
        await using var device = await Devices.Made("vudevramdisk");
        var change = new AttributeChange { Mode = 0xFFFF, Uid = 5, ModifyTime = new TimeSpec(7, 8) };
        var changed = (await device.SetAttributesAsync(Root, null, change, Caller.Nobody, default)).Value.Attributes;
        Assert.Equal((0x6FFFu, 5u, 100u, new TimeSpec(7, 8)), (changed.Mode, changed.Uid, changed.Gid, changed.ModifyTime));
        Assert.Equal(changed, (await device.GetAttributesAsync(Root, null, Caller.Nobody, default)).Value.Attributes);
        Assert.Equal(Errno.EINVAL, (await device.SetAttributesAsync(Root, null, new AttributeChange { Size = 0 }, Caller.Nobody, default)).Error);
    }

    [Fact]
    public async Task Null_swallows_and_gives_nothing()
    {
        await using var device = await Devices.Made("vudevnull");
        Assert.Equal(0x2180u, (await device.GetAttributesAsync(Root, null, Caller.Nobody, default)).Value.Attributes.Mode);
        var handle = await device.Open();
        Assert.Equal(3, (await device.Write(handle, 9, [1, 2, 3])).Value);
        Assert.Empty(await device.Read(handle, 0, 10));
        Assert.Equal(Errno.ENOTTY, (await device.Control(handle, BlockIoctl.BLKGETSIZE64)).Error);
        Assert.Null(device.LengthOf(Root));
    }

    [Fact]
    public async Task Reads_and_writes_end_where_the_device_ends()
    {
        await using var device = await Devices.Made("vudevramdisk", options: "size=4");
        var handle = await device.Open();
        Assert.Equal(2, (await device.Write(handle, 2046, [1, 2, 3])).Value);
        Assert.Equal(Errno.ENOSPC, (await device.Write(handle, 2048, [1])).Error);
        Assert.Equal(Errno.ENOSPC, (await device.Write(handle, long.MaxValue, [1])).Error);
        Assert.Equal(0, (await device.Write(handle, 2048, [])).Value);
        Assert.Equal([0, 1, 2], await device.Read(handle, 2045, 10));
        Assert.Empty(await device.Read(handle, 2048, 10));
        Assert.Empty(await device.Read(handle, long.MaxValue, 10));
        Assert.Equal(2048, device.LengthOf(Root));
        Assert.Equal(2040, (await device.SeekAsync(Root, handle, -8, 2, Caller.Nobody, default)).Value);
        foreach (var (offset, whence) in new[] { (1L, 2), (-2049L, 2), (2049L, 0), (-1L, 0), (long.MinValue, 2), (0L, 3), (0L, 4) })
            Assert.Equal((offset, Errno.EINVAL), (offset, (await device.SeekAsync(Root, handle, offset, whence, Caller.Nobody, default)).Error));
    }

    [Fact]
    public async Task A_device_is_open_as_it_was_asked_for()
    {
        await using var device = await Devices.Made("vudevramdisk");
        var reader = await device.Open(flags: Devices.ReadOnly);
        var writer = await device.Open(flags: Devices.WriteOnly);
        Assert.Equal(Errno.EBADF, (await device.Write(reader, 0, [1])).Error);
        Assert.Equal(Errno.EBADF, (await device.ReadAsync(Root, writer, 0, new byte[1], Caller.Nobody, default)).Error);
        Assert.Equal(Errno.ENXIO, await device.OpenError(1, Devices.ReadOnly));
    }

    [Fact]
    public async Task A_device_that_is_read_only_cannot_be_written()
    {
        await using var device = await Devices.Made("vudevramdisk", readOnly: true);
        Assert.Equal(Errno.EROFS, await device.OpenError(0, Devices.ReadWrite));
        var handle = await device.Open(flags: Devices.ReadOnly);
        Assert.Equal(1, await device.Number(handle, BlockIoctl.BLKROGET));
    }

    [Fact]
    public async Task A_device_made_read_only_by_request_refuses_writes_of_those_who_have_it_open()
    {
        await using var device = await Devices.Made("vudevramdisk");
        var handle = await device.Open();
        await device.Control(handle, BlockIoctl.BLKROSET, BitConverter.GetBytes(1));
        Assert.Equal(1, await device.Number(handle, BlockIoctl.BLKROGET));
        Assert.Equal(Errno.EPERM, (await device.Write(handle, 0, [1])).Error);
        Assert.Equal(Errno.EPERM, (await device.Control(handle, BlockIoctl.BLKZEROOUT, Devices.Range(0, 512))).Error);
        Assert.Equal(Errno.ENOSYS, (await device.DescriptorAsync(Root, handle, Devices.ReadWrite, Caller.Nobody, default)).Error);
        await device.Control(handle, BlockIoctl.BLKROSET, BitConverter.GetBytes(0));
        Assert.Equal(1, (await device.Write(handle, 0, [1])).Value);
    }

    [Fact]
    public async Task Exclusive_use_is_of_one()
    {
        await using var device = await Devices.Made("vudevramdisk");
        var other = await device.Open();
        var holder = await device.Open(flags: Devices.ReadWrite | Devices.Exclusive);
        Assert.Equal(Errno.EBUSY, await device.OpenError(0, Devices.Exclusive));
        Assert.Equal(Errno.None, await device.OpenError(0, Devices.ReadWrite));
        Assert.Equal(Errno.EBUSY, (await device.Control(other, BlockIoctl.BLKRRPART)).Error);
        Assert.Equal(Errno.None, (await device.Control(holder, BlockIoctl.BLKRRPART)).Error);
        await device.Close(holder);
        Assert.Equal(Errno.None, await device.OpenError(0, Devices.Exclusive));
    }

    [Fact]
    public async Task A_ram_disk_gives_descriptors_of_its_memory()
    {
        await using var device = await Devices.Made("vudevramdisk", options: "size=1M");
        var handle = await device.Open();
        await device.Write(handle, 100, [1, 2, 3]);
        using var one = await Descriptor(device, handle);
        using var two = await Descriptor(device, handle);
        using var file = new FileStream(one, FileAccess.ReadWrite, 0);
        using var map = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(new FileStream(two, FileAccess.ReadWrite, 0), null, 0, System.IO.MemoryMappedFiles.MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, false);
        using var view = map.CreateViewAccessor();
        Assert.Equal(2, view.ReadByte(101));
        view.Write(102, (byte)9);
        file.Position = 103;
        file.WriteByte(8);
        Assert.Equal(new byte[] { 1, 2, 9, 8, 0 }, await device.Read(handle, 100, 5));
        Assert.Equal(1 << 20, file.Length);
        Assert.ThrowsAny<Exception>(() => file.SetLength(2 << 20));
        Assert.ThrowsAny<Exception>(() => file.SetLength(0));
    }

    [Fact]
    public async Task Descriptors_of_a_ram_disk_have_positions_and_modes_of_their_own()
    {
        await using var device = await Devices.Made("vudevramdisk", options: "size=1M");
        var reader = await device.Open(flags: Devices.ReadOnly);
        var writer = await device.Open();
        using var read = await Descriptor(device, reader, Devices.ReadOnly);
        using var write = await Descriptor(device, writer);
        Assert.ThrowsAny<Exception>(() => RandomAccess.Write(read, new byte[] { 1 }, 0));
        using var first = new FileStream(write, FileAccess.ReadWrite, 0);
        using var second = new FileStream(read, FileAccess.Read, 0);
        first.Position = 512;
        first.WriteByte(5);
        Assert.Equal(0, second.Position);
    }

    [Theory]
    [InlineData("", 32L << 20, 16, 16)]
    [InlineData("size=65536", 32L << 20, 16, 16)]
    [InlineData("size=1k", 1024L, 16, 16)]
    [InlineData("size=10M", 10L << 20, 16, 16)]
    [InlineData("size=1,mbr", 128L << 10, 16, 16)]
    [InlineData("size=10M,mbr", 10L << 20, 16, 16)]
    [InlineData("size=10000K,mbr", 79 * (128L << 10), 16, 16)]
    [InlineData("size=9G,mbr", 9L << 30, 128, 128)]
    [InlineData("size=8388609K,mbr", (8L << 30) + (8L << 20), 128, 128)]
    [InlineData("size=3T", 3L << 40, 128, 128)]
    public async Task A_ram_disk_is_as_great_as_asked_for(string options, long length, byte heads, byte sectors)
    {
        await using var device = await Devices.Made("vudevramdisk", options: options);
        var handle = await device.Open();
        Assert.Equal(length, await device.Number(handle, BlockIoctl.BLKGETSIZE64));
        Assert.Equal(length / 512, await device.Number(handle, BlockIoctl.BLKGETSIZE));
        var geometry = (await device.Control(handle, BlockIoctl.HDIO_GETGEO)).Output;
        Assert.Equal((heads, sectors), (geometry[0], geometry[1]));
        Assert.Equal(Math.Min(length / 512 / heads / sectors, 65535), BitConverter.ToUInt16(geometry, 2));
        Assert.Equal(0, BitConverter.ToInt64(geometry, 8));
    }

    [Theory]
    [InlineData("vudevramdisk", "mode=9", "vudevramdisk takes for mode an octal number up to 7777, not \"9\"")]
    [InlineData("vudevramdisk", "mode=17777", "vudevramdisk takes for mode an octal number up to 7777, not \"17777\"")]
    [InlineData("vudevramdisk", "mode", "vudevramdisk takes for mode an octal number up to 7777, not \"\"")]
    [InlineData("vudevramdisk", "uid=-1", "vudevramdisk takes for uid a number up to 4294967294, not \"-1\"")]
    [InlineData("vudevramdisk", "major=4096", "vudevramdisk takes for major a number up to 4095, not \"4096\"")]
    [InlineData("vudevramdisk", "devid=3", "vudevramdisk takes no value for devid")]
    [InlineData("vudevramdisk", "mbr=1", "vudevramdisk takes no value for mbr")]
    [InlineData("vudevramdisk", "size=0", "vudevramdisk takes for size a number of sectors, or one with K, M, G or T, not \"0\"")]
    [InlineData("vudevramdisk", "size=99999999999999999999", "vudevramdisk takes for size a number of sectors, or one with K, M, G or T, not \"99999999999999999999\"")]
    [InlineData("vudevramdisk", "size=9223372036854775807G", "vudevramdisk takes for size a number of sectors, or one with K, M, G or T, not \"9223372036854775807G\"")]
    [InlineData("vudevnull", "size=1", "vudevnull has no option size")]
    [InlineData("vudevpartx", "mars", "vudevpartx has no option mars")]
    [InlineData("vudevvdi", "format=a b", "vudevvdi takes for format a name as qcow2, not \"a b\"")]
    public async Task Options_that_are_wrong_are_told_in_one_sentence(string type, string options, string sentence) =>
        Assert.Equal(sentence, await Devices.Refused(type, options: options));

    [Theory]
    [InlineData("chr", 0x2000u)]
    [InlineData("chrdev", 0x2000u)]
    [InlineData("char", 0x2000u)]
    [InlineData("chr,blk", 0x6000u)]
    public async Task The_kind_of_node_can_be_chosen(string options, uint type)
    {
        await using var device = await Devices.Made("vudevramdisk", options: options + ",devid");
        Assert.Equal(type, (await device.GetAttributesAsync(Root, null, Caller.Nobody, default)).Value.Attributes.Mode & 0xF000);
        Assert.True(device.EveryNode);
    }

    [Theory]
    [InlineData("hda", "hda1", 1)]
    [InlineData("hda", "hda0", 0)]
    [InlineData("hda", "hda12", 12)]
    [InlineData("hda", "hda", null)]
    [InlineData("hda", "hdb1", null)]
    [InlineData("hda", "hda1x", null)]
    [InlineData("hda", "hda01", null)]
    [InlineData("hda", "hda999999999999", null)]
    [InlineData("nbd0", "nbd0p3", 3)]
    [InlineData("nbd0", "nbd03", null)]
    [InlineData("nbd0", "nbd0p", null)]
    [InlineData("", "1", null)]
    public void Names_of_parts_end_with_their_number(string device, string name, int? number)
    {
        var of = NumberedName.Device(Make.Bytes(name));
        Assert.Equal(number, of.SequenceEqual(Make.Bytes(device)) ? NumberedName.Number(Make.Bytes(name).AsSpan(of.Length)) : null);
    }

    [Fact]
    public void Every_type_has_a_name_of_its_own() =>
        Assert.Equal(["vudevnull", "vudevramdisk", "vudevpartx", "vudevvdi"], DeviceType.All(new VudevSettings()).Select(static t => t.Name));

    private static async Task<SafeFileHandle> Descriptor(DeviceFileSystem device, ulong handle, int flags = Devices.ReadWrite)
    {
        var fd = await device.DescriptorAsync(Root, handle, flags, Caller.Nobody, default);
        Assert.Equal(Errno.None, fd.Error);
        return new SafeFileHandle(fd.Value, ownsHandle: true);
    }
}
