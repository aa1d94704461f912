using Vuos.FileSystems.Tests.Support;
using Vuos.Native;
using Vuos.Native.Kernel;
using static Vuos.FileSystems.Tests.Support.Session;

namespace Vuos.FileSystems.Tests.Behaviour;

/// <summary>Reading, writing, holes and lengths.</summary>
public abstract partial class BehaviourTests
{
    private const long Far = (5L << 30) + 123;

    [Fact]
    public async Task Reads_end_where_the_file_ends()
    {
        var node = await Fs.File("f", "0123456789");
        Assert.Equal("789", global::System.Text.Encoding.UTF8.GetString(await Fs.Read(node, 7, 100)));
        Assert.Empty(await Fs.Read(node, 10, 10));
        Assert.Empty(await Fs.Read(node, Far, 10));
        await Fs.Write(node, 12, Bytes("ab"));
        Assert.Equal("0123456789\0\0ab", await Fs.Text(node));
    }

    [Fact]
    public async Task What_was_cut_off_is_zero_when_the_file_grows_again()
    {
        var node = await Fs.File("f", new string('x', 10_000));
        Good(await Fs.Change(node, new AttributeChange { Size = 100 }));
        Assert.Equal(10_000, Good(await Fs.Change(node, new AttributeChange { Size = 10_000 })).Attributes.Size);
        var content = await Fs.Read(node);
        Assert.Equal(100, content.Count(static b => b == 'x'));
        Assert.Equal(9_900, content.Count(static b => b == 0));
    }

    [Fact]
    public async Task Beyond_four_gigabytes_there_is_room_and_holes_cost_nothing()
    {
        var node = await Fs.File("f");
        await Fs.Write(node, Far, Bytes("end"));
        var stat = await Fs.Stat(node);
        Assert.Equal(Far + 3, stat.Size);
        Assert.InRange(stat.Blocks, 1, 4096);
        Assert.Equal("end", global::System.Text.Encoding.UTF8.GetString(await Fs.Read(node, Far, 100)));
        Assert.All(await Fs.Read(node, 1L << 32, 4096), static b => Assert.Equal(0, b));
    }

    [Fact]
    public async Task Data_and_holes_are_found()
    {
        var node = await Fs.File("f");
        await Fs.Write(node, 1 << 20, new byte[4096]);
        Good(await Fs.Change(node, new AttributeChange { Size = 3 << 20 }));
        var handle = await Fs.Open(node);
        Assert.Equal(1 << 20, Good(await System.SeekAsync(node, handle, 0, OpenFiles.SeekData, Fs.Me, default)));
        Assert.Equal(0, Good(await System.SeekAsync(node, handle, 0, OpenFiles.SeekHole, Fs.Me, default)));
        Assert.Equal((1 << 20) + 4096, Good(await System.SeekAsync(node, handle, 1 << 20, OpenFiles.SeekHole, Fs.Me, default)));
        Assert.Equal(Errno.ENXIO, (await System.SeekAsync(node, handle, 2 << 20, OpenFiles.SeekData, Fs.Me, default)).Error);
        Assert.Equal(Errno.ENXIO, (await System.SeekAsync(node, handle, 3 << 20, OpenFiles.SeekHole, Fs.Me, default)).Error);
        await Fs.Close(node, handle);
    }

    [Fact]
    public async Task Fallocate_keeps_what_it_promises()
    {
        const uint KeepSize = 1, Punch = 2, Zero = 16;
        var node = await Fs.File("f", new string('x', 16_384));
        var handle = await Fs.Open(node);
        Good(await System.AllocateAsync(node, handle, 0, 32_768, KeepSize, Fs.Me, default));
        Assert.Equal(16_384, (await Fs.Stat(node)).Size);
        Assert.InRange((await Fs.Stat(node)).Blocks, 64, 1024);
        Good(await System.AllocateAsync(node, handle, 0, 20_000, 0, Fs.Me, default));
        Assert.Equal(20_000, (await Fs.Stat(node)).Size);
        Good(await System.AllocateAsync(node, handle, 4_000, 8_000, Punch | KeepSize, Fs.Me, default));
        var content = await Fs.Read(node);
        Assert.Equal(8_384, content.Count(static b => b == 'x'));
        Assert.All(content[4_000..12_000], static b => Assert.Equal(0, b));
        Assert.Equal(Errno.EINVAL, await System.AllocateAsync(node, handle, 0, 0, 0, Fs.Me, default));
        Assert.NotEqual(Errno.None, await System.AllocateAsync(node, handle, 0, 10, Punch, Fs.Me, default));
        var zeroed = await System.AllocateAsync(node, handle, 0, 100, Zero, Fs.Me, default);
        if (zeroed != Errno.EOPNOTSUPP)
            Assert.Equal(new byte[100], (await Fs.Read(node))[..100]);
        await Fs.Close(node, handle);
    }

    [Fact]
    public async Task A_length_cannot_be_negative()
    {
        Assert.Equal(Errno.EINVAL, (await Fs.Change(await Fs.File("f"), new AttributeChange { Size = -1 })).Error);
        Assert.Equal(Errno.EISDIR, (await Fs.Change(await Fs.Folder("d"), new AttributeChange { Size = 0 })).Error);
    }

    [Fact]
    public async Task Writers_at_the_same_time_lose_nothing()
    {
        const int Writers = 8, Pieces = 100, Length = 1_000;
        var node = await Fs.File("f");
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            var handle = await Fs.Open(node);
            var data = Enumerable.Repeat((byte)(writer + 1), Length).ToArray();
            for (var i = 0; i < Pieces; i++)
                Assert.Equal(Length, Good(await Fs.WriteTo(node, handle, (long)(i * Writers + writer) * Length, data)));
            Good(await System.SyncAsync(node, handle, false, Fs.Me, default));
            await Fs.Close(node, handle);
        })));
        var content = await Fs.Read(node, 0, Writers * Pieces * Length + 1);
        Assert.Equal(Writers * Pieces * Length, content.Length);
        for (var i = 0; i < content.Length; i++)
            Assert.True(content[i] == i / Length % Writers + 1, $"byte {i}");
    }

    [Fact]
    public async Task Names_made_and_removed_at_the_same_time_are_all_there_or_gone()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                var node = await Fs.File($"{worker}-{i}");
                Good(await Fs.Rename($"{worker}-{i}", $"kept-{worker}-{i}"));
                if (i % 2 == 1)
                    Good(await Fs.Unlink($"kept-{worker}-{i}"));
                System.Forget(node, 1);
            }
        })));
        Assert.Equal(
            Enumerable.Range(0, 8).SelectMany(static w => Enumerable.Range(0, 100).Select(i => $"kept-{w}-{2 * i}")).Order(StringComparer.Ordinal),
            (await Fs.Names(Root)).Order(StringComparer.Ordinal));
    }
}
