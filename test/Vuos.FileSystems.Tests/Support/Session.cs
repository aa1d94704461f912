using System.Text;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Tests.Support;

/// <summary>Short ways to the operations of a file system, and what the kernel would keep between them. Methods that give no errno fail the test on an error.</summary>
internal sealed class Session(IFileSystem system)
{
    public const ulong Root = 1;

    public IFileSystem System => system;

    /// <summary>Who asks: ourselves.</summary>
    public Caller Me { get; init; } = new((uint)Sys.Fast(Nr.Geteuid), (uint)Sys.Fast(108), Environment.ProcessId, 0);

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static T Good<T>(Answer<T> answer) => answer.Failed ? throw new InvalidOperationException(answer.Error.ToString()) : answer.Value;

    public static void Good(Errno error) => Assert.Equal(Errno.None, error);

    public async Task<ulong> Folder(string name, ulong parent = Root, uint mode = 0b111_101_101) => Good(await system.MakeDirectoryAsync(parent, Bytes(name), mode, Me, default)).Node;

    public async Task<ulong> File(string name, string content = "", ulong parent = Root)
    {
        var node = Good(await system.MakeNodeAsync(parent, Bytes(name), FileType.Regular | 0b110_100_100, 0, Me, default)).Node;
        if (content.Length > 0)
            await Write(node, 0, Bytes(content));
        return node;
    }

    public async Task<ulong> Link(string name, string target, ulong parent = Root) => Good(await system.MakeLinkAsync(parent, Bytes(name), Bytes(target), Me, default)).Node;

    public async Task<Answer<NodeEntry>> Find(string name, ulong parent = Root) => await system.LookupAsync(parent, Bytes(name), Me, default);

    /// <summary>The entry at the end of a path of names, with look-ups of all of them.</summary>
    public async Task<Answer<NodeEntry>> Walk(string path)
    {
        Answer<NodeEntry> at = new NodeEntry { Node = Root };
        foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            at = await Find(name, at.Value.Node);
            if (at.Failed)
                break;
        }

        return at;
    }

    public async Task<NodeAttributes> Stat(ulong node) => Good(await system.GetAttributesAsync(node, null, Me, default)).Attributes;

    public async Task<Answer<TimedAttributes>> Change(ulong node, AttributeChange change) => await system.SetAttributesAsync(node, null, change, Me, default);

    public async Task<Errno> Rename(string from, string to, int flags = 0, ulong parent = Root, ulong newParent = Root) =>
        await system.RenameAsync(parent, Bytes(from), newParent, Bytes(to), (uint)flags, Me, default);

    public async Task<Errno> Unlink(string name, ulong parent = Root) => await system.UnlinkAsync(parent, Bytes(name), Me, default);

    public async Task<Errno> RemoveFolder(string name, ulong parent = Root) => await system.RemoveDirectoryAsync(parent, Bytes(name), Me, default);

    public async Task<ulong> Open(ulong node, int flags = OpenFlag.RdWr) => Good(await system.OpenAsync(node, flags, Me, default)).Handle;

    public async Task Close(ulong node, ulong handle) => Good(await system.ReleaseAsync(node, handle, 0));

    public async Task<Answer<int>> WriteTo(ulong node, ulong handle, long offset, byte[] data) => await system.WriteAsync(node, handle, offset, data, Me, default);

    public async Task Write(ulong node, long offset, byte[] data)
    {
        var handle = await Open(node);
        Assert.Equal(data.Length, Good(await WriteTo(node, handle, offset, data)));
        await Close(node, handle);
    }

    public async Task<byte[]> Read(ulong node, long offset = 0, int length = 1 << 16)
    {
        var handle = await Open(node, 0);
        var buffer = new byte[length];
        var count = Good(await system.ReadAsync(node, handle, offset, buffer, Me, default));
        await Close(node, handle);
        return buffer[..count];
    }

    public async Task<string> Text(ulong node) => Encoding.UTF8.GetString(await Read(node));

    /// <summary>All names but "." and "..", and what happens between two pieces.</summary>
    public async Task<List<string>> Names(ulong directory, Func<int, Task>? between = null)
    {
        var handle = Good(await system.OpenDirectoryAsync(directory, 0, Me, default)).Handle;
        var names = new List<string>();
        long offset = 0;
        for (var piece = 0; ; piece++)
        {
            var entries = Good(await system.ReadDirectoryAsync(directory, handle, offset, false, Me, default));
            if (entries.Count == 0)
                break;
            names.AddRange(entries.Select(static e => Encoding.UTF8.GetString(e.Name)).Where(static n => n is not ("." or "..")));
            offset = entries[^1].Offset;
            if (between is not null)
                await between(piece);
        }

        Good(await system.ReleaseDirectoryAsync(directory, handle));
        return names;
    }
}
