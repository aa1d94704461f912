using Vuos.Native.Fuse;
using static Vuos.Actors.Tests.Fuse.ScriptedServer;

namespace Vuos.Actors.Tests.Fuse;

/// <summary>What servers say unasked.</summary>
public class NoticeTests : FuseTest
{
    [Fact]
    public async Task Each_reaches_the_owner()
    {
        var notices = new Notices();
        await using var server = await MountAsync(invalidation: notices);
        server.Notify(FuseNotifyCode.InvalidateInode, 9ul, 10L, 20L);
        Assert.Equal("node 9 10 20", notices.Next());
        server.Notify(FuseNotifyCode.InvalidateInode, 9ul, -1L, 0L);
        Assert.Equal("node 9 -1 0", notices.Next());
        server.Notify(FuseNotifyCode.InvalidateEntry, 1ul, 2u, 0u, "ab");
        Assert.Equal("entry 1 ab", notices.Next());
        server.Notify(FuseNotifyCode.Delete, 1ul, 9ul, 2u, 0u, "cd");
        Assert.Equal("entry 1 cd", notices.Next());
        server.Notify(FuseNotifyCode.Store, 9ul, 30ul, 200_000u, 0u, new byte[200_000]);
        Assert.Equal("node 9 30 200000", notices.Next());
        server.Notify(FuseNotifyCode.IncrementEpoch);
        Assert.Equal("names", notices.Next());
    }

    [Fact]
    public async Task Poll_names_the_open_file()
    {
        var notices = new Notices();
        await using var server = await MountAsync(invalidation: notices);
        foreach (var handle in new[] { 5ul, 6ul })
        {
            var poll = server.Files.PollAsync(9, handle, 1, Me, default);
            server.Reply(server.Next(FuseOpcode.Poll), 0u, 0u);
            await poll;
        }

        server.Notify(FuseNotifyCode.Poll, 2ul);
        Assert.Equal("ready 9 6", notices.Next());
        var release = server.Files.ReleaseAsync(9, 6, 0);
        server.Reply(server.Next(FuseOpcode.Release));
        await release;
        server.Notify(FuseNotifyCode.Poll, 2ul);
        server.Notify(FuseNotifyCode.Poll, 1ul);
        Assert.Equal("ready 9 5", notices.Next());
    }

    [Fact]
    public async Task Retrieve_is_answered_with_nothing()
    {
        await using var server = await MountAsync();
        server.Notify(FuseNotifyCode.Retrieve, 77ul, 9ul, 4096ul, 100u, 0u);
        var answer = server.Next(FuseOpcode.NotifyReply);
        Assert.Equal((77ul, 9ul), (answer.Header.Unique, answer.Header.Node));
        Assert.Equal(Bytes(0ul, 4096ul, 0u, 0u, 0ul, 0ul), answer.Body);
    }

    [Fact]
    public async Task Unknown_ones_and_impossible_names_are_ignored()
    {
        var notices = new Notices();
        await using var server = await MountAsync(invalidation: notices);
        server.Notify((FuseNotifyCode)99, 1ul);
        server.Notify(FuseNotifyCode.Prune, 0u, 0u, 0ul);
        server.Notify(FuseNotifyCode.InvalidateEntry, 1ul, 256u, 0u, new string('x', 256));
        server.Notify(FuseNotifyCode.InvalidateEntry, 1ul, 1u, 0u, "a");
        Assert.Equal("entry 1 a", notices.Next());
        Assert.Empty(notices.Heard);
    }
}
