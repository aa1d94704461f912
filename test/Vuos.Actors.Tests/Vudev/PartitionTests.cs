using System.Text.Json;
using Vuos.Actors.Modules.Vudev;
using Vuos.Actors.Modules.Vudev.Blocks;
using Vuos.Actors.Modules.Vudev.Partitions;
using Vuos.Actors.Tests.Support;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vudev;

public sealed class PartitionTests : IDisposable
{
    private const long Size = 64L << 20;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [NeedsTheory("sfdisk", "sgdisk", "mkfs.fat")]
    [InlineData("label: dos\n,4M,L\n,8M,83,*\n,,c\n")]
    [InlineData("label: dos\n,4M\n,4M\n,40M,E\n,,\n,5M\n,6M\n,7M\n,3M\n")]
    [InlineData("label: dos\n,40M,0x85\n,2M\nstart=100000,size=2048\n")]
    [InlineData("label: dos\n4: start=2048,size=8192,type=83\n2: size=1\n")]
    [InlineData("label: dos\n")]
    [InlineData("label: gpt\n,4M,L\n,8M,U\n,,\n")]
    [InlineData("label: gpt\ntable-length: 4\n,4M\n,4M\n,4M\n,4M\n")]
    [InlineData("label: gpt\n7: size=1M\n120: size=3M\n")]
    [InlineData("label: gpt\n")]
    public async Task Tables_of_sfdisk_are_read_as_it_reads_them(string script)
    {
        var image = Image("disk", Size);
        Tool("sfdisk", [image], script);
        Assert.Equal(Listed(image), Comparable(await Read(image)));
    }

    [NeedsFact("sfdisk", "sgdisk", "mkfs.fat")]
    public async Task A_table_of_sgdisk_and_its_read_only_attribute()
    {
        var image = Image("disk", Size);
        Tool("sgdisk", ["-n1:0:+4M", "-n2:0:+5M", "-A2:set:60", "-n5:0:0", image]);
        var partitions = await Read(image);
        Assert.Equal(Listed(image), Comparable(partitions));
        Assert.Equal([false, true, false], partitions.Select(static p => p.ReadOnly));
        await using var device = await Devices.Made("vudevpartx", image);
        Assert.Equal(Errno.EROFS, await device.OpenError(2, Devices.ReadWrite));
        Assert.Equal(Errno.None, await device.OpenError(1, Devices.ReadWrite));
    }

    [NeedsTheory("sfdisk", "sgdisk", "mkfs.fat")]
    [InlineData(520)] // the header
    [InlineData(1024 + 33)] // the entries
    public async Task A_damaged_GPT_is_read_from_its_copy(int damaged)
    {
        var image = Image("disk", Size);
        Tool("sgdisk", ["-n1:0:+4M", "-n3:0:0", image]);
        var whole = await Read(image);
        Assert.Equal(2, whole.Count);
        Flip(image, damaged);
        Assert.Equal(whole, await Read(image));
        Flip(image, Size - 512 + 20);
        Assert.Empty(await Read(image));
    }

    [NeedsFact("sfdisk", "sgdisk", "mkfs.fat")]
    public async Task A_disk_without_a_table_is_only_itself()
    {
        Assert.Empty(await Read(Image("zeros", Size)));
        Assert.Empty(await Read(Image("empty", 0)));
        Assert.Empty(await Read(Image("short", 100)));
        var fat = Image("fat", Size);
        Tool("mkfs.fat", [fat]);
        Assert.Empty(await Read(fat));
    }

