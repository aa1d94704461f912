using System.Runtime.CompilerServices;
using Vuos.Actors.Modules.Vudev;
using Vuos.Actors.Tests.Support;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vudev;

/// <summary>
/// The same script for a loop device of the kernel's and for ours on the same image. What the kernel said is recorded in the directory Recorded (Linux 6.18), with which ours is
/// compared everywhere; where loop devices can be set up, the kernel that runs is asked again. Partitions are told by BLKPG: not every kernel reads tables.
/// </summary>
public sealed class RealDeviceTests : IDisposable
{
    private const long Size = (16L << 20) + 1536;

    /// <summary>Adds partitions 1, 2, 5 and 8 (BLKPG_ADD_PARTITION).</summary>
    private static readonly string[] Four = ["p 0 1 1 1048576 1048576", "p 0 1 2 2097152 2097152", "p 0 1 5 6291456 1048576", "p 0 1 8 8388608 2097152"];

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public Task Values() => Same(
        [
            "o 0 0 2", "o 1 0 0",
            .. new[]
            {
                BlockIoctl.BLKGETSIZE, BlockIoctl.BLKGETSIZE64, BlockIoctl.BLKSSZGET, BlockIoctl.BLKROGET, BlockIoctl.BLKBSZGET, BlockIoctl.BLKALIGNOFF, BlockIoctl.BLKDISCARDZEROES,
                BlockIoctl.BLKIOOPT, BlockIoctl.BLKGETZONESZ, BlockIoctl.BLKGETNRZONES,
            }.Select(static r => $"i 0 {r} - {Devices.OutputSize(r)}"),
            $"a 1 {BlockIoctl.BLKFLSBUF} 0", $"a 0 {BlockIoctl.BLKRASET} 1001", $"i 0 {BlockIoctl.BLKRAGET} - 8", $"a 0 {BlockIoctl.BLKFRASET} 256", $"i 0 {BlockIoctl.BLKFRAGET} - 8",
            .. new[] { 0, 256, 513, 1024, 4096 }.SelectMany(static n => new[] { $"i 0 {BlockIoctl.BLKBSZSET} {Hex(n)} 0", $"i 1 {BlockIoctl.BLKBSZGET} - 4" }),
        ]);

    [Fact]
    public Task Ends() => Same(
        [
            "o 0 0 2", "o 1 0 0", "o 2 0 1",
            $"w 0 {Size - 1} 1", $"w 0 {Size - 10} 100", $"w 0 {Size} 1", $"w 0 {Size} 0", $"w 0 {1L << 40} 5", "w 1 0 1", "w 0 -1 1",
            $"r 0 {Size - 10} 100", $"r 0 {Size} 10", $"r 0 {1L << 40} 10", "r 2 0 1", "r 0 -1 1",
            "s 0 0 2", "s 0 -5 2", "s 0 1 2", $"s 0 {Size} 0", $"s 0 {Size + 1} 0", $"s 0 {-Size - 1} 2", "s 0 0 3", "s 0 0 4", "s 0 0 9",
        ]);

    [Fact]
    public Task Discarding_and_zeroing() => Same(
        [
            "o 0 0 2", "o 1 0 0",
            .. new[] { BlockIoctl.BLKDISCARD, BlockIoctl.BLKZEROOUT, BlockIoctl.BLKSECDISCARD }.SelectMany(static r =>
                new[] { (0L, 512L), (1L, 512L), (0L, 100L), (0L, 0L), (0L, Size), (0L, Size + 512), (Size, 512L), (-512L, 512L), (512L, -512L) }.SelectMany(p =>
                    new[] { $"i 0 {r} {Hex(p.Item1)}{Hex(p.Item2)} 0", $"i 1 {r} {Hex(p.Item1)}{Hex(p.Item2)} 0" })),
            .. new[] { 0, 1, 2, 3, 0x10, 0x11, 8, 0x20 }.SelectMany(static m => new[] { (0L, 4096L), (0L, 100L), (100L, 512L), (Size - 512, 512L), (Size - 512, 1024L), (Size, 512L), (0L, 0L) }.Select(p => $"f 0 {m} {p.Item1} {p.Item2}")),
            .. new[] { 0, 1, 2, 3, 4, 8, 9, 0x10, 0x11, 0x12, 0x20, 0x40, 0x41, 0x80, 0x81, 0x100 }.Select(static m => $"f 1 {m} 0 4096"),
            $"f 0 17 {long.MaxValue - 511} 512", $"f 0 17 -512 512", $"f 0 17 512 {long.MaxValue}", $"f 0 0 512 {long.MaxValue}",
        ]);

