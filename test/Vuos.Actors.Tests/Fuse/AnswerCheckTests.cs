using Vuos.Actors.Modules.Fuse;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;
using static Vuos.Actors.Tests.Fuse.Samples;
using static Vuos.Actors.Tests.Fuse.ScriptedServer;

namespace Vuos.Actors.Tests.Fuse;

/// <summary>What a server may not answer, and what it need not know.</summary>
public class AnswerCheckTests : FuseTest
{
    private static readonly byte[] Name = "ab"u8.ToArray();

    public static TheoryData<string, byte[]> Lies => new()
    {
        { "lookup", Entry(1, Folder) },
        { "lookup", Entry(mode: 0x1A4) },
        { "lookup", Entry(size: 1ul << 63) },
        { "lookup", Entry()[..127] },
        { "lookup", [.. Entry(), 0] },
        { "mkdir", Entry(mode: Regular) },
        { "mkdir", Entry(0, Folder) },
        { "mkdir", Entry(1, Folder) },
        { "create", Bytes(Entry(mode: Fifo), 5ul, 0u, 0u) },
        { "create", Bytes(Entry(), 5ul) },
        { "getattr", AttrOut(Regular) },
        { "getattr", AttrOut(Folder, size: 1ul << 63) },
        { "read", new byte[11] },
        { "write", Bytes(11u, 0u) },
        { "readdir", Dirent("a/b", 1) },
        { "readdir", Dirent("a\0b", 1) },
        { "readdir", Dirent("", 1) },
        { "readdir", Dirent(new string('x', 256), 1) },
        { "readdir", Bytes(100ul, 1ul, uint.MaxValue, 8u, new byte[64]) },
        { "readdir", new byte[65537] },
        { "listxattr", "user.a"u8.ToArray() },
        { "listxattr", "\0"u8.ToArray() },
        { "ioctl", Bytes(0, 4u, 0u, 0u) },
        { "ioctl", Bytes(0, 0u, 0u) },
        { "ioctl", Bytes(-512, 0u, 0u, 0u) },
        { "getlk", Bytes(5ul, 4ul, 1u, 0u) },
        { "getlk", Bytes(0ul, 0ul, 3u, 0u) },
        { "unlink", new byte[1] },
    };

    [Theory]
    [MemberData(nameof(Lies))]
    public async Task Lies_are_EIO(string operation, byte[] answer)
    {
        await using var server = await MountAsync();
        var files = server.Files;
        var pending = operation switch
        {
            "lookup" => Error(files.LookupAsync(1, Name, Me, default)),
            "mkdir" => Error(files.MakeDirectoryAsync(1, Name, 0x1ED, Me, default)),
            "create" => Error(files.CreateAsync(1, Name, 0x1A4, 2, Me, default)),
            "getattr" => Error(files.GetAttributesAsync(1, null, Me, default)),
            "read" => Error(files.ReadAsync(9, 5, 0, new byte[10], Me, default)),
            "write" => Error(files.WriteAsync(9, 5, 0, new byte[10], Me, default)),
            "readdir" => Error(files.ReadDirectoryAsync(1, 5, 0, false, Me, default)),
            "listxattr" => Error(files.ListExtendedAsync(9, Me, default)),
            "ioctl" => Error(files.ControlAsync(9, 5, 1, 0, default, new byte[4], Me, default)),
            "getlk" => Error(files.GetLockAsync(9, 5, 66, default, Me, default)),
            _ => files.UnlinkAsync(1, Name, Me, default).AsTask(),
        };
        server.Reply(server.Read()!, answer);
        Assert.Equal(Errno.EIO, await pending);

        // Nothing of it was counted, and the session goes on.
        files.Forget(9, 1);
        var next = files.AccessAsync(1, 0, Me, default);
        server.Reply(server.Next(FuseOpcode.Access));
        Assert.Equal(Errno.None, await next);
    }

