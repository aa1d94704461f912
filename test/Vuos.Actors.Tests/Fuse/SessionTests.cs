using System.Security.Cryptography;
using Vuos.Actors.Modules.Fuse;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;
using static Vuos.Actors.Tests.Fuse.Samples;
using static Vuos.Actors.Tests.Fuse.ScriptedServer;

namespace Vuos.Actors.Tests.Fuse;

/// <summary>The connection itself: pieces, nonsense, death, crowds, and who waits for whom.</summary>
public class SessionTests : FuseTest
{
    private static readonly byte[] Name = "ab"u8.ToArray();

    [Fact]
    public void The_default_send_buffer_is_enough_for_128_KiB()
    {
        var session = FuseSession.Create().Value;
        Assert.Equal(128 * 1024, session.MaxTransfer);
        Assert.True(session.MaxMessage >= 212_992 - 32);
        Assert.Same(session, FuseSessions.Find(session.ServerInode));
        session.Abort();
    }

    [Fact]
    public async Task Operations_wait_for_init_and_mounting_does_not()
    {
        await using var server = Start();
        var lookup = server.Files.LookupAsync(1, Name, Me, default).AsTask();
        var started = server.Files.StartAsync(Request, default);
        var init = server.Next(FuseOpcode.Init);
        Assert.False(started.IsCompleted || lookup.IsCompleted || server.Waiting);
        server.Reply(init, 7u, 8u);
        await started;
        // In the size of the version that was agreed on meanwhile.
        server.Reply(server.Next(FuseOpcode.Lookup), Entry(old: true));
        Assert.Equal(9ul, (await lookup).Value.Node);
    }

    [Fact]
    public async Task A_descriptor_is_mounted_once()
    {
        await using var server = await MountAsync();
        FuseMountOptions.Parse(Options, false, out var options);
        Assert.Equal(Errno.EINVAL, (await new FuseFileSystem(server.Session, options, new Notices()).StartAsync(Request, default)).Error);
    }

    [Theory]
    [InlineData(65536)]
    [InlineData(4096)]
    [InlineData(16)]
    public async Task An_answer_in_pieces(int piece)
    {
        await using var server = await MountAsync();
        var content = RandomNumberGenerator.GetBytes(100_000);
        var buffer = new byte[content.Length];
        var read = server.Files.ReadAsync(9, 5, 0, buffer, Me, default);
        var other = server.Files.AccessAsync(1, 0, Me, default);
        var first = server.Next(FuseOpcode.Read);
        var second = server.Next(FuseOpcode.Access);
        var whole = Answer(first.Header.Unique, Errno.None, content);
        server.Send(whole.AsSpan(0, piece));
        // Another answer may come between pieces.
        server.Reply(second);
        Assert.Equal(Errno.None, await other);
        for (var at = piece; at < whole.Length; at += Math.Max(piece, 1000))
            server.Send(whole.AsSpan(at, Math.Min(Math.Max(piece, 1000), whole.Length - at)));
        Assert.Equal(content.Length, (await read).Value);
        Assert.Equal(content, buffer);
    }

    [Fact]
    public async Task Pieces_of_two_answers_mixed_are_read_again_one_by_one()
    {
        await using var server = await MountAsync();
        var contents = new[] { RandomNumberGenerator.GetBytes(100_000), RandomNumberGenerator.GetBytes(90_000) };
        var buffers = contents.Select(static c => new byte[c.Length]).ToArray();
        var reads = buffers.Select((b, i) => server.Files.ReadAsync(9, (ulong)i, 0, b, Me, default).AsTask()).ToArray();
        var wholes = contents.Select(c => Answer(server.Next(FuseOpcode.Read).Header.Unique, Errno.None, c)).ToArray();
        for (var at = 0; at < 100_016; at += 65536)
        {
            foreach (var whole in wholes)
                server.Send(whole.AsSpan(at, Math.Min(65536, whole.Length - at)));
        }

        for (var i = 0; i < 2; i++)
        {
            var message = server.Next(FuseOpcode.Read);
            Assert.False(server.Waiting);
            server.Reply(message, contents[BitConverter.ToUInt64(message.Body)]);
        }

        await Task.WhenAll(reads);
        Assert.Equal(contents, buffers);
    }

