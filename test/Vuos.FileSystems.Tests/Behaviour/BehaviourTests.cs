using Vuos.FileSystems.Tests.Support;
using Vuos.Native;
using Vuos.Native.Kernel;
using static Vuos.FileSystems.Tests.Support.Session;

namespace Vuos.FileSystems.Tests.Behaviour;

/// <summary>What POSIX and Linux ask of a file system, said once for every writable one.</summary>
public abstract partial class BehaviourTests : IAsyncLifetime
{
    private protected Session Fs { get; private set; } = null!;

    private protected IFileSystem System => Fs.System;

    /// <summary>Asked for a device node it makes one. Who may ask is the VFS's to decide (CAP_MKNOD; fs/namei.c, vfs_mknod), so one that has nothing to do with the host asks nothing.</summary>
    private protected virtual bool MakesDevices => Fs.Me.Uid == 0;

    /// <summary>The file system, not started, and with what it is to be started.</summary>
    private protected abstract (IFileSystem System, MountRequest Request) Make();

    public async Task InitializeAsync()
    {
        var (system, request) = Make();
        Assert.False((await system.StartAsync(request, default)).Failed);
        Fs = new Session(system);
    }

    public virtual async Task DisposeAsync() => await System.DisposeAsync();

    [Fact]
    public async Task A_new_file_is_empty_and_ours()
    {
        var node = await Fs.File("f");
        var stat = await Fs.Stat(node);
        Assert.Equal((FileType.Regular | 0b110_100_100u, 1u, 0L, Fs.Me.Uid, Fs.Me.Gid), (stat.Mode, stat.Links, stat.Size, stat.Uid, stat.Gid));
        Assert.InRange(stat.ModifyTime.Seconds, TimeSpec.Now.Seconds - 60, TimeSpec.Now.Seconds + 1);
        Assert.Equal(node, Good(await Fs.Find("f")).Node);
        Assert.Equal(Errno.ENOENT, (await Fs.Find("g")).Error);
        Assert.Equal(Errno.EEXIST, (await System.MakeNodeAsync(Root, Bytes("f"), FileType.Regular, 0, Fs.Me, default)).Error);
    }

    [Fact]
    public async Task The_mode_is_what_was_asked_for_whatever_our_own_umask()
    {
        var file = Good(await System.CreateAsync(Root, Bytes("f"), 0b111_111_111, OpenFlag.RdWr, Fs.Me, default));
        Assert.Equal(FileType.Regular | 0b111_111_111u, file.Entry.Attributes.Mode);
        await Fs.Close(file.Entry.Node, file.Open.Handle);
        Assert.Equal(FileType.Directory | 0b111_111_111u, (await Fs.Stat(await Fs.Folder("d", mode: 0b111_111_111))).Mode);
        Assert.Equal(FileType.Fifo | 0b111_111_111u, Good(await System.MakeNodeAsync(Root, Bytes("p"), FileType.Fifo | 0b111_111_111, 0, Fs.Me, default)).Attributes.Mode);
    }

    [Fact]
    public async Task Create_opens_what_is_there_unless_told_not_to()
    {
        var node = await Fs.File("f", "old");
        Assert.Equal(Errno.EEXIST, (await System.CreateAsync(Root, Bytes("f"), 0, OpenFlag.RdWr | OpenFlag.Excl, Fs.Me, default)).Error);
        var there = Good(await System.CreateAsync(Root, Bytes("f"), 0, OpenFlag.RdWr, Fs.Me, default));
        Assert.Equal(node, there.Entry.Node);
        var buffer = new byte[9];
        Assert.Equal(3, Good(await System.ReadAsync(node, there.Open.Handle, 0, buffer, Fs.Me, default)));
        await Fs.Close(node, there.Open.Handle);
    }

    [Fact]
    public async Task Names_have_at_most_255_bytes()
    {
        await Fs.File(new string('n', 255));
        var longer = Bytes(new string('n', 256));
        Assert.Equal(Errno.ENAMETOOLONG, (await System.MakeNodeAsync(Root, longer, FileType.Regular, 0, Fs.Me, default)).Error);
        Assert.Equal(Errno.ENAMETOOLONG, (await System.LookupAsync(Root, longer, Fs.Me, default)).Error);
        byte[] bytes = [0xFF, 0xFE, (byte)'\n'];
        var odd = Good(await System.MakeDirectoryAsync(Root, bytes, 0b111_000_000, Fs.Me, default)).Node;
        Assert.Equal(odd, Good(await System.LookupAsync(Root, bytes, Fs.Me, default)).Node);
        Good(await System.RemoveDirectoryAsync(Root, bytes, Fs.Me, default));
    }