    [Fact]
    public async Task A_node_may_not_change_its_type_but_a_name_may_stand_for_another_node()
    {
        await using var server = await MountAsync();
        await Look(server, Entry(9, Regular));
        Assert.Equal(Errno.EIO, await Attributes(server, Folder));
        Assert.Equal(Errno.None, await Attributes(server, Regular));
        await Look(server, Entry(9, Folder));
        Assert.Equal(Errno.None, await Attributes(server, Folder));

        static async Task Look(ScriptedServer server, byte[] entry)
        {
            var lookup = server.Files.LookupAsync(1, Name, Me, default);
            server.Reply(server.Next(FuseOpcode.Lookup), entry);
            Assert.False((await lookup).Failed);
        }

        static async Task<Errno> Attributes(ScriptedServer server, uint mode)
        {
            var pending = server.Files.GetAttributesAsync(9, null, Me, default);
            server.Reply(server.Next(FuseOpcode.GetAttr), AttrOut(mode));
            return (await pending).Error;
        }
    }

    [Fact]
    public async Task No_node_is_a_name_that_does_not_exist_for_a_while()
    {
        await using var server = await MountAsync();
        var pending = server.Files.LookupAsync(1, Name, Me, default);
        server.Reply(server.Next(FuseOpcode.Lookup), 0ul, 0ul, ulong.MaxValue, 0ul, 0u, 0u, new byte[88]);
        var entry = (await pending).Value;
        Assert.Equal((0ul, TimeSpan.MaxValue), (entry.Node, entry.EntryValid));
    }

    [Fact]
    public async Task An_entry_that_cannot_be_used_in_a_listing_is_given_back()
    {
        await using var server = await MountAsync();
        var pending = server.Files.ReadDirectoryAsync(1, 5, 0, plus: true, Me, default);
        server.Reply(server.Next(FuseOpcode.ReadDirPlus), Entry(20, 0), Dirent("odd", 1), Entry(21), Dirent("good", 2));
        Assert.Equal([null, Node(21)], (await pending).Value.Select(static e => e.Entry));
        Assert.Equal((20ul, 1ul), (server.Next(FuseOpcode.Forget) is var forget ? forget.Header.Node : 0, 1ul));

        pending = server.Files.ReadDirectoryAsync(1, 5, 0, plus: true, Me, default);
        server.Reply(server.Next(FuseOpcode.ReadDirPlus), Entry(22), Dirent("good", 1), Entry(23), Dirent("a/b", 2));
        Assert.Equal(Errno.EIO, (await pending).Error);
        Assert.Equal(Bytes(2u, 0u, 22ul, 1ul, 23ul, 1ul), server.Next(FuseOpcode.BatchForget).Body);
    }

    public static TheoryData<FuseOpcode, Errno> Absent => new()
    {
        { FuseOpcode.Flush, Errno.ENOSYS }, { FuseOpcode.FSync, Errno.ENOSYS }, { FuseOpcode.FSyncDir, Errno.ENOSYS }, { FuseOpcode.Access, Errno.ENOSYS }, { FuseOpcode.Create, Errno.ENOSYS },
        { FuseOpcode.GetXAttr, Errno.ENOSYS }, { FuseOpcode.SetXAttr, Errno.ENOSYS }, { FuseOpcode.ListXAttr, Errno.ENOSYS }, { FuseOpcode.RemoveXAttr, Errno.ENOSYS },
        { FuseOpcode.Poll, Errno.ENOSYS }, { FuseOpcode.FAllocate, Errno.ENOSYS }, { FuseOpcode.LSeek, Errno.ENOSYS }, { FuseOpcode.TmpFile, Errno.ENOSYS },
        { FuseOpcode.Rename2, Errno.EINVAL }, { FuseOpcode.Open, Errno.None }, { FuseOpcode.OpenDir, Errno.None },
    };

    [Theory]
    [MemberData(nameof(Absent))]
    public async Task What_a_server_lacks_it_is_asked_only_once(FuseOpcode opcode, Errno told)
    {
        await using var server = await MountAsync();
        var pending = Call(server.Files, opcode);
        server.Fail(server.Next(opcode), Errno.ENOSYS);
        Assert.Equal(told, await pending);
        Assert.Equal(told, await Call(server.Files, opcode));
        Assert.False(server.Waiting);
    }

