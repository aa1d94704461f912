using System.Globalization;
using System.Reflection;
using Vuos.Actors.Modules.Vudev;
using Vuos.Actors.Tests.Support;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vudev;

public sealed class IoctlTests
{
    private const string Includes = "#include <stdio.h>\n#include <string.h>\n#include <fcntl.h>\n#include <errno.h>\n#include <sys/ioctl.h>\n" +
        "#include <linux/fs.h>\n#include <linux/hdreg.h>\n#include <linux/blkpg.h>\n#include <linux/blkzoned.h>\n";

    private static readonly (string Name, uint Value)[] s_requests =
    [
        .. typeof(BlockIoctl).GetFields(BindingFlags.Public | BindingFlags.Static).Where(static f => f.FieldType == typeof(uint)).Select(static f => (f.Name, (uint)f.GetRawConstantValue()!)),
    ];

    [Fact]
    public void Numbers_and_structures_are_those_of_the_headers()
    {
        using var directory = new TempDirectory();
        var lines = string.Concat(s_requests.Select(static r => $"printf(\"{r.Name} %u\\n\", (unsigned){r.Name});\n"));
        var program = ChildProcess.Compile(
            $$"""
            {{Includes}}
            int main(void) {
            {{lines}}
            printf("%zu %zu %zu\n", sizeof(struct blkpg_ioctl_arg), __builtin_offsetof(struct blkpg_ioctl_arg, data), sizeof(struct blkpg_partition));
            printf("%zu %zu\n", sizeof(struct hd_geometry), __builtin_offsetof(struct hd_geometry, start));
            return 0; }
            """,
            directory);
        var expected = string.Concat(s_requests.Select(static r => $"{r.Name} {r.Value}\n")) + $"{BlockIoctl.PgArgument} {BlockIoctl.PgPointer} {BlockIoctl.PgPartition}\n16 8\n";
        Assert.Equal(expected, ChildProcess.Run(program, []).Output);
    }

    /// <summary>What each request writes is put_int, put_ulong, … of block/ioctl.c; where loop devices can be set up one is asked, too, and its values are ours.</summary>
    [Fact]
    public async Task Requests_write_what_they_write_of_a_real_disk()
    {
        (uint Request, int Bytes)[] ask =
        [
            (BlockIoctl.BLKROGET, 4), (BlockIoctl.BLKGETSIZE, 8), (BlockIoctl.BLKRAGET, 8), (BlockIoctl.BLKFRAGET, 8), (BlockIoctl.BLKSECTGET, 2), (BlockIoctl.BLKSSZGET, 4),
            (BlockIoctl.BLKBSZGET, 4), (BlockIoctl.BLKGETSIZE64, 8), (BlockIoctl.BLKIOMIN, 4), (BlockIoctl.BLKIOOPT, 4), (BlockIoctl.BLKALIGNOFF, 4), (BlockIoctl.BLKPBSZGET, 4),
            (BlockIoctl.BLKDISCARDZEROES, 4), (BlockIoctl.BLKROTATIONAL, 2), (BlockIoctl.BLKGETDISKSEQ, 8), (BlockIoctl.BLKGETZONESZ, 4), (BlockIoctl.BLKGETNRZONES, 4), (BlockIoctl.HDIO_GETGEO, 16),
        ];
        uint[] same = [BlockIoctl.BLKGETSIZE, BlockIoctl.BLKSSZGET, BlockIoctl.BLKGETSIZE64, BlockIoctl.BLKALIGNOFF, BlockIoctl.BLKDISCARDZEROES, BlockIoctl.BLKBSZGET, BlockIoctl.BLKROGET];
        using var directory = new TempDirectory();
        var image = directory.File("image", new byte[(1 << 20) + 1536]);
        await using var device = await Devices.Made("vudevpartx", image);
        var handle = await device.Open();
        foreach (var (request, bytes) in ask)
        {
            // The memory behind the argument is as great as the layer makes it, and all of it is written.
            var (error, output) = await device.Control(handle, request);
            Assert.Equal((request, Errno.None, bytes), (request, error, output.Length));
            var again = Enumerable.Repeat((byte)0xA5, bytes).ToArray();
            Assert.False((await device.ControlAsync(DeviceFileSystem.Root, handle, request, 0, default, again, default, default)).Failed);
            Assert.Equal(output, again);
        }

        using var loop = LoopDevice.TryAttach(image);
        if (loop is null)
            return;
        var program = ChildProcess.Compile(
            $$"""
            {{Includes}}
            int main(int argc, char **argv) {
              unsigned ask[] = { {{string.Join(',', ask.Select(static a => a.Request))}} };
              int fd = open(argv[1], O_RDONLY);
              for (unsigned i = 0; i < sizeof ask / sizeof *ask; i++) {
                unsigned char a[64], b[64]; int size = 0, rc; unsigned long value = 0;
                memset(a, 0x5A, 64); memset(b, 0xA5, 64);
                rc = ioctl(fd, ask[i], a); ioctl(fd, ask[i], b);
                for (int j = 0; j < 64; j++) if (a[j] == b[j]) size = j + 1;
                memcpy(&value, a, size > 8 ? 8 : size);
                printf("%u %d %d %lu\n", ask[i], rc, size, value);
              }
              return 0; }
            """,
            directory);
        foreach (var line in ChildProcess.Run(program, [loop.Path]).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ').Select(static w => ulong.Parse(w.TrimStart('-'), CultureInfo.InvariantCulture)).ToArray();
            if (words[1] != 0)
                continue; // loop devices have no such request (HDIO_GETGEO)
            var (request, bytes) = ask.Single(a => a.Request == words[0]);
            Assert.Equal((request, bytes), (request, (int)words[2]));
            if (same.Contains(request))
                Assert.Equal((request, (long)words[3]), (request, await device.Number(handle, request)));
        }
    }

