using Vuos.Actors.Modules.Vudev;
using Vuos.Actors.Modules.Vudev.Blocks;
using Vuos.Actors.Tests.Support;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Vudev;

/// <summary>What reaches the image and when, and images that are not as they should be.</summary>
public sealed class DurabilityTests : IDisposable
{
    private const int Size = 16 << 20, Start = 1 << 20;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(0)] // the disk
    [InlineData(1)] // a partition
    public async Task A_sync_writes_the_image_back(int number)
    {
        var image = Image();
        await using var device = await Partitioned(image);
        var handle = await device.Open(number);
        await device.Write(handle, 4096, [.. Enumerable.Repeat((byte)7, 100_000)]);
        Assert.Equal(Errno.None, await device.Sync(handle));
        if (Dirty(image) is { } dirty)
            Assert.Equal(0, dirty);
        Assert.Equal(7, File.ReadAllBytes(image)[number * Start + 4096 + 99_999]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Every_way_to_sync_flushes_the_medium(int number)
    {
        var medium = new MemoryDevice(new byte[Size]);
        var device = new BlockFileSystem(Options(), new Disk(medium));
        Assert.Equal(Errno.None, (await device.Control(await device.Open(), BlockIoctl.BLKPG, Devices.PartitionRequest(1, 1, Start, Start))).Error);
        var handle = await device.Open(number);
        await device.Write(handle, 0, [1]);
        Assert.Equal(0, medium.Flushes);
        Assert.Equal(Errno.None, await device.Sync(handle));
        Assert.Equal(1, medium.Flushes);
        Assert.Equal(Errno.None, (await device.Control(handle, BlockIoctl.BLKFLSBUF)).Error);
        Assert.Equal(2, medium.Flushes);
        await device.Write(await device.Open(number, Devices.ReadWrite | 0x1000), 0, [2]); // O_DSYNC
        Assert.Equal(3, medium.Flushes);
        medium.FlushError = Errno.EIO;
        Assert.Equal(Errno.EIO, await device.Sync(handle));
        Assert.Equal(Errno.EIO, (await device.Control(handle, BlockIoctl.BLKFLSBUF)).Error);
        await device.DisposeAsync();
        Assert.Equal(6, medium.Flushes);
    }

    [Fact]
    public async Task A_sync_that_is_given_up_does_not_keep_who_waits()
    {
        await using var device = FileDevice.Open(Image(), readOnly: false).Value;
        using var given = new CancellationTokenSource();
        await given.CancelAsync();
        Assert.Equal(Errno.EINTR, await device.FlushAsync(given.Token));
        Assert.Equal(Errno.None, await device.FlushAsync(default));
    }

    [NeedsFact("sfdisk")]
    public async Task An_image_that_is_read_only_stays_as_it_is()
    {
        var image = Image();
        Assert.Equal(0, ChildProcess.Run("sfdisk", ["-q", image], "label: dos\n,4M\n").Status);
        var content = File.ReadAllBytes(image);
        await using var device = await Devices.Made("vudevpartx", image, readOnly: true);
        foreach (var number in new[] { 0, 1 })
        {
            Assert.Equal(Errno.EROFS, await device.OpenError(number, Devices.ReadWrite));
            Assert.Equal(Errno.EROFS, await device.OpenError(number, Devices.WriteOnly));
            var handle = await device.Open(number, Devices.ReadOnly);
            await device.Control(handle, BlockIoctl.BLKROSET, BitConverter.GetBytes(0));
            Assert.Equal(1, await device.Number(handle, BlockIoctl.BLKROGET));
            Assert.Equal(Errno.EBADF, (await device.Write(handle, 0, [1])).Error);
            Assert.Equal(Errno.EBADF, (await device.Control(handle, BlockIoctl.BLKZEROOUT, Devices.Range(0, 512))).Error);
            Assert.Equal(Errno.None, await device.Sync(handle));
            Assert.Equal(Errno.EROFS, await device.OpenError(number, Devices.ReadWrite));
        }

        Assert.Equal(content, File.ReadAllBytes(image));
    }

    /// <summary>sysfs refuses even root to open for writing what has no writer.</summary>
    [Fact]
    public async Task An_image_that_may_not_be_written_is_refused_unless_it_is_mounted_read_only()
    {
        Assert.Equal("vudevpartx may not write /sys/kernel/notes, which needs -o ro then", await Devices.Refused("vudevpartx", "/sys/kernel/notes"));
        await using var device = await Devices.Made("vudevpartx", "/sys/kernel/notes", readOnly: true);
        Assert.Single(device.SubDevices);
    }

    [Fact]
    public async Task An_image_that_is_cut_gives_EIO_behind_its_end_and_all_of_it_when_it_grows_again()
    {
        var image = Image();
        await using var device = await Partitioned(image);
        var whole = await device.Open();
        var handle = await device.Open(1);
        await device.Write(handle, 0, [1, 2, 3]);
        using (var file = File.OpenWrite(image))
            file.SetLength(Start + 2);
        Assert.Equal([1, 2], await device.Read(handle, 0, 2));
        Assert.Equal(Errno.EIO, (await device.ReadAsync(DeviceFileSystem.Root + 1, handle, 0, new byte[3], default, default)).Error);
        Assert.Equal(Errno.EIO, (await device.ReadAsync(DeviceFileSystem.Root, whole, Size - 1, new byte[1], default, default)).Error);
        Assert.Equal(Start, await device.Number(handle, BlockIoctl.BLKGETSIZE64));
        Assert.Equal(Errno.None, await device.Sync(handle));
        using (var file = File.OpenWrite(image))
            file.SetLength(0);
        await device.Close(handle);
        Assert.Equal(Errno.EIO, (await device.Control(whole, BlockIoctl.BLKRRPART)).Error);
        Assert.Equal(2, device.SubDevices.Count);
        Assert.Equal(3, (await device.Write(whole, Size - 3, [4, 5, 6])).Value);
        Assert.Equal([0, 4, 5, 6], await device.Read(whole, Size - 4, 10));
    }

    /// <summary>A disk of the kernel's as the image, with sectors of 4096 bytes, which is what its table counts in.</summary>
    [NeedsFact("sfdisk")]
    public async Task A_block_device_keeps_its_sectors()
    {
        var image = Image();
        using var loop = LoopDevice.TryAttach(image, "--sector-size=4096");
        if (loop is null)
            return;
        Assert.Equal(0, ChildProcess.Run("sfdisk", ["-q", "--no-reread", "--no-tell-kernel", loop.Path], "label: gpt\nstart=512,size=256\nstart=1024\n").Status);
        await using var device = await Devices.Made("vudevpartx", loop.Path);
        var handle = await device.Open(1);
        Assert.Equal(4096, await device.Number(handle, BlockIoctl.BLKSSZGET));
        Assert.Equal(Start, await device.Number(handle, BlockIoctl.BLKGETSIZE64));
        Assert.Equal(4096, BitConverter.ToInt64((await device.Control(handle, BlockIoctl.HDIO_GETGEO)).Output, 8));
        Assert.Equal(Errno.EINVAL, (await device.Control(handle, BlockIoctl.BLKZEROOUT, Devices.Range(512, 4096))).Error);
        await device.Write(handle, 5000, [9]);
        Assert.Equal(Errno.None, await device.Sync(handle));
        Assert.Equal(9, File.ReadAllBytes(image)[(2 << 20) + 5000]);
    }

    private static DeviceOptions Options() => DeviceOptions.Parse(new MountRequest { Type = "test", Source = "none" }, block: true).Options;

    /// <summary>Pages of a file that are yet to be written to the disk (cachestat(2)); null: this kernel cannot tell (before Linux 6.5).</summary>
    private static unsafe long? Dirty(string path)
    {
        const int cachestat = 451;
        using var file = File.OpenHandle(path);
        var range = stackalloc ulong[2];
        var told = stackalloc ulong[5]; // nr_cache, nr_dirty, nr_writeback, …
        return Sys.Failed(Sys.Call(cachestat, file.DangerousGetHandle(), (long)range, (long)told, 0)) ? null : (long)(told[1] + told[2]);
    }

    private static async Task<DeviceFileSystem> Partitioned(string image)
    {
        var device = await Devices.Made("vudevpartx", image);
        var whole = await device.Open();
        Assert.Equal(Errno.None, (await device.Control(whole, BlockIoctl.BLKPG, Devices.PartitionRequest(1, 1, Start, Start))).Error);
        await device.Close(whole);
        return device;
    }

    private string Image()
    {
        using var file = File.Create(_directory.At("image"));
        file.SetLength(Size);
        return file.Name;
    }
}