    [Fact]
    public async Task What_is_not_a_directory_has_no_names()
    {
        var file = await Fs.File("f");
        Assert.Equal(Errno.ENOTDIR, (await Fs.Find("x", file)).Error);
        Assert.Equal(Errno.ENOTDIR, (await System.MakeDirectoryAsync(file, Bytes("x"), 0, Fs.Me, default)).Error);
        Assert.Equal(Errno.ENOTDIR, await Fs.RemoveFolder("f"));
        await Fs.Folder("d");
        Assert.Equal(Errno.EISDIR, await Fs.Unlink("d"));
    }

    [Fact]
    public async Task Links_are_counted()
    {
        var node = await Fs.File("a", "x");
        var folder = await Fs.Folder("d");
        Assert.Equal(2u, (await Fs.Stat(folder)).Links);
        var second = Good(await System.LinkAsync(node, folder, Bytes("b"), Fs.Me, default));
        Assert.Equal((node, 2u), (second.Node, second.Attributes.Links));
        Assert.Equal(Errno.EEXIST, (await System.LinkAsync(node, folder, Bytes("b"), Fs.Me, default)).Error);
        Assert.Equal(Errno.EPERM, (await System.LinkAsync(folder, Root, Bytes("dd"), Fs.Me, default)).Error);
        Good(await Fs.Rename("a", "b", newParent: folder));
        Assert.True((await Fs.Find("a")).Value.Node == node, "renaming a name to another of the same file does nothing");
        Good(await Fs.Unlink("a"));
        Assert.Equal(1u, (await Fs.Stat(node)).Links);
        Assert.Equal("x", await Fs.Text(Good(await Fs.Find("b", folder)).Node));
    }

    [Fact]
    public async Task Directories_count_those_in_them()
    {
        var top = await Fs.Folder("top");
        await Fs.Folder("a", top);
        await Fs.Folder("b", top);
        await Fs.File("f", parent: top);
        Assert.Equal(4u, (await Fs.Stat(top)).Links);
        Assert.Equal(Errno.ENOTEMPTY, await Fs.RemoveFolder("top"));
        Good(await Fs.RemoveFolder("a", top));
        Assert.Equal(3u, (await Fs.Stat(top)).Links);
        Good(await Fs.Rename("b", "c", parent: top));
        Assert.Equal(2u, (await Fs.Stat(top)).Links);
    }

    [Fact]
    public async Task Symbolic_links_are_kept_as_they_are()
    {
        var link = await Fs.Link("l", "../no such place");
        Assert.Equal("../no such place", global::System.Text.Encoding.UTF8.GetString(Good(await System.ReadLinkAsync(link, Fs.Me, default))));
        var stat = await Fs.Stat(link);
        Assert.Equal((FileType.Link, 16L), (stat.Mode & FileType.Mask, stat.Size));
        Assert.Equal(Errno.EINVAL, (await System.ReadLinkAsync(await Fs.File("f"), Fs.Me, default)).Error);
    }

    [Fact]
    public async Task Special_files_are_nodes()
    {
        var fifo = Good(await System.MakeNodeAsync(Root, Bytes("p"), FileType.Fifo | 0b110_000_000, 0, Fs.Me, default));
        Assert.Equal(FileType.Fifo, fifo.Attributes.Mode & FileType.Mask);
        var socket = Good(await System.MakeNodeAsync(Root, Bytes("s"), FileType.Socket | 0b110_000_000, 0, Fs.Me, default));
        Assert.Equal(FileType.Socket, socket.Attributes.Mode & FileType.Mask);
        var device = (uint)DeviceNumber.Make(1, 300);
        var node = await System.MakeNodeAsync(Root, Bytes("c"), FileType.Char | 0b110_000_000, device, Fs.Me, default);
        if (MakesDevices)
            Assert.Equal((FileType.Char, device), (node.Value.Attributes.Mode & FileType.Mask, node.Value.Attributes.Device));
        else
            Assert.Equal(Errno.EPERM, node.Error);
    }

    [Fact]
    public async Task A_removed_file_can_be_used_while_it_is_open()
    {
        var node = await Fs.File("f", "before");
        var handle = await Fs.Open(node);
        Good(await Fs.Unlink("f"));
        Assert.Equal(Errno.ENOENT, (await Fs.Find("f")).Error);
        Assert.Equal(6, Good(await Fs.WriteTo(node, handle, 0, Bytes("behind"))));
        var buffer = new byte[10];
        Assert.Equal(6, Good(await System.ReadAsync(node, handle, 0, buffer, Fs.Me, default)));
        Assert.Equal(0u, Good(await System.GetAttributesAsync(node, handle, Fs.Me, default)).Attributes.Links);
        Assert.Equal(2, Good(await System.SetAttributesAsync(node, handle, new AttributeChange { Size = 2 }, Fs.Me, default)).Attributes.Size);
        Assert.NotEqual(node, await Fs.File("f", "new"));
        await Fs.Close(node, handle);
        System.Forget(node, 1);
    }

