using System.Buffers.Binary;
using System.Net.Sockets;
using Vuos.Actors.Modules.Vudev;
using Vuos.Actors.Modules.Vudev.Nbd;
using Vuos.Actors.Tests.Support;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vudev;

/// <summary>What a real server does too seldom: other orders, nothing, nonsense.</summary>
public sealed class NbdClientTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Replies_come_in_any_order()
    {
        var (client, server) = await Pair();
        var buffers = Enumerable.Range(0, 5).Select(static _ => new byte[4]).ToArray();
        var reads = buffers.Select((b, i) => client.ReadAsync(i * 4, b, default)).ToArray();
        var requests = new List<byte[]>();
        for (var i = 0; i < 5; i++)
            requests.Add(await Take(server, 28));
        foreach (var request in Enumerable.Reverse(requests))
            await Reply(server, request, 0, [request[23], 1, 2, 3]);
        Assert.All(await Task.WhenAll(reads), static e => Assert.Equal(Errno.None, e));
        for (var i = 0; i < 5; i++)
            Assert.Equal([(byte)(i * 4), 1, 2, 3], buffers[i]);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_read_that_is_given_up_leaves_its_buffer_alone_and_the_stream_in_order()
    {
        var (client, server) = await Pair();
        using var cancel = new CancellationTokenSource();
        var buffer = new byte[100_000];
        var read = client.ReadAsync(0, buffer, cancel.Token);
        var request = await Take(server, 28);
        await cancel.CancelAsync();
        Assert.Equal(Errno.EINTR, await read);
        await Reply(server, request, 0, [.. Enumerable.Repeat((byte)9, 100_000)]);
        var small = new byte[2];
        var next = client.ReadAsync(0, small, default);
        await Reply(server, await Take(server, 28), 0, [7, 8]);
        Assert.Equal(Errno.None, await next);
        Assert.Equal([7, 8], small);
        Assert.All(buffer, static b => Assert.Equal(0, b));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_write_is_not_given_up_once_it_is_sent()
    {
        var (client, server) = await Pair();
        using var cancel = new CancellationTokenSource();
        var write = client.WriteAsync(0, new byte[] { 1 }, cancel.Token);
        var request = await Take(server, 28);
        await Take(server, 1);
        await cancel.CancelAsync();
        Assert.False(write.IsCompleted);
        await Reply(server, request, (uint)Errno.ENOSPC, []);
        Assert.Equal(Errno.ENOSPC, await write);
        await client.DisposeAsync();
    }

    [Theory]
    [InlineData(false)] // the server goes
    [InlineData(true)] // it talks nonsense
    public async Task When_the_connection_ends_everything_answers_EIO(bool nonsense)
    {
        var (client, server) = await Pair();
        var asked = new[] { client.ReadAsync(0, new byte[512], default), client.FlushAsync(default), client.WriteAsync(0, new byte[512], default) };
        if (nonsense)
            await server.SendAsync(new byte[16]);
        else
            server.Dispose();
        Assert.All(await Task.WhenAll(asked), static e => Assert.Equal(Errno.EIO, e));
        await client.Ended;
        Assert.Equal(Errno.EIO, await client.ReadAsync(0, new byte[1], default));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Commands_the_server_lacks_are_not_sent()
    {
        var (client, _) = await Pair(NbdFlags.HasFlags);
        Assert.Equal(Errno.None, await client.FlushAsync(default));
        Assert.Equal(Errno.EOPNOTSUPP, await client.TrimAsync(0, 512, default));
        Assert.Equal(Errno.EOPNOTSUPP, await client.ZeroAsync(0, 512, default));
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_client_of_a_server_that_hangs_can_be_ended()
    {
        var (client, _) = await Pair();
        var read = client.ReadAsync(0, new byte[512], default);
        await client.DisposeAsync();
        Assert.Equal(Errno.EIO, await read);
    }

    [Fact]
    public async Task A_sync_of_a_partition_waits_for_the_servers_flush()
    {
        var (client, server) = await Pair();
        var options = DeviceOptions.Parse(new MountRequest { Type = "test", Source = "none" }, block: true).Options;
        var device = new BlockFileSystem(options, new Disk(new NbdDevice(client, Stream.Null, readOnly: false)));
        Assert.Equal(Errno.None, (await device.Control(await device.Open(), BlockIoctl.BLKPG, Devices.PartitionRequest(1, 1, 65536, 65536))).Error);
        var handle = await device.Open(1);
        foreach (var error in new[] { Errno.None, Errno.EIO })
        {
            var sync = device.Sync(handle);
            var request = await Take(server, 28);
            Assert.Equal((byte)NbdCommand.Flush, request[7]);
            Assert.False(sync.IsCompleted);
            await Reply(server, request, (uint)error, []);
            Assert.Equal(error, await sync);
        }

        server.Dispose();
        await device.DisposeAsync();
    }

    private static async Task<byte[]> Take(Socket socket, int length)
    {
        var bytes = new byte[length];
        for (var done = 0; done < length;)
        {
            var now = await socket.ReceiveAsync(bytes.AsMemory(done), SocketFlags.None);
            Assert.NotEqual(0, now);
            done += now;
        }

        return bytes;
    }

    private static async Task Reply(Socket socket, byte[] request, uint error, byte[] data)
    {
        var reply = new byte[16];
        BinaryPrimitives.WriteUInt32BigEndian(reply, NbdProtocol.ReplyMagic);
        BinaryPrimitives.WriteUInt32BigEndian(reply.AsSpan(4), error);
        request.AsSpan(8, 8).CopyTo(reply.AsSpan(8));
        await socket.SendAsync(reply);
        for (var done = 0; done < data.Length;)
            done += await socket.SendAsync(data.AsMemory(done), SocketFlags.None);
    }

    /// <summary>A client that has negotiated, and the server's end.</summary>
    private async Task<(NbdClient Client, Socket Server)> Pair(NbdFlags flags = NbdFlags.HasFlags | NbdFlags.SendFlush | NbdFlags.SendTrim | NbdFlags.SendWriteZeroes)
    {
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var place = new UnixDomainSocketEndPoint(_directory.At("socket"));
        listener.Bind(place);
        listener.Listen();
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(place);
        var server = await listener.AcceptAsync();
        var client = NbdClient.StartAsync(socket, "", default);
        var hello = new byte[18];
        BinaryPrimitives.WriteUInt64BigEndian(hello, NbdProtocol.Magic);
        BinaryPrimitives.WriteUInt64BigEndian(hello.AsSpan(8), NbdProtocol.OptionMagic);
        BinaryPrimitives.WriteUInt16BigEndian(hello.AsSpan(16), NbdProtocol.FixedNewstyle | NbdProtocol.NoZeroes);
        await server.SendAsync(hello);
        await Take(server, 4 + 16 + 6);
        await server.SendAsync(OptionReply(NbdProtocol.ReplyInfo, [0, 0, 0, 0, 0, 0, 0, 16, 0, 0, (byte)((ushort)flags >> 8), (byte)flags]));
        await server.SendAsync(OptionReply(NbdProtocol.ReplyAck, []));
        var started = await client;
        Assert.Equal(new NbdExport(1 << 20, flags), started.Export);
        return (started, server);
    }

    private static byte[] OptionReply(uint type, byte[] data)
    {
        var reply = new byte[20];
        BinaryPrimitives.WriteUInt64BigEndian(reply, NbdProtocol.OptionReplyMagic);
        BinaryPrimitives.WriteUInt32BigEndian(reply.AsSpan(8), NbdProtocol.OptionGo);
        BinaryPrimitives.WriteUInt32BigEndian(reply.AsSpan(12), type);
        BinaryPrimitives.WriteUInt32BigEndian(reply.AsSpan(16), (uint)data.Length);
        return [.. reply, .. data];
    }
}
