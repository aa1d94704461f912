using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Virtual.Content;

/// <summary>ftruncate(2) and fallocate(2) of files of which only a part is loaded: what is not in memory comes from the file system, and nothing that is gone comes back.</summary>
public sealed class PartialSpaceTests
{
    private const int Size = 200_000;

    private const uint KeepSize = 1, PunchHole = 2, CollapseRange = 8, ZeroRange = 16;

    private static readonly ContentSettings Small = new() { WholeFileLimit = 5000, PartialBytes = 50_000 };

    /// <summary>Inside the first block, at the edge of a block, in the middle, at and behind the end.</summary>
    public static TheoryData<int> Sizes => [0, 1, 4096, 100_001, Size, Size + 10_000];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task A_cut_reaches_the_server_and_what_was_cut_off_stays_away(int size)
    {
        await using var rig = Rig();
        var expected = rig.Server.Content;
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        Assert.True(rig.Content.IsPartial);
        Assert.Equal(0, rig.Server.Reads);
        // A part is loaded, another is written.
        await rig.UseAsync(90_000, 20_000, () => { }, written: false);
        await rig.UseAsync(150_000, 10, () => ContentRig.Write(fd, 150_000, "0123456789"u8), written: true);
        "0123456789"u8.CopyTo(expected.AsSpan(150_000));
        Assert.Equal(Errno.None, await CutAsync(rig, size));
        Array.Resize(ref expected, size);
        Assert.Equal(size, rig.Server.Content.Length);
        Assert.Equal(size, ContentSize(fd));
        await CompareAsync(rig, fd, expected);
        // And longer again: zeros.
        Assert.Equal(Errno.None, await CutAsync(rig, Size));
        Array.Resize(ref expected, Size);
        await CompareAsync(rig, fd, expected);
        Assert.Equal(Errno.None, await rig.SyncAsync());
        Assert.Equal(expected, rig.Server.Content);
        await rig.CloseLastAsync(fd);
        Assert.Equal(expected, rig.Server.Content);
    }

    /// <summary>Whole blocks, parts of one block, parts of two, over the end of the file, behind it.</summary>
    public static TheoryData<uint, int, int, bool> Ranges
    {
        get
        {
            var all = new TheoryData<uint, int, int, bool>();
            foreach (var mode in (uint[])[0, KeepSize, KeepSize | PunchHole, ZeroRange, ZeroRange | KeepSize])
            {
                foreach (var (offset, length) in ((int, int)[])[(8192, 8192), (100, 50), (95_000, 20_001), (4000, 200), (Size - 10, 5000), (Size + 5000, 100)])
                {
                    all.Add(mode, offset, length, false);
                    if (mode > KeepSize)
                        all.Add(mode, offset, length, true);
                }
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Ranges))]
    public async Task Fallocate_makes_of_memory_what_it_makes_of_the_file(uint mode, int offset, int length, bool leavesEdges)
    {
        await using var rig = Rig();
        rig.Server.LeavesEdges = leavesEdges;
        var expected = rig.Server.Content;
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        await rig.UseAsync(90_000, 20_000, () => { }, written: false);
        await rig.UseAsync(4090, 20, () => ContentRig.Write(fd, 4090, "across the edge here"u8), written: true);
        "across the edge here"u8.CopyTo(expected.AsSpan(4090));
        Assert.Equal(Errno.None, await rig.Content.AllocateAsync(offset, length, mode, ContentRig.Guest, CancellationToken.None));
        if ((mode & KeepSize) == 0)
            Array.Resize(ref expected, Math.Max(Size, offset + length));
        if (mode > KeepSize && offset < expected.Length)
            expected.AsSpan(offset, Math.Min(length, expected.Length - offset)).Clear();
        // What guests had written went first.
        Assert.Equal(expected, rig.Server.Content);
        Assert.Equal(expected.Length, ContentSize(fd));
        await CompareAsync(rig, fd, expected);
        await rig.UseAsync(1000, 3, () => ContentRig.Write(fd, 1000, "new"u8), written: true);
        "new"u8.CopyTo(expected.AsSpan(1000));
        Assert.Equal(Errno.None, await rig.SyncAsync());
        Assert.Equal(expected, rig.Server.Content);
        await rig.CloseLastAsync(fd);
        Assert.Equal(expected, rig.Server.Content);
    }

    [Fact]
    public async Task Fallocate_that_moves_content_or_that_the_server_lacks_changes_nothing()
    {
        await using var rig = new ContentRig(new ServerDouble { Allocates = false }, settings: Small);
        rig.Server.Content = ContentRig.Bytes(Size);
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        Assert.Equal(Errno.EOPNOTSUPP, await rig.Content.AllocateAsync(0, 4096, CollapseRange, ContentRig.Guest, CancellationToken.None));
        Assert.Equal(Errno.ENOSYS, await rig.Content.AllocateAsync(0, 4096, KeepSize | PunchHole, ContentRig.Guest, CancellationToken.None));
        await CompareAsync(rig, fd, ContentRig.Bytes(Size));
        await rig.CloseLastAsync(fd);
        Assert.Equal(ContentRig.Bytes(Size), rig.Server.Content);
    }

    private static ContentRig Rig()
    {
        var rig = new ContentRig(settings: Small);
        rig.Server.Content = ContentRig.Bytes(Size);
        return rig;
    }

    private static async Task<Errno> CutAsync(ContentRig rig, long size) => (await rig.Content.CutAsync(size, ContentRig.Guest, CancellationToken.None)).Error;

    private static long ContentSize(int fd)
    {
        Files.Stat(fd, out var stat);
        return stat.Size;
    }

    /// <summary>Reads the file as a guest does, piece by piece.</summary>
    private static async Task CompareAsync(ContentRig rig, int fd, byte[] expected)
    {
        var found = new byte[expected.Length];
        for (var at = 0; at < expected.Length; at += 30_000)
        {
            var piece = found.AsMemory(at, Math.Min(30_000, expected.Length - at));
            await rig.UseAsync(at, piece.Length, () => Assert.Equal(piece.Length, OpenFiles.ReadAllAt(fd, piece.Span, at)), written: false);
        }

        Assert.Equal(expected, found);
    }
}
