using System.Runtime.InteropServices;
using Vuos.Actors.Tests.Virtual.Content;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Virtual;

/// <summary>Reads and writes of a file with direct I/O, which are served one by one.</summary>
public sealed class DirectFileTests
{
    private const int Size = 10_000;

    private static readonly GuestCaller Me = new(Environment.ProcessId, false);

    [Fact]
    public async Task Reads_and_writes_go_to_the_server_and_move_the_position()
    {
        await using var file = await MakeAsync(OpenFlag.RdWr);
        Assert.Equal(5, await WriteAsync(file, "01234"u8.ToArray()));
        Assert.Equal(3, await WriteAsync(file, "end"u8.ToArray(), offset: Size - 1));
        var expected = ContentRig.Bytes(Size);
        Array.Resize(ref expected, Size + 2);
        "01234"u8.CopyTo(expected);
        "end"u8.CopyTo(expected.AsSpan(Size - 1));
        Assert.Equal(expected, file.Server.Content);
        var (next, last, behind) = (await ReadAsync(file, 100), await ReadAsync(file, 100, Size - 8), await ReadAsync(file, 100, Size + 2));
        Assert.Equal(expected[5..105], next);
        Assert.Equal(expected[^10..], last);
        Assert.Empty(behind);
    }

    [Fact]
    public async Task Who_appends_writes_behind_what_anybody_wrote()
    {
        await using var file = await MakeAsync(OpenFlag.WrOnly | OpenFlag.Append);
        Assert.Equal(3, await WriteAsync(file, "one"u8.ToArray()));
        Assert.Equal(3, await WriteAsync(file, "two"u8.ToArray()));
        file.Server.Content = [.. file.Server.Content, (byte)'!'];
        Assert.Equal(5, await WriteAsync(file, "three"u8.ToArray(), offset: 0));
        Assert.Equal([.. ContentRig.Bytes(Size), .. "onetwo!three"u8], file.Server.Content);
    }

    [Fact]
    public async Task Appends_at_the_same_time_lose_nothing()
    {
        await using var file = await MakeAsync(OpenFlag.WrOnly | OpenFlag.Append);
        var second = (DirectFile)await file.OpenAsync(OpenFlag.WrOnly | OpenFlag.Append);
        file.Server.BeforeWrite = static async () => await Task.Yield();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(async () =>
            Assert.Equal(4, await WriteAsync(file, [(byte)i, (byte)i, (byte)i, (byte)i], open: i % 2 == 0 ? null : second)))));
        var added = file.Server.Content[Size..];
        Assert.Equal(80, added.Length);
        Assert.Equal(Enumerable.Range(0, 20), added.Chunk(4).Select(static c => c.Distinct().Single()).Order().Select(static b => (int)b));
    }

    private static Task<OpenedFile> MakeAsync(int flags) => OpenedFile.MakeAsync(new ServerDouble { OpensWith = OpenTraits.Direct }, Size, flags);

    /// <summary>write(2), or pwrite(2) at an offset: the result.</summary>
    private static async Task<long> WriteAsync(OpenedFile file, byte[] data, long offset = -1, DirectFile? open = null)
    {
        var (memory, range) = Pinned(data.Length);
        data.CopyTo(memory, 0);
        var answer = await (open ?? (DirectFile)file.Open).WriteAsync(Environment.ProcessId, Environment.ProcessId, file.Descriptor, [range], offset, Me, default);
        return answer.Result;
    }

    private static async Task<byte[]> ReadAsync(OpenedFile file, int length, long offset = -1)
    {
        var (memory, range) = Pinned(length);
        var answer = await ((DirectFile)file.Open).ReadAsync(Environment.ProcessId, Environment.ProcessId, file.Descriptor, [range], offset, Me, default);
        Assert.InRange(answer.Result, 0, length);
        return memory[..(int)answer.Result];
    }

    private static (byte[] Memory, GuestRange Range) Pinned(int length)
    {
        var memory = GC.AllocateArray<byte>(length, pinned: true);
        return (memory, new GuestRange(Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0), length));
    }
}