    [Fact]
    public Task Locking_by_request() => Same(
        [
            "o 0 0 2", "p 0 1 1 1048576 1048576", "p 0 1 2 2097152 1048576", "o 1 1 2", $"i 0 {BlockIoctl.BLKROSET} {Hex(1)} 0", $"i 0 {BlockIoctl.BLKROGET} - 4", $"i 1 {BlockIoctl.BLKROGET} - 4", "w 0 0 0", "w 0 4096 512", "w 1 0 512",
            $"i 0 {BlockIoctl.BLKDISCARD} {Hex(0L)}{Hex(4096L)} 0", $"i 0 {BlockIoctl.BLKZEROOUT} {Hex(0L)}{Hex(4096L)} 0", "f 0 17 0 4096", "o 2 0 0", "r 2 0 512",
            $"i 0 {BlockIoctl.BLKROSET} {Hex(0)} 0", "w 0 4096 512", $"i 1 {BlockIoctl.BLKROSET} {Hex(1)} 0", $"i 0 {BlockIoctl.BLKROGET} - 4", $"i 1 {BlockIoctl.BLKROGET} - 4", "w 1 0 512", "w 0 4096 512",
            $"i 1 {BlockIoctl.BLKROSET} {Hex(0)} 0",
        ]);

    [Fact]
    public Task Partitions() => Same(
        [
            "o 0 0 2", "o 1 1 2", .. Four,
            .. new[] { 1, 2, 3, 5, 8 }.SelectMany(static n => new[] { $"o 1 {n} 2", $"i 1 {BlockIoctl.BLKGETSIZE64} - 8", "c 1" }),
            "o 1 1 2", "w 1 1048575 2", "w 1 1048576 1", $"a 1 {BlockIoctl.BLKRRPART} 0", $"a 0 {BlockIoctl.BLKRRPART} 0", "o 2 2 2", "c 2",
            "c 1", $"a 0 {BlockIoctl.BLKRRPART} 0", "o 1 1 2", "o 1 2 0", .. Four,
            "p 0 1 1 1048576 1048576", "p 0 1 9 1048576 1048576", $"p 0 1 9 {15 << 20} 524288", "p 0 1 9 8192 512", $"p 0 1 10 {(15 << 20) + 524288 - 512} 1024",
            $"p 0 3 9 {15 << 20} 1048576", $"p 0 3 9 {14 << 20} 1048576", $"p 0 3 8 {14 << 20} 1048576", "p 0 3 1 1048576 2097152",
            "p 0 1 0 0 512", "p 0 1 -1 0 512", "p 0 1 20 -512 512", "p 0 1 20 512 0", "p 0 1 20 513 512", "p 0 1 20 512 100", $"p 0 1 20 {Size} 512", $"p 0 1 20 512 {Size}", $"p 0 1 20 512 {long.MaxValue - 511}",
            "p 0 4 20 512 512", "o 1 9 2", "p 0 2 9 0 0", "p 1 2 9 0 0", "p 1 1 9 0 512", "c 1", "p 0 2 9 0 0", "p 0 2 9 0 0", "o 1 9 2",
        ]);

    [Fact]
    public Task Exclusive_use() => Same(
        [
            "o 0 0 2", "p 0 1 1 1048576 1048576", "p 0 1 2 2097152 2097152", "o 1 1 130", "o 2 0 128", "o 3 1 128", "o 3 1 2", "o 4 2 128", $"a 0 {BlockIoctl.BLKRRPART} 0", "c 4", "c 3", "c 1", "o 1 0 128", "o 2 1 128", "o 2 0 128",
            $"a 0 {BlockIoctl.BLKRRPART} 0", $"a 1 {BlockIoctl.BLKRRPART} 0", $"i 0 {BlockIoctl.BLKBSZSET} {Hex(1024)} 0", $"i 1 {BlockIoctl.BLKBSZSET} {Hex(1024)} 0", "c 1", "o 1 1 128",
        ]);

