using Vuos.Actors.Modules.Fuse;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;
using static Vuos.Actors.Tests.Fuse.Samples;
using static Vuos.Actors.Tests.Fuse.ScriptedServer;

namespace Vuos.Actors.Tests.Fuse;

/// <summary>Each operation: the bytes of its message, and what becomes of the bytes of the answer. Layouts are those of include/uapi/linux/fuse.h.</summary>
public class MessageTests : FuseTest
{
    private static readonly byte[] Name = "ab"u8.ToArray();

    [Fact]
    public async Task Init_offers_the_newest_version_and_takes_what_the_server_chose()
    {
        await using var server = Start();
        var started = server.Files.StartAsync(Request, default).AsTask();
        var init = server.Next(FuseOpcode.Init);
        Assert.Equal((0u, 0u, 0u), (init.Header.Uid, init.Header.Gid, init.Header.Pid));
        Assert.Equal(64, init.Body.Length);
        Assert.Equal(Bytes(7u, 45u, 128u * 1024), init.Body[..12]);
        server.Reply(init, 7u, 45u, 0u, (uint)(FuseInitFlags.AtomicTruncate | FuseInitFlags.DontMask | FuseInitFlags.BigWrites | FuseInitFlags.AutoInvalData), 0u, 65536u, 1u, new byte[36]);
        var traits = (await started).Value;
        Assert.Equal((1ul, 65536, 128 * 1024, true, true, false, true), (traits.Root, traits.MaxWrite, traits.MaxRead, traits.AtomicTruncate, traits.AppliesUmask, traits.Locks, traits.AutoInvalidate));
        Assert.Equal("user_id=0,group_id=0,allow_other", traits.Shown);
    }

    [Fact]
    public async Task Header()
    {
        await using var server = await MountAsync();
        var pending = server.Files.GetAttributesAsync(1, null, Me, default);
        var message = server.Next(FuseOpcode.GetAttr);
        var header = message.Header;
        Assert.Equal((1ul, 1000u, 1001u, 77u, 0), (header.Node, header.Uid, header.Gid, header.Pid, header.ExtensionLength));
        Assert.True(header.Unique > 0 && header.Unique % 2 == 0);
        server.Reply(message, AttrOut(Folder));
        Assert.Equal(new TimedAttributes(Attributes(Folder), TimeSpan.FromSeconds(3.25)), (await pending).Value);
    }

    [Fact]
    public Task Lookup() => Entries(FuseOpcode.Lookup, 1, Bytes("ab"), Regular, static f => f.LookupAsync(1, Name, Me, default));

    [Fact]
    public Task MkNod() => Entries(FuseOpcode.MkNod, 1, Bytes(Fifo, 0x103u, 0x12u, 0u, "ab"), Fifo, static f => f.MakeNodeAsync(1, Name, Fifo, 0x103, Me, default));

    [Fact]
    public Task MkDir() => Entries(FuseOpcode.MkDir, 1, Bytes(0x1EDu, 0x12u, "ab"), Folder, static f => f.MakeDirectoryAsync(1, Name, 0x41ED, Me, default));

    [Fact]
    public Task SymLink() => Entries(FuseOpcode.SymLink, 1, Bytes("ab", "to"), Link, static f => f.MakeLinkAsync(1, Name, "to"u8.ToArray(), Me, default));

    [Fact]
    public Task HardLink() => Entries(FuseOpcode.Link, 1, Bytes(8ul, "ab"), Regular, static f => f.LinkAsync(8, 1, Name, Me, default));

    [Fact]
    public Task GetAttr_of_an_open_file() =>
        Answered(FuseOpcode.GetAttr, 8, Bytes(1u, 0u, 5ul), AttrOut(), new TimedAttributes(Attributes(), TimeSpan.FromSeconds(3.25)), static f => f.GetAttributesAsync(8, 5, Me, default));

    [Fact]
    public Task SetAttr() => Answered(
        FuseOpcode.SetAttr, 8,
        Bytes(0x47Fu, 0u, 5ul, 99ul, 0ul, 1L, -2L, 3L, 10u, 20u, 30u, 0x1B6u, 0u, 4u, 6u, 0u), AttrOut(), new TimedAttributes(Attributes(), TimeSpan.FromSeconds(3.25)),
        static f => f.SetAttributesAsync(
            8, 5,
            new AttributeChange
            {
                Mode = 0x1B6,
                Uid = 4,
                Gid = 6,
                Size = 99,
                AccessTime = new TimeSpec(1, 10),
                ModifyTime = new TimeSpec(-2, 20),
                ChangeTime = new TimeSpec(3, 30),
            },
            Me, default));

