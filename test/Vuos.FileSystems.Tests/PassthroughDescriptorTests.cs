using Vuos.FileSystems.Examples;
using Vuos.FileSystems.Tests.Behaviour;
using Vuos.FileSystems.Tests.Support;
using Vuos.Native;
using Vuos.Native.Kernel;
using static Vuos.FileSystems.Tests.Support.Session;

namespace Vuos.FileSystems.Tests;

/// <summary>Everything that holds with a descriptor per node holds when hardly any is kept.</summary>
public sealed class FewDescriptorsBehaviourTests : PassthroughBehaviourTests
{
    private protected override (IFileSystem System, MountRequest Request) Make() => (new PassthroughFileSystem(new PassthroughDescriptors(0)), PassthroughTree.Request(Host.Path));
}

/// <summary>Descriptors of nodes are closed, and the nodes found again.</summary>
public sealed class PassthroughDescriptorTests : IAsyncLifetime
{
    private const int Most = 4;

    private readonly TempDirectory host = new();
    private readonly PassthroughDescriptors descriptors = new(Most);
    private readonly PassthroughFileSystem system;
    private readonly Session fs;

    public PassthroughDescriptorTests() => (system, fs) = Started(new PassthroughFileSystem(descriptors));

    public async Task InitializeAsync() => Good(await system.StartAsync(PassthroughTree.Request(host.Path), default));

    public async Task DisposeAsync()
    {
        await system.DisposeAsync();
        host.Dispose();
    }

    [Fact]
    public async Task Descriptors_are_bounded_and_nodes_are_not()
    {
        var nodes = new List<ulong>();
        for (var i = 0; i < 100; i++)
            nodes.Add(await fs.File($"f{i}", $"content {i}"));
        Assert.Equal(Most, descriptors.IdleCount);
        Assert.Equal(101, system.NodeCount);
        Assert.InRange(Open(), 1, Most + 1);
        for (var i = 0; i < 100; i++)
            Assert.Equal($"content {i}", await fs.Text(nodes[i]));
        Assert.Equal(Most, descriptors.IdleCount);
        foreach (var node in nodes)
            system.Forget(node, 1);
        Assert.Equal((0, 1), (descriptors.IdleCount, system.NodeCount));
    }

    [Fact]
    public async Task What_another_file_replaced_on_the_host_is_stale()
    {
        var (replaced, removed, moved) = (await fs.File("replaced", "old"), await fs.File("removed", "old"), await fs.File("moved", "old"));
        await CloseAll();
        // The new file is there before the old one is gone, and so has another number; that of the removed one may be given again at once.
        File.WriteAllText(host.At("new"), "new");
        File.Move(host.At("new"), host.At("replaced"), overwrite: true);
        File.Delete(host.At("removed"));
        File.WriteAllText(host.At("removed"), "new");
        File.Move(host.At("moved"), host.At("elsewhere"));
        foreach (var node in (ulong[])[replaced, removed, moved])
        {
            Assert.Equal(Errno.ESTALE, (await system.GetAttributesAsync(node, null, fs.Me, default)).Error);
            Assert.Equal(Errno.ESTALE, (await system.OpenAsync(node, OpenFlag.RdWr, fs.Me, default)).Error);
            Assert.Equal(Errno.ESTALE, (await fs.Change(node, new AttributeChange { Size = 0 })).Error);
        }

        Assert.NotEqual(replaced, Good(await fs.Find("replaced")).Node);
        Assert.NotEqual(removed, Good(await fs.Find("removed")).Node);
        // Found by its new name it is the file it was.
        Assert.Equal(moved, Good(await fs.Find("elsewhere")).Node);
        await CloseAll();
        Assert.Equal("old", await fs.Text(moved));
        Assert.Equal("new", File.ReadAllText(host.At("replaced")));
    }

