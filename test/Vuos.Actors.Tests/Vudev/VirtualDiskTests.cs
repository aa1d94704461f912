using System.Diagnostics;
using Vuos.Actors.Modules.Vudev;
using Vuos.Actors.Tests.Support;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vudev;

/// <summary>Images of qemu-img served by a real qemu-nbd.</summary>
public sealed class VirtualDiskTests : IDisposable
{
    private const int Size = 16 << 20;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [NeedsTheory("qemu-nbd", "qemu-img", "sfdisk")]
    [InlineData("qcow2")]
    [InlineData("vdi")]
    [InlineData("vmdk")]
    [InlineData("vhdx")]
    [InlineData("vpc")]
    public async Task What_is_written_is_in_the_image(string format)
    {
        var image = Image(format);
        var random = new Random(format.Length);
        byte[] model;
        await using (var device = await Devices.Made("vudevvdi", image))
        {
            var handle = await device.Open();
            model = new byte[await device.Number(handle, BlockIoctl.BLKGETSIZE64)];
            Assert.InRange(model.Length, Size, Size + (1 << 20)); // vpc rounds to cylinders

            // Each of the writers has a stripe of its own, so any order gives the same.
            await Task.WhenAll(Enumerable.Range(0, 8).Select(async stripe =>
            {
                var mine = new Random(stripe);
                for (var i = 0; i < 40; i++)
                {
                    var offset = stripe * (Size / 8) + mine.Next(Size / 8 - 70_000);
                    var data = new byte[mine.Next(1, 70_000)];
                    mine.NextBytes(data);
                    data.CopyTo(model, offset);
                    Assert.Equal(data.Length, (await device.Write(handle, offset, data)).Value);
                    Assert.Equal(data, await device.Read(handle, offset, data.Length));
                }
            }));
            Assert.Equal(Errno.None, (await device.Control(handle, BlockIoctl.BLKZEROOUT, Devices.Range(1 << 20, 1 << 19))).Error);
            model.AsSpan(1 << 20, 1 << 19).Clear();
            Assert.Contains((await device.Control(handle, BlockIoctl.BLKDISCARD, Devices.Range(15 << 20, 512))).Error, new[] { Errno.None, Errno.EOPNOTSUPP });
            Assert.Equal(Errno.None, await device.Sync(handle));
            (await device.Read(handle, 15 << 20, 512)).CopyTo(model, 15 << 20);
            Assert.Equal(model, await device.Read(handle, 0, model.Length));
        }

        Assert.Equal(model, Converted(image, format));
        Assert.Empty(Servers(image));
    }

    [NeedsFact("qemu-nbd", "qemu-img", "sfdisk")]
    public async Task Partitions_of_a_virtual_disk()
    {
        var image = Image("qcow2");
        await using var device = await Devices.Made("vudevvdi", image);
        Assert.Single(device.SubDevices);
        var raw = _directory.At("raw");
        using (var file = File.Create(raw))
            file.SetLength(Size);
        Tool("sfdisk", [raw], "label: dos\nstart=2048,size=4096\n");
        var whole = await device.Open();
        await device.Write(whole, 0, File.ReadAllBytes(raw)[..512]);
        Assert.Equal(Errno.None, (await device.Control(whole, BlockIoctl.BLKRRPART)).Error);
        Assert.Equal(2 << 20, device.LengthOf(2));
    }