    [Fact]
    public async Task SetAttr_to_the_present_says_so_and_the_mode_carries_the_type()
    {
        await using var server = await MountAsync();
        var pending = server.Files.SetAttributesAsync(1, null, new AttributeChange { Mode = 0x1C0, AccessNow = true, ModifyNow = true }, Me, default);
        var message = server.Next(FuseOpcode.SetAttr);
        Assert.Equal(1u | 16 | 32 | 128 | 256, BitConverter.ToUInt32(message.Body));
        Assert.Equal(0x41C0u, BitConverter.ToUInt32(message.Body, 68));
        Assert.NotEqual(0, BitConverter.ToInt64(message.Body, 32));
        server.Fail(message, Errno.EPERM);
        Assert.Equal(Errno.EPERM, (await pending).Error);
    }

    [Fact]
    public Task ReadLink() => Answered(FuseOpcode.ReadLink, 8, [], "target"u8.ToArray(), "target"u8.ToArray(), static f => f.ReadLinkAsync(8, Me, default));

    [Fact]
    public Task Unlink() => Done(FuseOpcode.Unlink, 1, Bytes("ab"), static f => f.UnlinkAsync(1, Name, Me, default));

    [Fact]
    public Task RmDir() => Done(FuseOpcode.RmDir, 1, Bytes("ab"), static f => f.RemoveDirectoryAsync(1, Name, Me, default));

    [Fact]
    public Task Rename() => Done(FuseOpcode.Rename, 1, Bytes(8ul, "ab", "cd"), static f => f.RenameAsync(1, Name, 8, "cd"u8.ToArray(), 0, Me, default));

    [Fact]
    public Task Rename2() => Done(FuseOpcode.Rename2, 1, Bytes(8ul, 2u, 0u, "ab", "cd"), static f => f.RenameAsync(1, Name, 8, "cd"u8.ToArray(), 2, Me, default));

    [Fact]
    public Task Open() => Answered(
        FuseOpcode.Open, 8, Bytes(0x8002u, 0u), Bytes(5ul, 3u, 0u), new OpenResult(5, OpenTraits.Direct | OpenTraits.KeepCache), static f => f.OpenAsync(8, 0x81C2, Me, default));

    [Fact]
    public async Task Create()
    {
        var expected = new CreateResult(Node(), new OpenResult(5, OpenTraits.NonSeekable));
        await Answered(FuseOpcode.Create, 1, Bytes(0x42u, Regular, 0x12u, 0u, "ab"), Bytes(Entry(), 5ul, 4u, 0u), expected, static f => f.CreateAsync(1, Name, 0x1A4, 0x102, Me, default));
        await Answered(FuseOpcode.TmpFile, 1, Bytes(0x410002u, Regular, 0x12u, 0u, "/"), Bytes(Entry(), 5ul, 4u, 0u), expected, static f => f.CreateTemporaryAsync(1, 0x1A4, 0x410002, Me, default));
    }

    [Fact]
    public async Task Read()
    {
        var buffer = new byte[10];
        await Answered(FuseOpcode.Read, 8, Bytes(5ul, 30ul, 10u, 0u, 0ul, 0u, 0u), "four"u8.ToArray(), 4, f => f.ReadAsync(8, 5, 30, buffer, Me, default));
        Assert.Equal("four"u8, buffer.AsSpan(0, 4));
    }

    [Fact]
    public Task Write() => Answered(
        FuseOpcode.Write, 8, Bytes(5ul, 30ul, 4u, 0u, 0ul, 0u, 0u, "data"u8.ToArray()), Bytes(4u, 0u), 4, static f => f.WriteAsync(8, 5, 30, "data"u8.ToArray(), Me, default));

    [Fact]
    public async Task Reads_and_writes_repeat_the_flags_of_open()
    {
        await using var server = await MountAsync();
        var open = server.Files.OpenAsync(8, 0x402, Me, default);
        server.Reply(server.Next(FuseOpcode.Open), 5ul, 0u, 0u);
        await open;
        _ = server.Files.WriteAsync(8, 5, 0, new byte[1], Me, default);
        Assert.Equal(0x402u, BitConverter.ToUInt32(server.Next(FuseOpcode.Write).Body, 32));
        _ = server.Files.ReadAsync(8, 5, 0, new byte[1], Me, default);
        Assert.Equal(0x402u, BitConverter.ToUInt32(server.Next(FuseOpcode.Read).Body, 32));
    }

    [Fact]
    public Task Flush() => Done(FuseOpcode.Flush, 8, Bytes(5ul, 0u, 0u, 66ul), static f => f.FlushAsync(8, 5, 66, Me, default));

