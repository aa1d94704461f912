using CsCheck;
using Vuos.FileSystems.Examples;
using Vuos.FileSystems.Tests.Support;
using Vuos.Native;
using Vuos.Native.Kernel;
using static Vuos.FileSystems.Tests.Support.Session;

namespace Vuos.FileSystems.Tests;

/// <summary>The file system in memory does what the kernel does with a directory of the host, whatever is asked of both.</summary>
public sealed class MemoryModelTests
{
    private static readonly string[] Names = ["a", "b", "c"];

    private static readonly string[] Parents = ["", "", "a", "b", "a/b"];

    private enum Kind
    {
        File, Folder, Link, HardLink, Unlink, RemoveFolder, Rename, Write, Truncate, Punch, Mode, Attribute, Read,
    }

    /// <summary>One request: up to two paths of at most two names, and a number that means a length, a flag or a mode.</summary>
    private sealed record Request(Kind Kind, string Parent, string Name, string OtherParent, string OtherName, int Number);

    [Fact]
    public void It_is_the_kernel_whatever_is_asked()
    {
        var parents = Gen.Int[0, Parents.Length - 1].Select(static i => Parents[i]);
        var names = Gen.Int[0, Names.Length - 1].Select(static i => Names[i]);
        var requests = Gen.Select(
            Gen.Int[0, (int)Kind.Read].Select(static i => (Kind)i), parents, names, parents, names, Gen.Int[0, 20_000],
            static (kind, parent, name, otherParent, otherName, number) => new Request(kind, parent, name, otherParent, otherName, number));
        requests.Array[1, 60].Sample(static all => Same(all).GetAwaiter().GetResult(), iter: 400, threads: 1);
    }

    private static async Task Same(Request[] requests)
    {
        using var host = new TempDirectory();
        await using var kernel = new PassthroughTree(host.Path);
        var expected = await kernel.Session();
        var memory = new MemoryFileSystem();
        Assert.False((await memory.StartAsync(new MountRequest { Type = "vufusememory", Source = "none", Caller = expected.Me }, default)).Failed);
        var actual = new Session(memory);
        foreach (var request in requests)
        {
            var (theirs, ours) = (await Run(expected, request), await Run(actual, request));
            Assert.True(theirs == ours, $"{request}\nkernel {theirs}\nours   {ours}");
        }

        Assert.Equal(await Tree(expected, Root), await Tree(actual, Root));
        // All look-ups forgotten, what has no name is gone.
        for (ulong node = 2; node < 10_000; node++)
            memory.Forget(node, ulong.MaxValue);
        Assert.Equal(await Tree(expected, Root), await Tree(actual, Root));
        Assert.Equal(Directory.GetFileSystemEntries(host.Path, "*", SearchOption.AllDirectories).Length + 1 - Aliases(host.Path), memory.NodeCount);
    }

    private static async Task<string> Run(Session fs, Request request)
    {
        var parent = await fs.Walk(request.Parent);
        var other = await fs.Walk(request.OtherParent);
        if (parent.Failed || other.Failed)
            return $"{parent.Error} {other.Error}";
        var (directory, name) = (parent.Value.Node, Bytes(request.Name));
        var found = await fs.Find(request.Name, directory);
        var node = found.Value.Node;
        switch (request.Kind)
        {
            case Kind.File:
                return Text(await fs.System.MakeNodeAsync(directory, name, FileType.Regular | 0b110_100_000, 0, fs.Me, default));
            case Kind.Folder:
                return Text(await fs.System.MakeDirectoryAsync(directory, name, 0b111_101_000, fs.Me, default));
            case Kind.Link:
                return Text(await fs.System.MakeLinkAsync(directory, name, Bytes(request.OtherName), fs.Me, default));
            case Kind.HardLink:
                return found.Failed ? found.Error.ToString() : Text(await fs.System.LinkAsync(node, other.Value.Node, Bytes(request.OtherName), fs.Me, default));
            case Kind.Unlink:
                return (await fs.Unlink(request.Name, directory)).ToString();
            case Kind.RemoveFolder:
                return (await fs.RemoveFolder(request.Name, directory)).ToString();
            case Kind.Rename:
                return (await fs.Rename(request.Name, request.OtherName, request.Number % 3, directory, other.Value.Node)).ToString();
            case Kind.Mode when !found.Failed && (found.Value.Attributes.Mode & FileType.Mask) != FileType.Link:
                return Text(await fs.Change(node, new AttributeChange { Mode = (uint)request.Number & 0xFFF | 0b111_000_000 }));
            case Kind.Attribute when !found.Failed:
                return (await fs.System.SetExtendedAsync(node, Bytes("user." + request.OtherName), new byte[request.Number % 50], (uint)request.Number % 3, fs.Me, default)).ToString();
        }

        return found.Failed || (found.Value.Attributes.Mode & FileType.Mask) != FileType.Regular ? found.Error.ToString() : await Content(fs, node, request);
    }