    [NeedsFact("qemu-nbd", "qemu-img", "sfdisk")]
    public async Task A_server_that_is_killed_gives_EIO_and_what_was_flushed_before_is_there()
    {
        var image = Image("qcow2");
        byte[] kept = [.. Enumerable.Repeat((byte)0xAB, 300_000)];
        var device = await Devices.Made("vudevvdi", image);
        var handle = await device.Open();
        await device.Write(handle, 1_000_000, kept);
        Assert.Equal(Errno.None, await device.Sync(handle));
        await device.Write(handle, 5_000_000, [1, 2, 3]);
        var reads = Enumerable.Range(0, 50).Select(i => device.ReadAsync(DeviceFileSystem.Root, handle, i, new byte[1 << 20], default, default).AsTask()).ToArray();
        foreach (var server in Servers(image))
            server.Kill();
        Assert.All(await Task.WhenAll(reads), static r => Assert.Contains(r.Error, new[] { Errno.None, Errno.EIO }));
        Assert.Equal(Errno.EIO, (await device.ReadAsync(DeviceFileSystem.Root, handle, 0, new byte[1], default, default)).Error);
        Assert.Equal(Errno.EIO, (await device.Write(handle, 0, [1])).Error);
        Assert.Equal(Errno.EIO, await device.Sync(handle));
        Assert.Equal(Errno.EIO, (await device.Control(handle, BlockIoctl.BLKRRPART)).Error);
        await device.DisposeAsync();
        Assert.Equal(kept, Converted(image, "qcow2")[1_000_000..][..kept.Length]);
    }

    [NeedsFact("qemu-nbd", "qemu-img", "sfdisk")]
    public async Task An_image_that_is_read_only_cannot_be_written()
    {
        await using var device = await Devices.Made("vudevvdi", Image("vdi"), readOnly: true);
        Assert.Equal(Errno.EROFS, await device.OpenError(0, Devices.ReadWrite));
        Assert.Equal(1, await device.Number(await device.Open(flags: Devices.ReadOnly), BlockIoctl.BLKROGET));
    }

    [NeedsFact("qemu-nbd", "qemu-img", "sfdisk")]
    public async Task What_cannot_be_served_is_refused_with_a_sentence()
    {
        var broken = _directory.File("broken.vdi", [1, 2, 3]);
        Assert.Equal("vudevvdi finds no image none", await Devices.Refused("vudevvdi"));
        Assert.Equal("vudevvdi finds no image /no/such", await Devices.Refused("vudevvdi", "/no/such"));
        var sentence = await Devices.Refused("vudevvdi", broken, "format=vdi");
        Assert.StartsWith("vudevvdi cannot serve the image: qemu-nbd: ", sentence);
        Assert.DoesNotContain('\n', sentence);
        Assert.Equal(
            "vudevvdi needs the program qemu-none, which Debian has in the package qemu-utils",
            await Devices.Refused("vudevvdi", broken, settings: new VudevSettings { NbdServer = "qemu-none" }));
        Assert.Equal(
            "vudevvdi got no answer from the server of the image",
            await Devices.Refused("vudevvdi", broken, settings: new VudevSettings { NbdServer = Sleeper(), NbdStart = TimeSpan.FromMilliseconds(50) }));
    }

    [NeedsFact("qemu-nbd", "qemu-img", "sfdisk")]
    public async Task An_image_is_served_once()
    {
        var image = Image("qcow2");
        await using var device = await Devices.Made("vudevvdi", image);
        Assert.Contains("lock", await Devices.Refused("vudevvdi", image));
    }

    private static Process[] Servers(string image) =>
    [
        .. Process.GetProcessesByName("qemu-nbd").Where(p => File.Exists($"/proc/{p.Id}/cmdline") && File.ReadAllText($"/proc/{p.Id}/cmdline").Contains(image)),
    ];

    private static void Tool(string program, string[] arguments, string input = "")
    {
        var outcome = ChildProcess.Run(program, arguments, input);
        Assert.True(outcome.Status == 0, outcome.Errors);
    }

    /// <summary>A program that starts and does nothing.</summary>
    private string Sleeper()
    {
        var program = _directory.File("sleeper", "#!/bin/sh\nexec sleep 1000\n"u8.ToArray());
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return program;
    }

    private string Image(string format)
    {
        var image = _directory.At($"disk.{format}");
        Tool("qemu-img", ["create", "-q", "-f", format, image, $"{Size}"]);
        return image;
    }

    private byte[] Converted(string image, string format)
    {
        var raw = _directory.At("converted");
        Tool("qemu-img", ["convert", "-f", format, "-O", "raw", image, raw]);
        return File.ReadAllBytes(raw);
    }
}