    [Fact]
    public async Task A_large_read_is_several_messages_at_once_and_ends_where_the_file_ends()
    {
        await using var server = await MountAsync();
        var content = RandomNumberGenerator.GetBytes(300_000);
        var buffer = new byte[500_000];
        var read = server.Files.ReadAsync(9, 5, 1000, buffer, Me, default).AsTask();
        var messages = Enumerable.Range(0, 4).Select(_ => server.Next(FuseOpcode.Read)).ToArray();
        // In any order.
        foreach (var message in messages.Reverse())
        {
            var (offset, size) = ((int)BitConverter.ToUInt64(message.Body, 8) - 1000, (int)BitConverter.ToUInt32(message.Body, 16));
            server.Reply(message, content[Math.Min(offset, content.Length)..Math.Min(offset + size, content.Length)]);
        }

        Assert.Equal(content.Length, (await read).Value);
        Assert.Equal(content, buffer.AsSpan(0, content.Length));
    }

    [Fact]
    public async Task A_large_write_ends_where_the_server_ends_it()
    {
        await using var server = await MountAsync(maxWrite: 65536);
        var write = server.Files.WriteAsync(9, 5, 0, new byte[200_000], Me, default).AsTask();
        server.Reply(server.Next(FuseOpcode.Write), 65536u, 0u);
        server.Reply(server.Next(FuseOpcode.Write), 100u, 0u);
        Assert.Equal(65636, (await write).Value);

        write = server.Files.WriteAsync(9, 5, 0, new byte[100_000], Me, default).AsTask();
        server.Reply(server.Next(FuseOpcode.Write), 65536u, 0u);
        server.Fail(server.Next(FuseOpcode.Write), Errno.ENOSPC);
        Assert.Equal(65536, (await write).Value);
    }

    public static TheoryData<byte[]> Nonsense =>
    [
        new byte[15],
        Bytes(15u, 0, 2ul),
        Bytes(16u, 1, 1ul << 40),
        Bytes(16u, -512, 1ul << 40),
        Bytes(8u, 0, 1ul << 40, 0ul),
        Bytes(uint.MaxValue, 0, 1ul << 40),
        Bytes(16u, 0, 0ul),
        Bytes(17u, 1, 0ul, new byte[1]),
        Bytes(24u, 2, 0ul, new byte[8]),
        Bytes(20u, 1, 0ul),
    ];

    [Theory]
    [MemberData(nameof(Nonsense))]
    public async Task Nonsense_ends_the_session(byte[] message)
    {
        await using var server = await MountAsync();
        var pending = server.Files.AccessAsync(1, 0, Me, default);
        server.Next(FuseOpcode.Access);
        server.Send(message);
        Assert.Equal(Errno.ENOTCONN, await pending);
        await server.Session.Ended;
        Assert.Equal(Errno.ENOTCONN, await server.Files.AccessAsync(1, 0, Me, default));
        Assert.Null(server.Read());
    }

