using System.Runtime.InteropServices;
using Vuos.Actors.Calls.Virtual;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Tests.Virtual.Content;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Virtual;

/// <summary>sendfile, splice and copy_file_range of a file that is loaded in part: what they read is loaded, what they write reaches the server.</summary>
public sealed class VirtualMovesTests : IDisposable
{
    private const int Size = 300_000, Large = VirtualMoves.MostAtOnce + 100_000;

    private readonly TempDirectory folder = new();
    private readonly int host;

    /// <summary>Offsets that calls read and write.</summary>
    private readonly long[] memory = GC.AllocateArray<long>(2, pinned: true);

    public VirtualMovesTests() => host = (int)Files.Open(Make.Bytes(folder.At("host") + "\0"), OpenFlag.RdWr | OpenFlag.Creat | OpenFlag.CloExec, 0b110_100_100);

    public void Dispose()
    {
        Files.Close(host);
        folder.Dispose();
    }

    [Fact]
    public async Task Sendfile_gives_the_content_in_pieces_and_moves_the_position()
    {
        await using var file = await MakeAsync(Large);
        Assert.Equal(VirtualMoves.MostAtOnce, Do(file, Nr.Sendfile, host, file.Descriptor, 0, int.MaxValue));
        Assert.Equal(Large - VirtualMoves.MostAtOnce, Do(file, Nr.Sendfile, host, file.Descriptor, 0, int.MaxValue));
        Assert.Equal(0, Do(file, Nr.Sendfile, host, file.Descriptor, 0, int.MaxValue));
        Assert.Equal(file.Server.Content, HostContent());
    }

    [Fact]
    public async Task Sendfile_from_an_offset_reads_what_lies_there_and_nothing_else()
    {
        await using var file = await MakeAsync();
        memory[0] = 200_001;
        Assert.Equal(50, Do(file, Nr.Sendfile, host, file.Descriptor, At(0), 50));
        Assert.Equal(200_051, memory[0]);
        Assert.Equal(file.Server.Content[200_001..200_051], HostContent());
        Assert.InRange(file.Server.BytesRead, 50, Size / 2);
        memory[0] = Size;
        Assert.Equal(0, Do(file, Nr.Sendfile, host, file.Descriptor, At(0), 50));
        memory[0] = -1;
        Assert.Equal(-(long)Errno.EINVAL, Do(file, Nr.Sendfile, host, file.Descriptor, At(0), 50));
        Assert.Equal(-(long)Errno.EFAULT, Do(file, Nr.Sendfile, host, file.Descriptor, 1, 50));
    }

    [Fact]
    public async Task Splice_to_a_pipe_gives_the_content()
    {
        await using var file = await MakeAsync();
        var (read, write) = Pipe();
        memory[0] = 123_456;
        Assert.Equal(1000, Do(file, Nr.Splice, file.Descriptor, At(0), write, 0, 1000, 0));
        var found = new byte[1000];
        Assert.Equal(1000, Files.ReadAll(read, found));
        Assert.Equal(file.Server.Content[123_456..124_456], found);
        Files.Close(read);
        Files.Close(write);
    }

    [Fact]
    public async Task What_is_copied_into_a_file_reaches_the_server_and_the_rest_stays()
    {
        await using var file = await MakeAsync();
        var expected = file.Server.Content;
        // Within the file, from and to what is not loaded.
        (memory[0], memory[1]) = (250_003, 100_005);
        Assert.Equal(20_000, Do(file, Nr.CopyFileRange, file.Descriptor, At(0), file.Descriptor, At(1), 20_000, 0));
        expected.AsSpan(250_003, 20_000).CopyTo(expected.AsSpan(100_005));
        // From the host's file to the position, and beyond the end.
        File.WriteAllText(folder.At("host"), "from the host");
        Assert.Equal(Size - 5, Sys.Call(Nr.Lseek, file.Descriptor, Size - 5, 0));
        Assert.Equal(13, Do(file, Nr.Sendfile, file.Descriptor, host, 0, 1000));
        Array.Resize(ref expected, Size + 8);
        "from the host"u8.CopyTo(expected.AsSpan(Size - 5));
        Assert.Equal(Errno.None, await file.Open.SyncAsync(false, ContentRig.Guest, default));
        Assert.Equal(expected, file.Server.Content);
    }

    [Fact]
    public async Task Splice_from_a_pipe_into_a_file_reaches_the_server()
    {
        await using var file = await MakeAsync();
        var expected = file.Server.Content;
        var (read, write) = Pipe();
        Assert.Equal(0, Files.WriteAll(write, "piped"u8));
        memory[0] = 150_000;
        Assert.Equal(5, Do(file, Nr.Splice, read, 0, file.Descriptor, At(0), 5, 0));
        "piped"u8.CopyTo(expected.AsSpan(150_000));
        Files.Close(read);
        Files.Close(write);
        Assert.Equal(Errno.None, await file.Open.SyncAsync(false, ContentRig.Guest, default));
        Assert.Equal(expected, file.Server.Content);
    }

    /// <summary>Address of one of <see cref="memory"/>.</summary>
    private long At(int index) => Marshal.UnsafeAddrOfPinnedArrayElement(memory, index);

    private (int Read, int Write) Pipe()
    {
        Assert.Equal(0, Sys.Call(Nr.Pipe2, At(1), OpenFlag.CloExec));
        return ((int)memory[1], (int)(memory[1] >> 32));
    }

    private static async Task<OpenedFile> MakeAsync(int size = Size)
    {
        var file = await OpenedFile.MakeAsync(new ServerDouble(), size);
        Assert.True(file.Open is OpenFile { Content.IsPartial: true });
        return file;
    }

    private static long Do(OpenedFile file, int number, params ReadOnlySpan<long> arguments)
    {
        var moves = new VirtualMoves(file.Resolver, file.Fetch);
        return file.Do((call, _) => moves.Serve(call)!.Value, number, arguments);
    }

    private byte[] HostContent() => File.ReadAllBytes(folder.At("host"));
}