    [Fact]
    public async Task Nothing_can_be_made_in_a_removed_directory()
    {
        var folder = await Fs.Folder("d");
        Good(await Fs.RemoveFolder("d"));
        Assert.Equal(Errno.ENOENT, (await System.MakeDirectoryAsync(folder, Bytes("x"), 0b111_000_000, Fs.Me, default)).Error);
        Assert.Equal(Errno.ENOENT, (await System.MakeNodeAsync(folder, Bytes("x"), FileType.Regular, 0, Fs.Me, default)).Error);
        await Fs.File("f");
        Assert.Equal(Errno.ENOENT, await Fs.Rename("f", "x", newParent: folder));
        var handle = Good(await System.OpenDirectoryAsync(folder, 0, Fs.Me, default)).Handle;
        Assert.Equal(Errno.ENOENT, (await System.ReadDirectoryAsync(folder, handle, 0, false, Fs.Me, default)).Error);
        Good(await System.ReleaseDirectoryAsync(folder, handle));
    }

    [Fact]
    public async Task A_file_without_a_name_may_get_one()
    {
        var made = Good(await System.CreateTemporaryAsync(Root, 0b110_000_000, OpenFlag.RdWr, Fs.Me, default));
        Assert.Equal(0u, made.Entry.Attributes.Links);
        Assert.Equal(3, Good(await Fs.WriteTo(made.Entry.Node, made.Open.Handle, 0, Bytes("abc"))));
        Assert.Equal(1u, Good(await System.LinkAsync(made.Entry.Node, Root, Bytes("now"), Fs.Me, default)).Attributes.Links);
        await Fs.Close(made.Entry.Node, made.Open.Handle);
        Assert.Equal("abc", await Fs.Text(Good(await Fs.Find("now")).Node));
        var never = Good(await System.CreateTemporaryAsync(Root, 0b110_000_000, OpenFlag.RdWr | OpenFlag.Excl, Fs.Me, default));
        Assert.Equal(Errno.ENOENT, (await System.LinkAsync(never.Entry.Node, Root, Bytes("never"), Fs.Me, default)).Error);
        await Fs.Close(never.Entry.Node, never.Open.Handle);
    }

    [Fact]
    public async Task The_set_group_id_bit_of_a_directory_is_handed_on()
    {
        var shared = await Fs.Folder("shared");
        Good(await Fs.Change(shared, new AttributeChange { Mode = 0b010_111_111_101 }));
        var inner = await Fs.Stat(await Fs.Folder("d", shared));
        Assert.Equal((0b010_000_000_000u, (await Fs.Stat(shared)).Gid), (inner.Mode & 0b010_000_000_000, inner.Gid));
    }

    [Fact]
    public async Task Attributes_change_and_nothing_else()
    {
        var node = await Fs.File("f", "12345");
        var before = await Fs.Stat(node);
        var after = Good(await Fs.Change(node, new AttributeChange { Mode = 0b100_000_000, ModifyTime = new TimeSpec(-5, 999_999_999) })).Attributes;
        Assert.Equal(FileType.Regular | 0b100_000_000u, after.Mode);
        Assert.Equal(new TimeSpec(-5, 999_999_999), after.ModifyTime);
        Assert.Equal((before.AccessTime, before.Size, before.Uid, before.Links), (after.AccessTime, after.Size, after.Uid, after.Links));
        after = Good(await Fs.Change(node, new AttributeChange { AccessTime = new TimeSpec(7_000_000_000, 1), ModifyNow = true })).Attributes;
        Assert.Equal(new TimeSpec(7_000_000_000, 1), after.AccessTime);
        Assert.InRange(after.ModifyTime.Seconds, TimeSpec.Now.Seconds - 60, TimeSpec.Now.Seconds + 1);
        var link = await Fs.Link("l", "f");
        Assert.Equal(new TimeSpec(1, 0), Good(await Fs.Change(link, new AttributeChange { ModifyTime = new TimeSpec(1, 0) })).Attributes.ModifyTime);
        Assert.NotEqual(1, (await Fs.Stat(node)).ModifyTime.Seconds);
    }

    [Fact]
    public async Task Statfs_tells_of_room()
    {
        var status = Good(await System.StatusAsync(Root, Fs.Me, default));
        Assert.True(status is { BlockSize: > 0, Blocks: > 0, NameLength: >= 255 } && status.AvailableBlocks <= status.Blocks, status.ToString());
    }
}
