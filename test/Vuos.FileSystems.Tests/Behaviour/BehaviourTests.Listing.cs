using Vuos.Native;
using Vuos.Native.Kernel;
using static Vuos.FileSystems.Tests.Support.Session;

namespace Vuos.FileSystems.Tests.Behaviour;

/// <summary>Directories and extended attributes.</summary>
public abstract partial class BehaviourTests
{
    [Fact]
    public async Task Fifty_thousand_names_are_listed_once_while_others_come_and_go()
    {
        const int Count = 50_000;
        for (var i = 0; i < Count; i++)
            System.Forget(await Fs.File($"n{i:D5}"), 1);
        // Of what was not read yet some goes, some is new; what stays must be seen once.
        var listed = await Fs.Names(Root, async piece =>
        {
            if (piece > 20)
                return;
            for (var i = piece * 1000 + 1; i < piece * 1000 + 1000; i += 2)
                Good(await Fs.Unlink($"n{i:D5}"));
            System.Forget(await Fs.File($"new{piece}"), 1);
        });
        Assert.Equal(listed.Count, listed.Distinct().Count());
        var stayed = Enumerable.Range(0, Count).Where(static i => i % 2 == 0).Select(static i => $"n{i:D5}");
        Assert.Empty(stayed.Except(listed));
        foreach (var name in await Fs.Names(Root))
            Good(await Fs.Unlink(name));
        Assert.Empty(await Fs.Names(Root));
    }

    [Fact]
    public async Task Entries_say_what_they_are_and_where_to_go_on()
    {
        var file = await Fs.Stat(await Fs.File("f"));
        var folder = await Fs.Stat(await Fs.Folder("d"));
        var link = await Fs.Stat(await Fs.Link("l", "f"));
        var handle = Good(await System.OpenDirectoryAsync(Root, 0, Fs.Me, default)).Handle;
        var all = Good(await System.ReadDirectoryAsync(Root, handle, 0, false, Fs.Me, default));
        var known = all.ToDictionary(static e => global::System.Text.Encoding.UTF8.GetString(e.Name));
        Assert.Equal([".", "..", "d", "f", "l"], known.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((file.Inode, FileType.Regular), (known["f"].Inode, known["f"].Mode));
        Assert.Equal((folder.Inode, FileType.Directory), (known["d"].Inode, known["d"].Mode));
        Assert.Equal((link.Inode, FileType.Link), (known["l"].Inode, known["l"].Mode));
        for (var i = 0; i < all.Count; i++)
        {
            Assert.NotEqual(0, all[i].Offset);
            var rest = Good(await System.ReadDirectoryAsync(Root, handle, all[i].Offset, false, Fs.Me, default));
            Assert.Equal(all.Skip(i + 1).Select(static e => Convert.ToHexString(e.Name)), rest.Select(static e => Convert.ToHexString(e.Name)));
        }

        Good(await System.ReleaseDirectoryAsync(Root, handle));
    }

    [Fact]
    public async Task Extended_attributes_are_kept()
    {
        var node = await Fs.File("f");
        var name = Bytes("user.colour");
        Assert.Equal(Errno.ENODATA, (await System.GetExtendedAsync(node, name, Fs.Me, default)).Error);
        Assert.Equal(Errno.ENODATA, await System.SetExtendedAsync(node, name, Bytes("red"), 2, Fs.Me, default));
        Good(await System.SetExtendedAsync(node, name, Bytes("red"), 1, Fs.Me, default));
        Assert.Equal(Errno.EEXIST, await System.SetExtendedAsync(node, name, Bytes("blue"), 1, Fs.Me, default));
        Good(await System.SetExtendedAsync(node, name, Bytes("blue\0green"), 0, Fs.Me, default));
        Good(await System.SetExtendedAsync(node, Bytes("user.empty"), Array.Empty<byte>(), 0, Fs.Me, default));
        Assert.Equal("blue\0green", global::System.Text.Encoding.UTF8.GetString(Good(await System.GetExtendedAsync(node, name, Fs.Me, default))));
        var listed = global::System.Text.Encoding.UTF8.GetString(Good(await System.ListExtendedAsync(node, Fs.Me, default)));
        Assert.Equal(["user.colour", "user.empty"], listed.TrimEnd('\0').Split('\0').Where(static n => n.StartsWith("user.")).Order());
        Good(await System.RemoveExtendedAsync(node, name, Fs.Me, default));
        Assert.Equal(Errno.ENODATA, await System.RemoveExtendedAsync(node, name, Fs.Me, default));
        Assert.Equal(Errno.EOPNOTSUPP, await System.SetExtendedAsync(node, Bytes("nonsense"), Bytes("x"), 0, Fs.Me, default));
    }
}