    [Fact]
    public Task Release() => Done(FuseOpcode.Release, 8, Bytes(5ul, 2u, 0u, 0ul), static f => f.ReleaseAsync(8, 5, 2));

    [Fact]
    public async Task Sync()
    {
        await Done(FuseOpcode.FSync, 8, Bytes(5ul, 1u, 0u), static f => f.SyncAsync(8, 5, true, Me, default));
        await Done(FuseOpcode.FSyncDir, 8, Bytes(5ul, 0u, 0u), static f => f.SyncDirectoryAsync(8, 5, false, Me, default));
    }

    [Fact]
    public async Task Directories()
    {
        await Answered(FuseOpcode.OpenDir, 1, Bytes(0x10000u, 0u), Bytes(5ul, 8u, 0u), new OpenResult(5, OpenTraits.CacheDirectory), static f => f.OpenDirectoryAsync(1, 0x10000, Me, default));
        await Done(FuseOpcode.ReleaseDir, 1, Bytes(5ul, 0u, 0u, 0ul), static f => f.ReleaseDirectoryAsync(1, 5));
    }

    [Fact]
    public async Task ReadDir()
    {
        await using var server = await MountAsync();
        var pending = server.Files.ReadDirectoryAsync(1, 5, 7, plus: false, Me, default);
        var message = server.Next(FuseOpcode.ReadDir);
        Assert.Equal(Bytes(5ul, 7ul, 65536u, 0u, 0ul, 0u, 0u), message.Body);
        server.Reply(message, Dirent(".", 1, 4), Dirent("a name", 2), Dirent("cut off", 3)[..^8]);
        var list = (await pending).Value;
        Assert.Equal([(".", 100ul, 0x4000u, 1L), ("a name", 100ul, 0x8000u, 2L)], list.Select(static e => (System.Text.Encoding.UTF8.GetString(e.Name), e.Inode, e.Mode, e.Offset)));
        Assert.All(list, static e => Assert.Null(e.Entry));
    }

    [Fact]
    public async Task ReadDirPlus_gives_entries_except_for_dots_and_unknown_nodes()
    {
        await using var server = await MountAsync();
        var pending = server.Files.ReadDirectoryAsync(1, 5, 0, plus: true, Me, default);
        server.Reply(server.Next(FuseOpcode.ReadDirPlus), Entry(1, Folder), Dirent(".", 1, 4), Entry(), Dirent("known", 2), Entry(0), Dirent("unknown", 3));
        Assert.Equal([null, Node(), (NodeEntry?)null], (await pending).Value.Select(static e => e.Entry));
    }

    [Fact]
    public Task StatFs() => Answered(
        FuseOpcode.StatFs, 1, [], Bytes(1ul, 2ul, 3ul, 4ul, 5ul, 512u, 255u, 4096u, 0u, new byte[24]),
        new FileSystemStatus { Blocks = 1, FreeBlocks = 2, AvailableBlocks = 3, Files = 4, FreeFiles = 5, BlockSize = 512, FragmentSize = 4096, NameLength = 255, Type = 0x65735546 },
        static f => f.StatusAsync(1, Me, default));

    [Fact]
    public Task Access() => Done(FuseOpcode.Access, 8, Bytes(4u, 0u), static f => f.AccessAsync(8, 4, Me, default));

    [Fact]
    public async Task Extended_attributes()
    {
        await Answered(FuseOpcode.GetXAttr, 8, Bytes(65536u, 0u, "user.a"), "value"u8.ToArray(), "value"u8.ToArray(), static f => f.GetExtendedAsync(8, "user.a"u8.ToArray(), Me, default));
        await Answered(FuseOpcode.ListXAttr, 8, Bytes(65536u, 0u), Bytes("user.a", "user.b"), Bytes("user.a", "user.b"), static f => f.ListExtendedAsync(8, Me, default));
        await Done(FuseOpcode.SetXAttr, 8, Bytes(3u, 1u, "user.a", "val"u8.ToArray()), static f => f.SetExtendedAsync(8, "user.a"u8.ToArray(), "val"u8.ToArray(), 1, Me, default));
        await Done(FuseOpcode.RemoveXAttr, 8, Bytes("user.a"), static f => f.RemoveExtendedAsync(8, "user.a"u8.ToArray(), Me, default));
    }

    [Fact]
    public Task FAllocate() => Done(FuseOpcode.FAllocate, 8, Bytes(5ul, 10ul, 20ul, 3u, 0u), static f => f.AllocateAsync(8, 5, 10, 20, 3, Me, default));

    [Fact]
    public Task LSeek() => Answered(FuseOpcode.LSeek, 8, Bytes(5ul, 10ul, 3u, 0u), Bytes(40ul), 40L, static f => f.SeekAsync(8, 5, 10, 3, Me, default));

