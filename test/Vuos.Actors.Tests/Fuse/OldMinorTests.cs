using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;
using static Vuos.Actors.Tests.Fuse.Samples;
using static Vuos.Actors.Tests.Fuse.ScriptedServer;

namespace Vuos.Actors.Tests.Fuse;

/// <summary>Servers that speak an older minor: sizes are those of their time (FUSE_COMPAT_*).</summary>
public class OldMinorTests : FuseTest
{
    private static readonly byte[] Name = "ab"u8.ToArray();

    [Theory]
    [InlineData(8u, true)]
    [InlineData(9u, false)]
    public async Task Entries_and_attributes(uint minor, bool old)
    {
        await using var server = await MountAsync(minor);
        var lookup = server.Files.LookupAsync(1, Name, Me, default);
        server.Reply(server.Next(FuseOpcode.Lookup), Entry(old: old));
        Assert.Equal(Node(old: old), (await lookup).Value);

        var attributes = server.Files.GetAttributesAsync(9, 5, Me, default);
        var message = server.Next(FuseOpcode.GetAttr);
        Assert.Equal(old ? [] : Bytes(1u, 0u, 5ul), message.Body);
        server.Reply(message, AttrOut(old: old));
        Assert.Equal(Attributes(old: old), (await attributes).Value.Attributes);

        // The other size is wrong then.
        lookup = server.Files.LookupAsync(1, Name, Me, default);
        server.Reply(server.Next(FuseOpcode.Lookup), Entry(old: !old));
        Assert.Equal(Errno.EIO, (await lookup).Error);
    }

    [Theory]
    [InlineData(8u, 24)]
    [InlineData(9u, 40)]
    public async Task Writes(uint minor, int size)
    {
        await using var server = await MountAsync(minor);
        var pending = server.Files.WriteAsync(9, 5, 30, "data"u8.ToArray(), Me, default);
        var message = server.Next(FuseOpcode.Write);
        Assert.Equal("data"u8, message.Body.AsSpan(size));
        server.Reply(message, 4u, 0u);
        Assert.Equal(4, (await pending).Value);
    }

    [Theory]
    [InlineData(8u, true)]
    [InlineData(11u, false)]
    [InlineData(12u, false)]
    public async Task Creation(uint minor, bool oldEntry)
    {
        await using var server = await MountAsync(minor);
        var create = server.Files.CreateAsync(1, Name, 0x1A4, 2, Me, default);
        var message = server.Next(FuseOpcode.Create);
        Assert.Equal(minor < 12 ? Bytes(0x42u, Regular, "ab") : Bytes(0x42u, Regular, 0x12u, 0u, "ab"), message.Body);
        server.Reply(message, Entry(old: oldEntry), 5ul, 4u, 0u);
        Assert.Equal(new CreateResult(Node(old: oldEntry), new OpenResult(5, OpenTraits.NonSeekable)), (await create).Value);

        _ = server.Files.MakeNodeAsync(1, Name, Fifo, 3, Me, default);
        Assert.Equal(minor < 12 ? Bytes(Fifo, 3u, "ab") : Bytes(Fifo, 3u, 0x12u, 0u, "ab"), server.Next(FuseOpcode.MkNod).Body);
    }

    [Fact]
    public async Task Status_before_7_4()
    {
        await using var server = await MountAsync(3);
        var pending = server.Files.StatusAsync(1, Me, default);
        server.Reply(server.Next(FuseOpcode.StatFs), 1ul, 2ul, 3ul, 4ul, 5ul, 512u, 255u);
        var status = (await pending).Value;
        Assert.Equal((1L, 512u, 512u), (status.Blocks, status.BlockSize, status.FragmentSize));
    }

    /// <summary>FUSE_COMPAT_INIT_OUT_SIZE and FUSE_COMPAT_22_INIT_OUT_SIZE.</summary>
    [Theory]
    [InlineData(4u, 8, 4096)]
    [InlineData(22u, 24, 65536)]
    public async Task Short_answers_to_init(uint minor, int size, int maxWrite)
    {
        await using var server = Start();
        var started = server.Files.StartAsync(Request, default).AsTask();
        server.Reply(server.Next(FuseOpcode.Init), Bytes(7u, minor, 0u, (uint)FuseInitFlags.BigWrites, 0u, 65536u)[..size]);
        Assert.Equal(maxWrite, (await started).Value.MaxWrite);
    }

    [Fact]
    public async Task Without_big_writes_a_write_is_a_page()
    {
        await using var server = await MountAsync(flags: 0);
        Assert.Equal(4096, server.Files.Traits.MaxWrite);
        var pending = server.Files.WriteAsync(9, 5, 0, new byte[6000], Me, default);
        foreach (var (offset, length) in new[] { (0, 4096), (4096, 1904) })
        {
            var message = server.Next(FuseOpcode.Write);
            Assert.Equal(((ulong)offset, (uint)length), (BitConverter.ToUInt64(message.Body, 8), BitConverter.ToUInt32(message.Body, 16)));
            Assert.Equal(40 + length, message.Body.Length);
            server.Reply(message, (uint)length, 0u);
        }

        Assert.Equal(6000, (await pending).Value);
    }

    [Theory]
    [InlineData(15u)]
    [InlineData(16u)]
    public async Task Forgets(uint minor)
    {
        await using var server = await MountAsync(minor);
        foreach (var node in new[] { 20ul, 21ul, 20ul })
        {
            var lookup = server.Files.LookupAsync(1, Name, Me, default);
            server.Reply(server.Next(FuseOpcode.Lookup), Entry(node));
            await lookup;
        }

        // More than was counted is never told.
        server.Files.Forget(20, 5);
        server.Files.Forget(21, 1);
        server.Files.Forget(21, 1);
        server.Files.Forget(1, 1);
        if (minor < 16)
        {
            var first = server.Next(FuseOpcode.Forget);
            Assert.Equal((20ul, 2ul), (first.Header.Node, BitConverter.ToUInt64(first.Body)));
            Assert.Equal(21ul, server.Next(FuseOpcode.Forget).Header.Node);
        }
        else
        {
            Assert.Equal(Bytes(2u, 0u, 20ul, 2ul, 21ul, 1ul), server.Next(FuseOpcode.BatchForget).Body);
        }
    }

    [Theory]
    [InlineData(6u)]
    [InlineData(8u)]
    public async Task Another_major_is_refused(uint major)
    {
        await using var server = Start();
        var started = server.Files.StartAsync(Request, default).AsTask();
        server.Reply(server.Next(FuseOpcode.Init), major, 45u, new byte[56]);
        Assert.Equal(Errno.ECONNREFUSED, (await started).Error);
        Assert.Equal(Errno.ECONNREFUSED, (await server.Files.LookupAsync(1, Name, Me, default)).Error);
    }
}