    [Fact]
    public async Task An_open_file_stays_the_file_it_was()
    {
        var node = await fs.File("f", "old");
        var handle = await fs.Open(node);
        await CloseAll();
        File.Delete(host.At("f"));
        File.WriteAllText(host.At("f"), "another");
        Assert.Equal(3, (await fs.Stat(node)).Size);
        await fs.Close(node, handle);
        await CloseAll();
        Assert.Equal(Errno.ESTALE, (await system.GetAttributesAsync(node, null, fs.Me, default)).Error);
    }

    [Fact]
    public async Task Renames_and_removals_of_ours_lose_no_node()
    {
        var (a, b) = (await fs.Folder("a"), await fs.Folder("b"));
        var inner = await fs.Folder("inner", a);
        var file = await fs.File("f", "text", inner);
        var second = Good(await system.LinkAsync(file, b, Bytes("link"), fs.Me, default)).Node;
        Assert.Equal(file, second);
        await CloseAll();
        Good(await fs.Rename("inner", "moved", parent: a, newParent: b));
        await CloseAll();
        Assert.Equal("text", await fs.Text(file));
        Good(await fs.Rename("a", "b", flags: 2));
        await CloseAll();
        Assert.Equal("text", await fs.Text(file));
        Assert.Equal(inner, Good(await fs.Find("moved", b)).Node);
        // The name it is found by goes, another stays.
        Good(await fs.Unlink("link", b));
        await CloseAll();
        Assert.Equal("text", await fs.Text(file));
        Assert.Equal(file, Good(await fs.Find("f", inner)).Node);
        await CloseAll();
        Assert.Equal("text", await fs.Text(file));
        // Nothing is left of its names, and it still is the file.
        await fs.File("x", "another");
        Good(await fs.Rename("x", "f", newParent: inner));
        await CloseAll();
        Assert.Equal((0u, 4L), ((await fs.Stat(file)).Links, (await fs.Stat(file)).Size));
    }

    [Fact]
    public async Task Directories_moved_into_each_other_behind_our_back_are_stale()
    {
        var a = await fs.Folder("a");
        var b = await fs.Folder("b", a);
        var handle = Good(await system.OpenDirectoryAsync(b, 0, fs.Me, default)).Handle;
        Directory.Move(host.At("a/b"), host.At("b"));
        Directory.Move(host.At("a"), host.At("b/a"));
        Assert.Equal(a, Good(await fs.Find("a", b)).Node);
        await CloseAll();
        Assert.Equal(Errno.ESTALE, (await system.GetAttributesAsync(a, null, fs.Me, default)).Error);
        Assert.Equal(b, Good(await fs.Find("b")).Node);
        await CloseAll();
        Assert.Equal(a, Good(await fs.Walk("b/a")).Node);
        Good(await system.ReleaseDirectoryAsync(b, handle));
    }

    [Fact]
    public async Task Many_at_once_are_each_the_right_file()
    {
        var nodes = new List<ulong>();
        for (var i = 0; i < 40; i++)
            nodes.Add(await fs.File($"f{i}", $"{i}"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(async () =>
        {
            for (var round = 0; round < 50; round++)
            {
                for (var i = 0; i < 40; i++)
                    Assert.Equal($"{i * (thread + 1) % 40}", await fs.Text(nodes[i * (thread + 1) % 40]));
            }
        })));
        Assert.InRange(Open(), 1, Most + 1);
    }

    private static (PassthroughFileSystem System, Session Fs) Started(PassthroughFileSystem system) => (system, new Session(system));

    /// <summary>Uses others until nothing of before has a descriptor that need not have one.</summary>
    private async Task CloseAll()
    {
        for (var i = 0; i < Most; i++)
        {
            var name = Guid.NewGuid().ToString();
            await fs.File(name);
        }
    }

    /// <summary>Descriptors of this process on files below the host directory.</summary>
    private int Open() =>
        Directory.GetFiles("/proc/self/fd").Count(fd => new FileInfo(fd).LinkTarget is { } target && target.StartsWith(host.Path, StringComparison.Ordinal));
}
