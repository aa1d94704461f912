using Vuos.FileSystems.Tests.Support;
using Vuos.Native;
using Vuos.Native.Kernel;
using static Vuos.FileSystems.Tests.Support.Session;

namespace Vuos.FileSystems.Tests.Behaviour;

/// <summary>rename(2), compared with what the kernel does on the host.</summary>
public abstract partial class BehaviourTests
{
    private static readonly string[] Kinds = ["missing", "file", "link", "empty", "full", "hardlink"];

    private static readonly int[] Flags = [0, RenameFlag.NoReplace, RenameFlag.Exchange, RenameFlag.NoReplace | RenameFlag.Exchange];

    [Fact]
    public async Task Renames_of_every_kind_to_every_kind_end_as_in_the_kernel()
    {
        using var host = new TempDirectory();
        var kernel = new PassthroughTree(host.Path);
        var number = 0;
        foreach (var (from, to, flags, deep) in from a in Kinds from b in Kinds from f in Flags from d in (bool[])[false, true] select (a, b, f, d))
        {
            var name = $"t{number++}";
            var expected = await Outcome(await kernel.Session(), name, from, to, flags, deep);
            var actual = await Outcome(Fs, name, from, to, flags, deep);
            Assert.True(expected == actual, $"{from} to {to}, flags {flags}, deep {deep}:\nkernel {expected}\nours   {actual}");
        }

        await kernel.DisposeAsync();
    }

    [Fact]
    public async Task A_directory_does_not_move_into_itself()
    {
        var outer = await Fs.Folder("outer");
        var inner = await Fs.Folder("inner", outer);
        Assert.Equal(Errno.EINVAL, await Fs.Rename("outer", "x", newParent: inner));
        Assert.Equal(Errno.EINVAL, await Fs.Rename("outer", "x", newParent: outer));
        Assert.Equal(Errno.ENOTEMPTY, await Fs.Rename("inner", "outer", parent: outer));
        Assert.Equal(Errno.EINVAL, await Fs.Rename("inner", "outer", RenameFlag.Exchange, parent: outer));
        Good(await Fs.Rename("outer", "outer"));
        Assert.Equal(inner, Good(await Fs.Walk("outer/inner")).Node);
    }

    [Fact]
    public async Task A_moved_directory_has_its_new_parent()
    {
        var a = await Fs.Folder("a");
        var b = await Fs.Folder("b");
        var moved = await Fs.Folder("m", a);
        Good(await Fs.Rename("m", "m", parent: a, newParent: b));
        Assert.Equal((2u, 3u), ((await Fs.Stat(a)).Links, (await Fs.Stat(b)).Links));
        var handle = Good(await System.OpenDirectoryAsync(moved, 0, Fs.Me, default)).Handle;
        var up = Good(await System.ReadDirectoryAsync(moved, handle, 0, false, Fs.Me, default)).Single(static e => e.Name.AsSpan().SequenceEqual(".."u8));
        Good(await System.ReleaseDirectoryAsync(moved, handle));
        Assert.Equal((await Fs.Stat(b)).Inode, up.Inode);
        Assert.Equal(Errno.EINVAL, await Fs.Rename("b", "x", newParent: moved));
    }

    /// <summary>The answer to one rename and what is there afterwards.</summary>
    private static async Task<string> Outcome(Session fs, string name, string from, string to, int flags, bool deep)
    {
        var top = await fs.Folder(name);
        var target = deep ? await fs.Folder("sub", top) : top;
        var source = await Build(fs, top, "from", from, null);
        await Build(fs, target, "to", to, to == "hardlink" && from is "file" or "link" ? source : null);
        var error = await fs.Rename("from", "to", flags, top, target);
        return $"{error} {await Describe(fs, top)}";
    }

    private static async Task<ulong> Build(Session fs, ulong parent, string name, string kind, ulong? other)
    {
        switch (kind)
        {
            case "file":
                return await fs.File(name, name, parent);
            case "link":
                return await fs.Link(name, name, parent);
            case "hardlink" when other is { } node:
                return Good(await fs.System.LinkAsync(node, parent, Bytes(name), fs.Me, default)).Node;
            case "hardlink":
                var first = await fs.File(name, name, parent);
                return Good(await fs.System.LinkAsync(first, parent, Bytes("other " + name), fs.Me, default)).Node;
            case "empty":
                return await fs.Folder(name, parent);
            case "full":
                var folder = await fs.Folder(name, parent);
                await fs.File("in " + name, "", folder);
                return folder;
            default:
                return 0;
        }
    }

    /// <summary>Names, kinds, links and content of a tree.</summary>
    private protected static async Task<string> Describe(Session fs, ulong folder)
    {
        var parts = new List<string>();
        foreach (var name in (await fs.Names(folder)).Order(StringComparer.Ordinal))
        {
            var entry = Good(await fs.Find(name, folder));
            var content = (entry.Attributes.Mode & FileType.Mask) switch
            {
                FileType.Directory => $"({await Describe(fs, entry.Node)})",
                FileType.Regular => $"[{await fs.Text(entry.Node)}]",
                FileType.Link => "->" + global::System.Text.Encoding.UTF8.GetString(Good(await fs.System.ReadLinkAsync(entry.Node, fs.Me, default))),
                _ => "",
            };
            parts.Add($"{name}:{entry.Attributes.Mode:x}*{entry.Attributes.Links}{content}");
        }

        return string.Join(' ', parts);
    }
}