    [Fact]
    public async Task Answers_to_nothing_are_ignored()
    {
        await using var server = await MountAsync();
        server.Send(Answer(1ul << 40, Errno.None, new byte[100]));
        server.Send(Answer(1ul << 40 | 1, Errno.EAGAIN, []));
        var pending = server.Files.AccessAsync(1, 0, Me, default);
        server.Reply(server.Next(FuseOpcode.Access));
        Assert.Equal(Errno.None, await pending);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_dead_server_is_not_connected(bool unread)
    {
        await using var server = await MountAsync();
        var pending = Enumerable.Range(0, 100).Select(_ => server.Files.AccessAsync(1, 0, Me, default).AsTask()).ToArray();
        if (!unread)
        {
            while (server.Waiting)
                server.Read();
        }

        server.Die();
        Assert.All(await Task.WhenAll(pending), static e => Assert.Equal(Errno.ENOTCONN, e));
        Assert.Equal(Errno.ENOTCONN, (await server.Files.LookupAsync(1, Name, Me, default)).Error);
        server.Files.Forget(9, 1);
        Assert.Equal(FuseSessionState.Ended, server.Session.State);
    }

    [Fact]
    public async Task A_server_that_dies_before_init_is_answered_refuses_the_mount()
    {
        await using var server = Start();
        var started = server.Files.StartAsync(Request, default).AsTask();
        var lookup = server.Files.LookupAsync(1, Name, Me, default).AsTask();
        server.Die();
        Assert.Equal((Errno.ENOTCONN, Errno.ENOTCONN), ((await started).Error, (await lookup).Error));
    }

    [Fact]
    public async Task Many_at_once_each_get_their_own_answer()
    {
        const int Count = 2000;
        await using var server = await MountAsync();
        using var done = new CancellationTokenSource();
        var serving = Task.Run(() =>
        {
            var random = new Random(1);
            var held = new List<Message>();
            for (var seen = 0; seen < Count; seen++)
            {
                held.Add(server.Next(FuseOpcode.Lookup));
                // Answered late and in another order, as a server with threads does.
                while (held.Count > 8 || (seen == Count - 1 && held.Count > 0))
                {
                    var pick = random.Next(held.Count);
                    server.Reply(held[pick], Entry(ulong.Parse(held[pick].Text.TrimEnd('|'))));
                    held.RemoveAt(pick);
                }
            }
        });
        var lookups = Enumerable.Range(100, Count).AsParallel().WithDegreeOfParallelism(8)
            .Select(i => (i, server.Files.LookupAsync(1, System.Text.Encoding.UTF8.GetBytes($"{i}"), Me, default).AsTask())).ToArray();
        foreach (var (i, lookup) in lookups)
            Assert.Equal((ulong)i, (await lookup).Value.Node);
        await serving;
    }

    [Fact]
    public async Task A_server_that_does_not_read_stops_nobody()
    {
        await using var server = await MountAsync();
        // Far more than the send buffer holds; none of these calls may block.
        var count = server.Session.MaxMessage / 10_000 * 3;
        var pending = Enumerable.Range(0, count).Select(_ => server.Files.WriteAsync(9, 5, 0, new byte[10_000], Me, default).AsTask()).ToArray();
        for (var i = 0; i < count; i++)
            server.Reply(server.Next(FuseOpcode.Write), 10_000u, 0u);
        Assert.All(await Task.WhenAll(pending), static a => Assert.Equal(10_000, a.Value));
    }

    [Fact]
    public async Task Continuations_run_where_the_answer_arrives()
    {
        await using var server = await MountAsync();
        var pending = server.Files.AccessAsync(1, 0, Me, default);
        var where = Continue();
        server.Reply(server.Next(FuseOpcode.Access));
        Assert.Equal("fuse", await where);

        async Task<string?> Continue()
        {
            await pending.ConfigureAwait(false);
            return Thread.CurrentThread.Name;
        }
    }

    [Fact]
    public async Task Thousands_of_forgets_are_few_messages()
    {
        await using var server = await MountAsync();
        for (var i = 0u; i < 1000; i++)
        {
            var lookup = server.Files.LookupAsync(1, Name, Me, default);
            server.Reply(server.Next(FuseOpcode.Lookup), Entry(100 + i));
            await lookup;
        }

        for (var i = 0u; i < 1000; i++)
            server.Files.Forget(100 + i, 1);
        var told = new List<ulong>();
        var messages = 0;
        while (told.Count < 1000)
        {
            var message = server.Read()!;
            messages++;
            if (message.Header.Opcode == FuseOpcode.Forget)
                told.Add(message.Header.Node);
            else
                told.AddRange(Enumerable.Range(0, BitConverter.ToInt32(message.Body)).Select(i => BitConverter.ToUInt64(message.Body, 8 + 16 * i)));
        }

        Assert.Equal(Enumerable.Range(100, 1000).Select(static n => (ulong)n), told.Order());
        Assert.True(messages < 100, $"{messages} messages");
    }
}
