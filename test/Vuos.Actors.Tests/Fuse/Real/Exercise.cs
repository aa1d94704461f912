using Vuos.Actors.Modules.Fuse;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Fuse.Real;

/// <summary>What a file system has besides files and directories.</summary>
[Flags]
public enum Features
{
    None = 0, Links = 1, SymLinks = 2, Extended = 4, Modes = 8, Times = 16,
    All = Links | SymLinks | Extended | Modes | Times,
}

/// <summary>The operations of a guest on a file system, one after the other, with the answers that any honest one gives.</summary>
internal sealed class Exercise(FuseFileSystem files)
{
    private const int ReadWrite = 0x1B6;

    private readonly Dictionary<ulong, ulong> _lookups = [];

    /// <summary>Who runs the tests, and so the server.</summary>
    private static Caller Me { get; } = new(Environment.IsPrivilegedProcess ? 0u : 65534, Environment.IsPrivilegedProcess ? 0u : 65534, Environment.ProcessId, 0x12);

    /// <summary>Makes, writes, reads, moves and removes names in a directory.</summary>
    public async Task WriteAsync(Features features, ulong parent = 1)
    {
        var folder = Counted((await files.MakeDirectoryAsync(parent, Name("folder"), 0x1ED, Me, default)).Good());
        await FileAsync(folder, features);
        await LinksAsync(folder, features);
        Assert.NotEqual(Errno.None, await files.RemoveDirectoryAsync(parent, Name("folder"), Me, default));
        Assert.Equal(Errno.None, await files.UnlinkAsync(folder, Name("renamed"), Me, default));
        await GoneAsync(folder, "renamed");
        Assert.Equal(Errno.None, await files.RemoveDirectoryAsync(parent, Name("folder"), Me, default));
        await GoneAsync(parent, "folder");
        var status = (await files.StatusAsync(parent, Me, default)).Good();
        Assert.True(status.BlockSize > 0);
        ForgetAll();
    }

    /// <summary>Reads a file by its path from the root, whole and from the middle.</summary>
    public async Task ReadAsync(string path, byte[] content)
    {
        var node = await NodeAsync(path);
        Assert.Equal(content.Length, (await files.GetAttributesAsync(node, null, Me, default)).Good().Attributes.Size);
        await ContentAsync(node, content, unit: 4096);
        ForgetAll();
    }

    /// <summary>Lists a directory, both ways; "." and ".." are left out.</summary>
    public async Task ListAsync(string path, params string[] names)
    {
        var node = await NodeAsync(path);
        foreach (var plus in new[] { false, true })
            Assert.Equal(names.Order(), (await NamesAsync(node, plus)).Order());
        ForgetAll();
    }

    private async Task FileAsync(ulong folder, Features features)
    {
        var content = new byte[300_001];
        new Random(1).NextBytes(content);
        var (node, open) = await MakeFileAsync(folder, "file");
        Assert.Equal(content.Length, (await files.WriteAsync(node, open.Handle, 0, content, Me, default)).Good());
        Assert.True(await files.FlushAsync(node, open.Handle, 1, Me, default) is Errno.None or Errno.ENOSYS);
        Assert.True(await files.SyncAsync(node, open.Handle, false, Me, default) is Errno.None or Errno.ENOSYS);
        Assert.Equal(Errno.None, await files.ReleaseAsync(node, open.Handle, OpenFlag.RdWr));
        Assert.Equal(content.Length, (await files.GetAttributesAsync(node, null, Me, default)).Good().Attributes.Size);
        await ContentAsync(node, content);

        (await files.SetAttributesAsync(node, null, new AttributeChange { Size = 1234 }, Me, default)).Good();
        Assert.Equal(1234, (await files.GetAttributesAsync(node, null, Me, default)).Good().Attributes.Size);
        await ContentAsync(node, content[..1234]);
        if (features.HasFlag(Features.Modes))
        {
            (await files.SetAttributesAsync(node, null, new AttributeChange { Mode = 0x180 }, Me, default)).Good();
            Assert.Equal(0x8180u, (await files.GetAttributesAsync(node, null, Me, default)).Good().Attributes.Mode);
        }

        if (features.HasFlag(Features.Times))
        {
            (await files.SetAttributesAsync(node, null, new AttributeChange { AccessTime = new TimeSpec(1_000_000_000, 0), ModifyTime = new TimeSpec(1_100_000_000, 0) }, Me, default)).Good();
            Assert.Equal(1_100_000_000, (await files.GetAttributesAsync(node, null, Me, default)).Good().Attributes.ModifyTime.Seconds);
        }

        if (features.HasFlag(Features.Extended))
            await ExtendedAsync(node);
        Assert.Equal(Errno.None, await files.RenameAsync(folder, Name("file"), folder, Name("renamed"), 0, Me, default));
        await GoneAsync(folder, "file");
        Counted((await files.LookupAsync(folder, Name("renamed"), Me, default)).Good());
        foreach (var plus in new[] { false, true })
            Assert.Equal(["renamed"], await NamesAsync(folder, plus));
    }