    [NeedsFact("sfdisk", "sgdisk", "mkfs.fat")]
    public async Task Partitions_are_windows_on_the_image()
    {
        var image = Image("disk", Size);
        Tool("sfdisk", [image], "label: gpt\nstart=2048,size=8192\nstart=16384,size=2048\n");
        await using (var device = await Devices.Made("vudevpartx", image, "minor=64,major=3"))
        {
            Assert.Equal([new SubDevice(0, 1), new SubDevice(1, 2), new SubDevice(2, 3)], device.SubDevices);
            var node = (await device.GetAttributesAsync(3, null, Caller.Nobody, default)).Value.Attributes;
            Assert.Equal((0x6180u, 0x342u), (node.Mode, node.Device));
            var handle = await device.Open(2);
            Assert.Equal(1 << 20, await device.Number(handle, BlockIoctl.BLKGETSIZE64));
            Assert.Equal(16384, BitConverter.ToInt64((await device.Control(handle, BlockIoctl.HDIO_GETGEO)).Output, 8));
            Assert.Equal(2, (await device.Write(handle, (1 << 20) - 2, [4, 5, 6])).Value);
            Assert.Equal(Errno.ENOSPC, (await device.Write(handle, 1 << 20, [4])).Error);
            Assert.Equal(Errno.EINVAL, (await device.Control(handle, BlockIoctl.BLKRRPART)).Error);
            Assert.Equal(Errno.None, await device.Sync(handle));
            var whole = await device.Open();
            Assert.Equal([0, 4, 5, 0], await device.Read(whole, (16384 + 2048) * 512 - 3, 4));
        }

        var content = File.ReadAllBytes(image);
        Assert.Equal([4, 5, 0], content[((16384 + 2048) * 512 - 2)..][..3]);
    }

    [NeedsFact("sfdisk", "sgdisk", "mkfs.fat")]
    public async Task The_table_is_read_again_on_request_but_not_while_a_partition_is_open()
    {
        var image = Image("disk", Size);
        await using var device = await Devices.Made("vudevpartx", image);
        var changes = 0;
        device.SubDevicesChanged = () => changes++;
        Assert.Single(device.SubDevices);
        Tool("sfdisk", [image], "label: dos\n,4M\n,5M\n");
        var whole = await device.Open();
        Assert.Equal(Errno.None, (await device.Control(whole, BlockIoctl.BLKRRPART)).Error);
        Assert.Equal(3, device.SubDevices.Count);
        Assert.Equal(1, changes);
        var open = await device.Open(2);
        Tool("sfdisk", [image], "label: dos\n,6M\n");
        Assert.Equal(Errno.EBUSY, (await device.Control(whole, BlockIoctl.BLKRRPART)).Error);
        Assert.Equal(3, device.SubDevices.Count);
        await device.Close(open);
        Assert.Equal(Errno.None, (await device.Control(whole, BlockIoctl.BLKRRPART)).Error);
        Assert.Equal(6 << 20, device.LengthOf(2));
        Assert.Equal(Errno.ENXIO, await device.OpenError(2, Devices.ReadOnly));
    }

    [NeedsFact("sfdisk", "sgdisk", "mkfs.fat")]
    public async Task Partitions_can_be_told_without_a_table()
    {
        await using var device = await Devices.Made("vudevpartx", Image("disk", Size));
        var whole = await device.Open();
        Assert.Equal(Errno.None, await Tell(1, 1, 1 << 20, 1 << 20));
        Assert.Equal(Errno.EBUSY, await Tell(1, 1, 8 << 20, 1 << 20));
        Assert.Equal(Errno.EBUSY, await Tell(1, 2, (2 << 20) - 512, 1 << 20));
        Assert.Equal(Errno.None, await Tell(1, 2, 2 << 20, 1 << 20));
        Assert.Equal(Errno.EBUSY, await Tell(3, 1, 1 << 20, 2 << 20));
        Assert.Equal(Errno.None, await Tell(3, 2, 2 << 20, 4 << 20));
        Assert.Equal(Errno.EINVAL, await Tell(3, 2, 3 << 20, 4 << 20));
        Assert.Equal(Errno.ENXIO, await Tell(3, 3, 3 << 20, 4 << 20));
        Assert.Equal(4 << 20, device.LengthOf(3));
        foreach (var (number, start, length) in new[] { (0, 0L, 512L), (-1, 0L, 512L), (9, -512L, 512L), (9, 512L, 0L), (9, 513L, 512L), (9, 512L, 100L), (9, Size, 512L), (9, 512L, Size), (9, 512L, long.MaxValue - 511), (256, 8L << 20, 512L) })
            Assert.Equal((number, start, length, Errno.EINVAL), (number, start, length, await Tell(1, number, start, length)));
        Assert.Equal(Errno.EINVAL, await Tell(4, 1, 0, 512));
        var open = await device.Open(1);
        Assert.Equal(Errno.EBUSY, await Tell(2, 1));
        Assert.Equal(Errno.EINVAL, (await device.Control(open, BlockIoctl.BLKPG, Devices.PartitionRequest(2, 1))).Error);
        await device.Close(open);
        Assert.Equal(Errno.None, await Tell(2, 1));
        Assert.Equal(Errno.ENXIO, await Tell(2, 1));
        Assert.Equal(Errno.EFAULT, (await device.Control(whole, BlockIoctl.BLKPG, new byte[24])).Error);
        Assert.Equal((16, 152), device.IoctlPointer(BlockIoctl.BLKPG));

        async Task<Errno> Tell(int operation, int number, long start = 0, long length = 0) =>
            (await device.Control(whole, BlockIoctl.BLKPG, Devices.PartitionRequest(operation, number, start, length))).Error;
    }

