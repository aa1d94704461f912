using Vuos.Native;
using Vuos.Native.Fuse;
using static Vuos.Actors.Tests.Fuse.Samples;
using static Vuos.Actors.Tests.Fuse.ScriptedServer;

namespace Vuos.Actors.Tests.Fuse;

/// <summary>Operations that are cancelled.</summary>
public class InterruptTests : FuseTest
{
    private static readonly byte[] Name = "ab"u8.ToArray();

    [Fact]
    public async Task The_server_is_told_and_its_answer_is_the_operations()
    {
        await using var server = await MountAsync();
        server.Session.InterruptGrace = TimeSpan.FromMinutes(1);
        using var source = new CancellationTokenSource();
        var pending = server.Files.ReadAsync(9, 5, 0, new byte[10], Me, source.Token).AsTask();
        var read = server.Next(FuseOpcode.Read);
        source.Cancel();
        var interrupt = server.Next(FuseOpcode.Interrupt);
        Assert.Equal(read.Header.Unique | 1, interrupt.Header.Unique);
        Assert.Equal(Bytes(read.Header.Unique), interrupt.Body);
        server.Fail(read, Errno.EINTR);
        Assert.Equal(Errno.EINTR, (await pending).Error);

        using var second = new CancellationTokenSource();
        pending = server.Files.ReadAsync(9, 5, 0, new byte[10], Me, second.Token).AsTask();
        read = server.Next(FuseOpcode.Read);
        second.Cancel();
        server.Next(FuseOpcode.Interrupt);
        server.Reply(read, "data"u8.ToArray());
        Assert.Equal(4, (await pending).Value);
    }

    [Fact]
    public async Task A_server_that_has_not_seen_the_request_yet_is_told_again()
    {
        await using var server = await MountAsync();
        server.Session.InterruptGrace = TimeSpan.FromMinutes(1);
        using var source = new CancellationTokenSource();
        var pending = server.Files.AccessAsync(1, 0, Me, source.Token).AsTask();
        var access = server.Next(FuseOpcode.Access);
        source.Cancel();
        server.Fail(server.Next(FuseOpcode.Interrupt), Errno.EAGAIN);
        server.Next(FuseOpcode.Interrupt);
        server.Fail(access, Errno.EINTR);
        Assert.Equal(Errno.EINTR, await pending);
    }

    [Fact]
    public async Task A_server_without_interrupts_is_not_told_any_more()
    {
        await using var server = await MountAsync();
        server.Session.InterruptGrace = TimeSpan.FromMilliseconds(1);
        for (var i = 0; i < 2; i++)
        {
            using var source = new CancellationTokenSource();
            var pending = server.Files.AccessAsync(1, 0, Me, source.Token).AsTask();
            server.Next(FuseOpcode.Access);
            source.Cancel();
            if (i == 0)
                server.Fail(server.Next(FuseOpcode.Interrupt), Errno.ENOSYS);
            Assert.Equal(Errno.EINTR, await pending);
        }

        Assert.False(server.Waiting);
    }

    [Fact]
    public async Task A_hanging_server_is_not_waited_for_and_what_it_gives_late_is_given_back()
    {
        await using var server = await MountAsync();
        server.Session.InterruptGrace = TimeSpan.FromMilliseconds(1);
        var lookup = await Abandon(FuseOpcode.Lookup, t => server.Files.LookupAsync(1, Name, Me, t).AsTask());
        var create = await Abandon(FuseOpcode.Create, t => server.Files.CreateAsync(1, Name, 0x1A4, 2, Me, t).AsTask());
        var open = await Abandon(FuseOpcode.Open, t => server.Files.OpenAsync(9, 0, Me, t).AsTask());
        var openDir = await Abandon(FuseOpcode.OpenDir, t => server.Files.OpenDirectoryAsync(1, 0, Me, t).AsTask());
        var list = await Abandon(FuseOpcode.ReadDirPlus, t => server.Files.ReadDirectoryAsync(1, 5, 0, true, Me, t).AsTask());

        server.Reply(lookup, Entry(20));
        Assert.Equal(20ul, server.Next(FuseOpcode.Forget).Header.Node);
        server.Reply(create, Entry(21), 6ul, 0u, 0u);
        var release = server.Next(FuseOpcode.Release);
        Assert.Equal((21ul, 6ul), (release.Header.Node, BitConverter.ToUInt64(release.Body)));
        server.Reply(release);
        Assert.Equal(21ul, server.Next(FuseOpcode.Forget).Header.Node);
        server.Reply(open, 7ul, 0u, 0u);
        release = server.Next(FuseOpcode.Release);
        Assert.Equal((9ul, 7ul), (release.Header.Node, BitConverter.ToUInt64(release.Body)));
        server.Reply(release);
        server.Reply(openDir, 8ul, 0u, 0u);
        server.Reply(server.Next(FuseOpcode.ReleaseDir));
        server.Reply(list, Entry(22), Dirent("a", 1));
        Assert.Equal(22ul, server.Next(FuseOpcode.Forget).Header.Node);

        async Task<Message> Abandon<T>(FuseOpcode opcode, Func<CancellationToken, Task<Vuos.FileSystems.Answer<T>>> operation)
        {
            using var source = new CancellationTokenSource();
            var pending = operation(source.Token);
            var message = server.Next(opcode);
            source.Cancel();
            server.Next(FuseOpcode.Interrupt);
            Assert.Equal(Errno.EINTR, (await pending).Error);
            return message;
        }
    }

