using Vuos.Actors.Calls.Virtual;
using Vuos.Actors.Tests.Virtual.Content;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Virtual;

/// <summary>ftruncate, fallocate and lseek of a file with direct I/O and of one that is loaded in part: what the guest's memfd is says nothing about the file.</summary>
public sealed class VirtualSpaceTests
{
    private const int Size = 20_000, KeepSize = 1, PunchHole = 2, ZeroRange = 16, SeekSet = 0, SeekCurrent = 1, SeekEnd = 2, SeekData = 3, SeekHole = 4;

    public static TheoryData<bool> Kinds => [true, false];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Ftruncate_cuts_and_grows_the_file(bool direct)
    {
        await using var file = await MakeAsync(direct);
        Assert.Equal(0, Do(file, Nr.Ftruncate, 100));
        Assert.Equal(ContentRig.Bytes(Size)[..100], file.Server.Content);
        Assert.Equal(0, Do(file, Nr.Ftruncate, 9000));
        Assert.Equal((9000, (byte)0), (file.Server.Content.Length, file.Server.Content[8999]));
        Assert.Equal(-(long)Errno.EINVAL, Do(file, Nr.Ftruncate, -1));
        Assert.Equal(9000, file.Server.Content.Length);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Fallocate_grows_and_zeroes_the_file(bool direct)
    {
        await using var file = await MakeAsync(direct);
        var expected = ContentRig.Bytes(Size);
        Assert.Equal(0, Do(file, Nr.Fallocate, KeepSize, Size, 500));
        Assert.Equal(expected, file.Server.Content);
        Assert.Equal(0, Do(file, Nr.Fallocate, KeepSize | PunchHole, 5000, 6000));
        expected.AsSpan(5000, 6000).Clear();
        Assert.Equal(expected, file.Server.Content);
        Assert.Equal(0, Do(file, Nr.Fallocate, ZeroRange, 19_000, 2000));
        Array.Resize(ref expected, 21_000);
        expected.AsSpan(19_000).Clear();
        Assert.Equal(expected, file.Server.Content);
        Assert.Equal(0, Do(file, Nr.Fallocate, 0, 22_000, 1));
        Assert.Equal(22_001, file.Server.Content.Length);
        Assert.Equal(-(long)Errno.EINVAL, Do(file, Nr.Fallocate, 0, 0, 0));
        Assert.Equal(-(long)Errno.EINVAL, Do(file, Nr.Fallocate, 0, -1, 1));
        Assert.Equal(-(long)Errno.EFBIG, Do(file, Nr.Fallocate, 0, long.MaxValue, 1));
        Assert.Equal(22_001, file.Server.Content.Length);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Fallocate_that_the_server_lacks_is_not_supported(bool direct)
    {
        await using var file = await OpenedFile.MakeAsync(new ServerDouble { Allocates = false, OpensWith = direct ? OpenTraits.Direct : OpenTraits.None }, Size);
        Assert.Equal(-(long)Errno.EOPNOTSUPP, Do(file, Nr.Fallocate, 0, Size, 500));
        Assert.Equal(ContentRig.Bytes(Size), file.Server.Content);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Who_may_only_read_changes_nothing(bool direct)
    {
        await using var file = await MakeAsync(direct, flags: 0);
        Assert.Equal(-(long)Errno.EINVAL, Do(file, Nr.Ftruncate, 100));
        Assert.Equal(-(long)Errno.EBADF, Do(file, Nr.Fallocate, 0, Size, 500));
        Assert.Equal(ContentRig.Bytes(Size), file.Server.Content);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Lseek_finds_data_everywhere_and_a_hole_at_the_end(bool direct)
    {
        await using var file = await MakeAsync(direct);
        Assert.Equal(5000, Do(file, Nr.Lseek, 5000, SeekData));
        Assert.Equal(5000, Do(file, Nr.Lseek, 0, SeekCurrent));
        Assert.Equal(Size, Do(file, Nr.Lseek, 5000, SeekHole));
        Assert.Equal(Size, Do(file, Nr.Lseek, 0, SeekCurrent));
        foreach (var whence in (int[])[SeekData, SeekHole])
        {
            Assert.Equal(-(long)Errno.ENXIO, Do(file, Nr.Lseek, Size, whence));
            Assert.Equal(-(long)Errno.ENXIO, Do(file, Nr.Lseek, -1, whence));
        }

        Assert.Equal(Size - 7, Do(file, Nr.Lseek, -7, SeekEnd));
        Assert.Equal(-(long)Errno.EINVAL, Do(file, Nr.Lseek, -Size - 1, SeekEnd));
        Assert.Equal(3, Do(file, Nr.Lseek, 3, SeekSet));
    }

    [Fact]
    public async Task The_end_of_a_direct_file_is_where_the_server_has_it()
    {
        await using var file = await MakeAsync(direct: true);
        file.Server.Content = ContentRig.Bytes(30_000);
        Assert.Equal(30_000, Do(file, Nr.Lseek, 0, SeekEnd));
        Assert.Equal(25_000, Do(file, Nr.Lseek, 25_000, SeekData));
        Assert.Equal(30_000, Do(file, Nr.Lseek, 25_000, SeekHole));
    }

    private static async Task<OpenedFile> MakeAsync(bool direct, int flags = OpenFlag.RdWr)
    {
        var file = await OpenedFile.MakeAsync(new ServerDouble { OpensWith = direct ? OpenTraits.Direct : OpenTraits.None }, Size, flags);
        Assert.True(direct ? file.Open is DirectFile { IsRegular: true } : file.Open is OpenFile { Content.IsPartial: true });
        return file;
    }

    private static long Do(OpenedFile file, int number, params ReadOnlySpan<long> arguments)
    {
        var space = new VirtualSpace(file.Resolver, file.Fetch);
        return file.Do((call, mount) => space.Serve(call, file.Open, mount), number, [file.Descriptor, .. arguments]);
    }
}