    private static string Hex(long number) => Convert.ToHexString(BitConverter.GetBytes(number));

    private static string Hex(int number) => Convert.ToHexString(BitConverter.GetBytes(number));

    private async Task Same(string[] script, [CallerMemberName] string name = "")
    {
        var image = _directory.At("image");
        using (var file = File.Create(image))
            file.SetLength(Size);
        var recorded = await File.ReadAllLinesAsync(Path.Combine(AppContext.BaseDirectory, "Vudev", "Recorded", name + ".txt"));
        using (var loop = LoopDevice.TryAttach(image))
        {
            if (loop is not null)
                Assert.Equal(recorded, Real(loop, script));
        }

        await using var device = await Devices.Made("vudevpartx", image);
        var ours = new List<string>();
        var slots = new Dictionary<string, (ulong Node, ulong Handle)>();
        foreach (var line in script)
            ours.Add($"{line}: {await Do(device, slots, line.Split(' '))}");
        Assert.Equal(recorded, ours);
    }

    private string[] Real(LoopDevice loop, string[] script)
    {
        var outcome = ChildProcess.Run("python3", [Path.Combine(AppContext.BaseDirectory, "Vudev", "device.py"), loop.Path, _directory.Path], string.Join('\n', script));
        Assert.Equal("", outcome.Errors);
        return [.. script.Zip(outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), static (line, answer) => $"{line}: {answer.Trim()}")];
    }

    private static async Task<string> Do(DeviceFileSystem device, Dictionary<string, (ulong Node, ulong Handle)> slots, string[] word)
    {
        var number = word.Select(static w => long.TryParse(w, out var n) ? n : 0).ToArray();
        if (word[0] == "o")
        {
            var node = DeviceFileSystem.Root + (ulong)number[2];
            var open = await device.OpenAsync(node, (int)number[3], default, default);
            slots[word[1]] = (node, open.Value.Handle);
            return Told(open.Error, 0);
        }

        var (n, h) = slots[word[1]];
        switch (word[0])
        {
            case "c":
                return h == 0 ? Told(Errno.EBADF, 0) : Told(await device.ReleaseAsync(n, h, 0), 0);
            case "i":
                var output = new byte[number[4]];
                var control = await device.ControlAsync(n, h, (uint)number[2], 0, Convert.FromHexString(word[3].Trim('-')), output, default, default);
                return Told(control.Error, control.Value, output);
            case "a":
                var request = await device.ControlAsync(n, h, (uint)number[2], number[3], default, default, default, default);
                return Told(request.Error, request.Value);
            case "p":
                var input = Devices.PartitionRequest((int)number[2], (int)number[3], number[4], number[5]);
                var told = await device.ControlAsync(n, h, BlockIoctl.BLKPG, 0, input, default, default, default);
                return Told(told.Error, told.Value);
            case "r":
                var read = await device.ReadAsync(n, h, number[2], new byte[number[3]], default, default);
                return Told(read.Error, read.Value);
            case "w":
                var written = await device.WriteAsync(n, h, number[2], new byte[number[3]], default, default);
                return Told(written.Error, written.Value);
            case "s":
                var position = await device.SeekAsync(n, h, number[2], (int)number[3], default, default);
                return Told(position.Error, position.Value);
            case "f":
                return Told(await device.AllocateAsync(n, h, number[3], number[4], (uint)number[2], default, default), 0);
            default:
                throw new InvalidOperationException(word[0]);
        }
    }

    private static string Told(Errno error, long value, byte[]? output = null) =>
        error == Errno.None ? $"{value} 0 {Convert.ToHexStringLower(output ?? [])}".Trim() : $"-1 {(int)error} {Convert.ToHexStringLower(output ?? [])}".Trim();
}