    [Fact]
    public async Task Files_opened_without_the_server_are_closed_without_it()
    {
        await using var server = await MountAsync();
        var open = server.Files.OpenAsync(9, 0, Me, default);
        server.Fail(server.Next(FuseOpcode.Open), Errno.ENOSYS);
        Assert.Equal(new OpenResult(0, OpenTraits.KeepCache), (await open).Value);
        Assert.Equal(Errno.None, await server.Files.ReleaseAsync(9, 0, 0));
        open = server.Files.OpenDirectoryAsync(1, 0, Me, default);
        server.Fail(server.Next(FuseOpcode.OpenDir), Errno.ENOSYS);
        Assert.Equal(new OpenResult(0, OpenTraits.KeepCache | OpenTraits.CacheDirectory), (await open).Value);
        Assert.Equal(Errno.None, await server.Files.ReleaseDirectoryAsync(1, 0));
        Assert.False(server.Waiting);
    }

    [Fact]
    public async Task Without_readdirplus_the_listing_is_plain()
    {
        await using var server = await MountAsync();
        var pending = server.Files.ReadDirectoryAsync(1, 5, 0, plus: true, Me, default);
        server.Fail(server.Next(FuseOpcode.ReadDirPlus), Errno.ENOSYS);
        server.Reply(server.Next(FuseOpcode.ReadDir), Dirent("a", 1));
        Assert.Single((await pending).Value);
        _ = server.Files.ReadDirectoryAsync(1, 5, 0, plus: true, Me, default);
        server.Next(FuseOpcode.ReadDir);
    }

    [Fact]
    public async Task Locks_a_server_did_not_ask_for_are_not_its_business()
    {
        await using var server = await MountAsync(flags: (ulong)FuseInitFlags.FlockLocks);
        Assert.True(server.Files.Traits.Locks);
        Assert.Equal(Errno.ENOSYS, await server.Files.SetLockAsync(9, 5, 66, default, whole: false, wait: false, Me, default));
        Assert.Equal(Errno.ENOSYS, (await server.Files.GetLockAsync(9, 5, 66, default, Me, default)).Error);
        Assert.False(server.Waiting);
    }

    private static Task<Errno> Call(FuseFileSystem files, FuseOpcode opcode) => opcode switch
    {
        FuseOpcode.Flush => files.FlushAsync(9, 5, 66, Me, default).AsTask(),
        FuseOpcode.FSync => files.SyncAsync(9, 5, false, Me, default).AsTask(),
        FuseOpcode.FSyncDir => files.SyncDirectoryAsync(1, 5, false, Me, default).AsTask(),
        FuseOpcode.Access => files.AccessAsync(1, 4, Me, default).AsTask(),
        FuseOpcode.Create => Error(files.CreateAsync(1, Name, 0x1A4, 2, Me, default)),
        FuseOpcode.GetXAttr => Error(files.GetExtendedAsync(9, Name, Me, default)),
        FuseOpcode.SetXAttr => files.SetExtendedAsync(9, Name, Name, 0, Me, default).AsTask(),
        FuseOpcode.ListXAttr => Error(files.ListExtendedAsync(9, Me, default)),
        FuseOpcode.RemoveXAttr => files.RemoveExtendedAsync(9, Name, Me, default).AsTask(),
        FuseOpcode.Poll => Error(files.PollAsync(9, 5, 1, Me, default)),
        FuseOpcode.FAllocate => files.AllocateAsync(9, 5, 0, 1, 0, Me, default).AsTask(),
        FuseOpcode.LSeek => Error(files.SeekAsync(9, 5, 0, 3, Me, default)),
        FuseOpcode.TmpFile => Error(files.CreateTemporaryAsync(1, 0x1A4, 2, Me, default)),
        FuseOpcode.Rename2 => files.RenameAsync(1, Name, 1, Name, 1, Me, default).AsTask(),
        FuseOpcode.Open => Error(files.OpenAsync(9, 0, Me, default)),
        _ => Error(files.OpenDirectoryAsync(1, 0, Me, default)),
    };

    private static async Task<Errno> Error<T>(ValueTask<Answer<T>> answer) => (await answer).Error;
}