    [NeedsFact("sfdisk", "sgdisk", "mkfs.fat")]
    public async Task A_disk_and_its_partitions_exclude_each_other()
    {
        var image = Image("disk", Size);
        Tool("sfdisk", [image], "label: dos\n,4M\n,5M\n");
        await using var device = await Devices.Made("vudevpartx", image);
        var partition = await device.Open(1, Devices.ReadWrite | Devices.Exclusive);
        Assert.Equal(Errno.EBUSY, await device.OpenError(0, Devices.Exclusive));
        Assert.Equal(Errno.None, await device.OpenError(0, Devices.ReadWrite));
        var other = await device.Open(2, Devices.Exclusive);
        await device.Close(partition);
        await device.Close(other);
        await device.Open(0, Devices.Exclusive);
        Assert.Equal(Errno.EBUSY, await device.OpenError(1, Devices.Exclusive));
    }

    [NeedsFact("sfdisk", "sgdisk", "mkfs.fat")]
    public async Task What_is_no_image_is_refused_with_a_sentence()
    {
        Assert.Equal("vudevpartx finds no image none", await Devices.Refused("vudevpartx"));
        Assert.Equal($"vudevpartx needs an image file or a block device, which {_directory.Path} is not", await Devices.Refused("vudevpartx", _directory.Path));
        Assert.Equal("vudevpartx needs an image file or a block device, which /dev/null is not", await Devices.Refused("vudevpartx", "/dev/null"));
        Assert.Equal("vudevpartx cannot open /no/such: No such file or directory", await Devices.Refused("vudevpartx", "/no/such"));
    }

    private static async Task<IReadOnlyList<Partition>> Read(string image)
    {
        await using var device = FileDevice.Open(image, readOnly: true).Value;
        var table = await PartitionTable.ReadAsync(device, default);
        Assert.Equal(Errno.None, table.Error);
        return table.Value;
    }

    /// <summary>As sfdisk -J tells them. Containers of logical partitions are left with the two sectors the kernel gives them.</summary>
    private static List<(int Number, long Start, long Length)> Listed(string image)
    {
        using var json = JsonDocument.Parse(Tool("sfdisk", ["-J", image]));
        var list = new List<(int, long, long)>();
        if (!json.RootElement.GetProperty("partitiontable").TryGetProperty("partitions", out var partitions))
            return list;
        foreach (var partition in partitions.EnumerateArray())
        {
            var container = partition.GetProperty("type").GetString() is "5" or "f" or "85";
            list.Add((int.Parse(partition.GetProperty("node").GetString()![image.Length..].TrimStart('p')), partition.GetProperty("start").GetInt64() * 512, container ? 1024 : partition.GetProperty("size").GetInt64() * 512));
        }

        return list;
    }

    private static List<(int Number, long Start, long Length)> Comparable(IEnumerable<Partition> partitions) => [.. partitions.Select(static p => (p.Number, p.Start, p.Length))];

    private static string Tool(string program, string[] arguments, string input = "")
    {
        var outcome = ChildProcess.Run(program, arguments, input);
        Assert.True(outcome.Status == 0, outcome.Errors);
        return outcome.Output;
    }

    private static void Flip(string image, long offset)
    {
        using var file = File.OpenHandle(image, access: FileAccess.ReadWrite);
        var one = new byte[1];
        RandomAccess.Read(file, one, offset);
        one[0] ^= 0xFF;
        RandomAccess.Write(file, one, offset);
    }

    private string Image(string name, long size)
    {
        using var file = File.Create(_directory.At(name));
        file.SetLength(size);
        return file.Name;
    }
}