    private static async Task<string> Content(Session fs, ulong node, Request request)
    {
        var handle = await fs.Open(node);
        string result;
        switch (request.Kind)
        {
            case Kind.Write:
                result = (await fs.WriteTo(node, handle, request.Number * 3L, Bytes(request.OtherName + new string('x', request.Number / 4)))).ToString();
                break;
            case Kind.Truncate:
                result = (await fs.Change(node, new AttributeChange { Size = request.Number })).Error.ToString();
                break;
            case Kind.Punch:
                result = (await fs.System.AllocateAsync(node, handle, request.Number / 2, request.Number, 3, fs.Me, default)).ToString();
                break;
            default:
                var buffer = new byte[request.Number + 1];
                var count = Good(await fs.System.ReadAsync(node, handle, request.Number / 2, buffer, fs.Me, default));
                result = Convert.ToHexString(buffer.AsSpan(0, count));
                break;
        }

        await fs.Close(node, handle);
        return result;
    }

    private static string Text(Answer<NodeEntry> answer) => answer.Failed ? answer.Error.ToString() : Text(answer.Value.Attributes);

    private static string Text(Answer<TimedAttributes> answer) => answer.Failed ? answer.Error.ToString() : Text(answer.Value.Attributes);

    /// <summary>The size of a directory is each file system's own affair.</summary>
    private static string Text(NodeAttributes a) => $"{a.Mode:x} {a.Links} {a.Uid} {a.Gid} {((a.Mode & FileType.Mask) == FileType.Directory ? 0 : a.Size)}";

    private static async Task<string> Tree(Session fs, ulong folder)
    {
        var parts = new List<string>();
        foreach (var name in (await fs.Names(folder)).Order(StringComparer.Ordinal))
        {
            var entry = Good(await fs.Find(name, folder));
            var attributes = global::System.Text.Encoding.UTF8.GetString(Good(await fs.System.ListExtendedAsync(entry.Node, fs.Me, default)));
            var inside = (entry.Attributes.Mode & FileType.Mask) switch
            {
                FileType.Directory => await Tree(fs, entry.Node),
                FileType.Regular => Convert.ToHexString(global::System.Security.Cryptography.SHA256.HashData(await fs.Read(entry.Node, 0, 100_000))),
                _ => "",
            };
            parts.Add($"{name} {Text(entry.Attributes)} {string.Join(',', attributes.Split('\0').Where(static n => n.StartsWith("user.")).Order(StringComparer.Ordinal))} ({inside})");
        }

        return string.Join('\n', parts);
    }

    /// <summary>Names beyond the first of files with several.</summary>
    private static int Aliases(string path)
    {
        var entries = Directory.GetFileSystemEntries(path, "*", SearchOption.AllDirectories);
        return entries.Length - entries.Select(static e =>
        {
            Files.Stat(Bytes(e + "\0"), out var stat, At.SymlinkNoFollow);
            return stat.Ino;
        }).Distinct().Count();
    }
}