    [Fact]
    public async Task Ioctl()
    {
        var output = new byte[4];
        await Answered(
            FuseOpcode.Ioctl, 8, Bytes(5ul, 0u, 0xC0045401u, 77ul, 4u, 4u, "in.."u8.ToArray()), Bytes(9, 0u, 0u, 0u, "out"u8.ToArray()), 9,
            f => f.ControlAsync(8, 5, 0xC0045401, 77, "in.."u8.ToArray(), output, Me, default));
        Assert.Equal("out\0"u8, output);
        // The root is known to be a directory.
        await Answered(FuseOpcode.Ioctl, 1, Bytes(5ul, 16u, 1u, 0ul, 0u, 0u), Bytes(0, 0u, 0u, 0u), 0, static f => f.ControlAsync(1, 5, 1, 0, default, default, Me, default));
    }

    [Fact]
    public Task Poll() => Answered(FuseOpcode.Poll, 8, Bytes(5ul, 1ul, 1u, 5u), Bytes(4u, 0u), 4u, static f => f.PollAsync(8, 5, 5, Me, default));

    [Fact]
    public async Task Locks()
    {
        var wanted = new FileLock(1, 10, 20, 77);
        await Answered(
            FuseOpcode.GetLk, 8, Bytes(5ul, 66ul, 10ul, 20ul, 1u, 77u, 0u, 0u), Bytes(0ul, 15ul, 0u, 99u), new FileLock(0, 0, 15, 99), f => f.GetLockAsync(8, 5, 66, wanted, Me, default));
        await Answered(
            FuseOpcode.GetLk, 8, Bytes(5ul, 66ul, 10ul, 20ul, 1u, 77u, 0u, 0u), Bytes(0ul, 0ul, 2u, 0u), new FileLock(2, 10, 20, 77), f => f.GetLockAsync(8, 5, 66, wanted, Me, default));
        await Done(FuseOpcode.SetLk, 8, Bytes(5ul, 66ul, 10ul, 20ul, 1u, 77u, 0u, 0u), f => f.SetLockAsync(8, 5, 66, wanted, whole: false, wait: false, Me, default));
        await Done(FuseOpcode.SetLkW, 8, Bytes(5ul, 66ul, 10ul, 20ul, 1u, 77u, 1u, 0u), f => f.SetLockAsync(8, 5, 66, wanted, whole: true, wait: true, Me, default));
    }

    [Fact]
    public async Task Destroy_is_the_last_message()
    {
        await using var server = await MountAsync();
        var ended = false;
        server.Session.Ending = () => ended = true;
        var disposed = server.Files.DisposeAsync();
        Assert.NotNull(FuseSessions.Find(server.Session.ServerInode));
        server.Reply(server.Next(FuseOpcode.Destroy));
        await disposed;
        Assert.True(ended);
        Assert.Equal(FuseSessionState.Ended, server.Session.State);
        Assert.Null(FuseSessions.Find(server.Session.ServerInode));
        Assert.Null(server.Read());
    }

    private static Task Entries(FuseOpcode opcode, ulong node, byte[] body, uint mode, Func<FuseFileSystem, ValueTask<Answer<NodeEntry>>> operation) =>
        Answered(opcode, node, body, Entry(9, mode), Node(9, mode), operation);

    private static async Task Answered<T>(FuseOpcode opcode, ulong node, byte[] body, byte[] answer, T expected, Func<FuseFileSystem, ValueTask<Answer<T>>> operation)
    {
        await using var server = await MountAsync();
        var pending = operation(server.Files);
        var message = server.Next(opcode);
        Assert.Equal(node, message.Header.Node);
        Assert.Equal(body, message.Body);
        server.Reply(message, answer);
        var got = await pending;
        Assert.Equal(Errno.None, got.Error);
        Assert.Equal(expected, got.Value);

        pending = operation(server.Files);
        server.Fail(server.Next(opcode), Errno.EDQUOT);
        Assert.Equal(Errno.EDQUOT, (await pending).Error);
    }

    private static async Task Done(FuseOpcode opcode, ulong node, byte[] body, Func<FuseFileSystem, ValueTask<Errno>> operation)
    {
        await using var server = await MountAsync();
        var pending = operation(server.Files);
        var message = server.Next(opcode);
        Assert.Equal(node, message.Header.Node);
        Assert.Equal(body, message.Body);
        server.Reply(message);
        Assert.Equal(Errno.None, await pending);

        pending = operation(server.Files);
        server.Fail(server.Next(opcode), Errno.EDQUOT);
        Assert.Equal(Errno.EDQUOT, await pending);
    }
}