    [Fact]
    public async Task A_late_answer_does_not_touch_the_callers_buffer()
    {
        await using var server = await MountAsync();
        server.Session.InterruptGrace = TimeSpan.FromMilliseconds(1);
        using var source = new CancellationTokenSource();
        var buffer = new byte[4];
        var pending = server.Files.ReadAsync(9, 5, 0, buffer, Me, source.Token).AsTask();
        var read = server.Next(FuseOpcode.Read);
        source.Cancel();
        Assert.Equal(Errno.EINTR, (await pending).Error);
        server.Next(FuseOpcode.Interrupt);
        server.Reply(read, "late"u8.ToArray());
        var after = server.Files.AccessAsync(1, 0, Me, default);
        server.Reply(server.Next(FuseOpcode.Access));
        await after;
        Assert.Equal(new byte[4], buffer);
    }

    [Fact]
    public async Task What_was_not_sent_yet_is_taken_back_at_once()
    {
        await using var server = await MountAsync();
        server.Session.InterruptGrace = TimeSpan.FromMinutes(1);
        // More than a send buffer holds.
        var count = server.Session.MaxMessage / 65536 + 10;
        var crowd = Enumerable.Range(0, count).Select(_ => server.Files.WriteAsync(9, 5, 0, new byte[65536], Me, default).AsTask()).ToArray();
        using var source = new CancellationTokenSource();
        var pending = server.Files.LookupAsync(1, Name, Me, source.Token).AsTask();
        source.Cancel();
        Assert.Equal(Errno.EINTR, (await pending).Error);
        foreach (var write in crowd)
            server.Reply(server.Next(FuseOpcode.Write), 65536u, 0u);
        await Task.WhenAll(crowd);
        Assert.False(server.Waiting);
    }

    [Fact]
    public async Task Who_is_cancelled_before_it_begins_is_not_sent()
    {
        await using var server = await MountAsync();
        Assert.Equal(Errno.EINTR, (await server.Files.LookupAsync(1, Name, Me, new CancellationToken(true))).Error);
        Assert.False(server.Waiting);
    }

    [Fact]
    public async Task Cancelling_races_with_answers()
    {
        await using var server = await MountAsync();
        server.Session.InterruptGrace = TimeSpan.FromMinutes(1);
        var serving = Task.Run(() =>
        {
            while (server.Read() is { } message)
            {
                if (message.Header.Opcode == FuseOpcode.Lookup)
                    server.Reply(message, Entry());
                else if (message.Header.Opcode == FuseOpcode.Destroy)
                    server.Reply(message);
            }
        });
        for (var i = 0; i < 2000; i++)
        {
            using var source = new CancellationTokenSource();
            var pending = server.Files.LookupAsync(1, Name, Me, source.Token).AsTask();
            if (i % 2 == 0)
                source.Cancel();
            else
                _ = Task.Run(source.Cancel);
            var answer = await pending;
            Assert.True(answer.Error is Errno.None or Errno.EINTR);
        }

        await server.Files.DisposeAsync();
        await serving;
    }
}