    [Fact]
    public async Task A_disk_tells_what_programs_that_make_file_systems_ask()
    {
        await using var device = await Devices.Made("vudevramdisk", options: "size=10M");
        var handle = await device.Open();
        Assert.Equal(20480, await device.Number(handle, BlockIoctl.BLKGETSIZE));
        Assert.Equal(10 << 20, await device.Number(handle, BlockIoctl.BLKGETSIZE64));
        Assert.Equal(512, await device.Number(handle, BlockIoctl.BLKSSZGET));
        Assert.Equal(512, await device.Number(handle, BlockIoctl.BLKPBSZGET));
        Assert.Equal(512, await device.Number(handle, BlockIoctl.BLKIOMIN));
        Assert.Equal(4096, await device.Number(handle, BlockIoctl.BLKBSZGET));
        foreach (var zero in new[] { BlockIoctl.BLKROGET, BlockIoctl.BLKIOOPT, BlockIoctl.BLKALIGNOFF, BlockIoctl.BLKDISCARDZEROES, BlockIoctl.BLKROTATIONAL, BlockIoctl.BLKGETZONESZ })
            Assert.Equal(0, await device.Number(handle, zero));
        Assert.Equal(Errno.None, (await device.Control(handle, BlockIoctl.BLKFLSBUF)).Error);
        Assert.Equal(Errno.None, (await device.Control(handle, BlockIoctl.BLKRASET, argument: 1024)).Error);
        Assert.Equal(1024, await device.Number(handle, BlockIoctl.BLKRAGET));
        foreach (var foreign in new uint[] { 0x5331, 0x2285, 0x5401, 0x4C00, 0x301 << 8 }) // CDROM_GET_CAPABILITY, SG_IO, TCGETS, LOOP_SET_FD
            Assert.Equal(Errno.ENOTTY, (await device.Control(handle, foreign)).Error);
    }

    [Fact]
    public async Task Zeroing_and_discarding_have_the_errors_of_the_kernel()
    {
        await using var device = await Devices.Made("vudevramdisk", options: "size=1M");
        var handle = await device.Open();
        var reader = await device.Open(flags: Devices.ReadOnly);
        await device.Write(handle, 0, [.. Enumerable.Repeat((byte)7, 4096)]);
        foreach (var request in new[] { BlockIoctl.BLKDISCARD, BlockIoctl.BLKZEROOUT })
        {
            Assert.Equal(Errno.EBADF, (await device.Control(reader, request, Devices.Range(0, 512))).Error);
            foreach (var (start, length) in new[] { (1UL, 512UL), (0UL, 511UL), (0UL, 0UL), (0UL, (1UL << 20) + 512), (1UL << 20, 512UL), (ulong.MaxValue - 511, 512UL), (512UL, ulong.MaxValue - 511) })
                Assert.Equal((start, length, Errno.EINVAL), (start, length, (await device.Control(handle, request, Devices.Range(start, length))).Error));
            Assert.Equal(Errno.EFAULT, (await device.Control(handle, request, [1, 2, 3])).Error);
        }

        Assert.Equal(Errno.None, (await device.Control(handle, BlockIoctl.BLKZEROOUT, Devices.Range(512, 512))).Error);
        Assert.Equal(Errno.None, (await device.Control(handle, BlockIoctl.BLKDISCARD, Devices.Range(1024, 512))).Error);
        byte[] expected = [.. Enumerable.Repeat((byte)7, 512), .. new byte[1024], .. Enumerable.Repeat((byte)7, 2560)];
        Assert.Equal(expected, await device.Read(handle, 0, 4096));
        Assert.Equal(Errno.EOPNOTSUPP, (await device.Control(handle, BlockIoctl.BLKSECDISCARD, Devices.Range(0, 512))).Error);
    }

    [Fact]
    public async Task A_block_size_is_a_power_of_two_between_a_sector_and_a_page()
    {
        await using var device = await Devices.Made("vudevramdisk", options: "size=2049");
        var handle = await device.Open();
        Assert.Equal(512, await device.Number(handle, BlockIoctl.BLKBSZGET)); // 2049 sectors are no multiple of more
        foreach (var wrong in new[] { 0, 256, 513, 8192, -512 })
            Assert.Equal(Errno.EINVAL, (await device.Control(handle, BlockIoctl.BLKBSZSET, BitConverter.GetBytes(wrong))).Error);
        Assert.Equal(Errno.None, (await device.Control(handle, BlockIoctl.BLKBSZSET, BitConverter.GetBytes(1024))).Error);
        Assert.Equal(1024, await device.Number(handle, BlockIoctl.BLKBSZGET));
    }
}