    private async Task ExtendedAsync(ulong node)
    {
        Assert.Equal(Errno.None, await files.SetExtendedAsync(node, Name("user.test"), "value"u8.ToArray(), 0, Me, default));
        Assert.Equal(Name("value"), (await files.GetExtendedAsync(node, Name("user.test"), Me, default)).Good());
        Assert.Contains("user.test\0", System.Text.Encoding.UTF8.GetString((await files.ListExtendedAsync(node, Me, default)).Good()));
        Assert.Equal(Errno.None, await files.RemoveExtendedAsync(node, Name("user.test"), Me, default));
        Assert.Equal(Errno.ENODATA, (await files.GetExtendedAsync(node, Name("user.test"), Me, default)).Error);
    }

    private async Task LinksAsync(ulong folder, Features features)
    {
        if (features.HasFlag(Features.SymLinks))
        {
            var link = Counted((await files.MakeLinkAsync(folder, Name("link"), Name("renamed"), Me, default)).Good());
            Assert.Equal(Name("renamed"), (await files.ReadLinkAsync(link, Me, default)).Good());
            Assert.Equal(Errno.None, await files.UnlinkAsync(folder, Name("link"), Me, default));
        }

        if (features.HasFlag(Features.Links))
        {
            var node = Counted((await files.LookupAsync(folder, Name("renamed"), Me, default)).Good());
            var other = Counted((await files.LinkAsync(node, folder, Name("other"), Me, default)).Good());
            Assert.Equal(2u, (await files.GetAttributesAsync(other, null, Me, default)).Good().Attributes.Links);
            Assert.Equal(Errno.None, await files.UnlinkAsync(folder, Name("other"), Me, default));
        }
    }

    /// <summary>A server without CREATE has MKNOD and OPEN.</summary>
    private async Task<(ulong Node, OpenResult Open)> MakeFileAsync(ulong folder, string name)
    {
        var created = await files.CreateAsync(folder, Name(name), ReadWrite, OpenFlag.RdWr, Me, default);
        if (created.Error != Errno.ENOSYS)
            return (Counted(created.Good().Entry), created.Value.Open);
        var node = Counted((await files.MakeNodeAsync(folder, Name(name), FileType.Regular | ReadWrite, 0, Me, default)).Good());
        return (node, (await files.OpenAsync(node, OpenFlag.RdWr, Me, default)).Good());
    }

    /// <param name="node">A file.</param>
    /// <param name="content">What it has.</param>
    /// <param name="unit">Of what offsets and sizes are multiples. Through the page cache the kernel asks for whole pages, and fuseiso overruns its buffers when it is asked for anything else.</param>
    private async Task ContentAsync(ulong node, byte[] content, int unit = 1)
    {
        var open = (await files.OpenAsync(node, 0, Me, default)).Good();
        var buffer = new byte[content.Length + 5000];
        Assert.Equal(content.Length, (await files.ReadAsync(node, open.Handle, 0, buffer, Me, default)).Good());
        Assert.True(content.AsSpan().SequenceEqual(buffer.AsSpan(0, content.Length)));
        var from = content.Length / 3 / unit * unit;
        var some = new byte[content.Length / 2 / unit * unit];
        if (some.Length > 0)
            Assert.Equal(some.Length, (await files.ReadAsync(node, open.Handle, from, some, Me, default)).Good());
        Assert.True(content.AsSpan(from, some.Length).SequenceEqual(some));
        Assert.True(await files.ReleaseAsync(node, open.Handle, 0) is Errno.None or Errno.ENOSYS);
    }

    private async Task<List<string>> NamesAsync(ulong node, bool plus)
    {
        var open = (await files.OpenDirectoryAsync(node, 0, Me, default)).Good();
        var names = new List<string>();
        for (long offset = 0; ;)
        {
            var part = (await files.ReadDirectoryAsync(node, open.Handle, offset, plus, Me, default)).Good();
            if (part.Count == 0)
                break;
            names.AddRange(part.Select(static e => System.Text.Encoding.UTF8.GetString(e.Name)));
            foreach (var entry in part.Where(static e => e.Entry is not null))
                Counted(entry.Entry!.Value);
            offset = part[^1].Offset;
        }

        Assert.True(await files.ReleaseDirectoryAsync(node, open.Handle) is Errno.None or Errno.ENOSYS);
        names.RemoveAll(static n => n is "." or "..");
        return names;
    }

    private async Task<ulong> NodeAsync(string path)
    {
        var node = 1ul;
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            node = Counted((await files.LookupAsync(node, Name(name), Me, default)).Good());
        return node;
    }

    private async Task GoneAsync(ulong folder, string name)
    {
        var answer = await files.LookupAsync(folder, Name(name), Me, default);
        Assert.True(answer.Error == Errno.ENOENT || (answer.Error == Errno.None && answer.Value.Node == 0), $"{name}: {answer.Error}");
    }

    private ulong Counted(NodeEntry entry)
    {
        Assert.NotEqual(0ul, entry.Node);
        _lookups[entry.Node] = _lookups.GetValueOrDefault(entry.Node) + 1;
        return entry.Node;
    }

    private void ForgetAll()
    {
        foreach (var (node, count) in _lookups)
            files.Forget(node, count);
        _lookups.Clear();
    }

    private static byte[] Name(string name) => System.Text.Encoding.UTF8.GetBytes(name);
}

internal static class Answers
{
    /// <summary>The value of an answer that must not be an error.</summary>
    public static T Good<T>(this Answer<T> answer, [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(answer))] string asked = "")
    {
        Assert.True(!answer.Failed, $"{answer.Error}: {asked}");
        return answer.Value;
    }
}
