using Vuos.FileSystems.Examples;
using Vuos.FileSystems.Tests.Support;
using Vuos.Native;
using static Vuos.FileSystems.Tests.Support.Session;

namespace Vuos.FileSystems.Tests.Behaviour;

public sealed class MemoryBehaviourTests : BehaviourTests
{
    private readonly MemoryFileSystem memory = new();

    private protected override bool MakesDevices => true;

    private protected override (IFileSystem System, MountRequest Request) Make() =>
        (memory, new MountRequest { Type = "vufusememory", Source = "none", Caller = new Session(memory).Me });

    [Fact]
    public async Task What_nobody_knows_or_names_is_gone()
    {
        var node = await Fs.File("f", "x");
        var handle = await Fs.Open(node);
        Good(await Fs.Unlink("f"));
        System.Forget(node, 1);
        Assert.Equal(2, memory.NodeCount);
        await Fs.Close(node, handle);
        Assert.Equal(1, memory.NodeCount);
        Assert.Equal(Errno.ESTALE, (await System.GetAttributesAsync(node, null, Fs.Me, default)).Error);
        Assert.True((await Status()).FreeBlocks == (await Status()).Blocks, "its blocks are free again");
    }

    private async Task<FileSystemStatus> Status() => Good(await System.StatusAsync(Root, Fs.Me, default));
}

public class PassthroughBehaviourTests : BehaviourTests
{
    private protected TempDirectory Host { get; } = new();

    private protected override (IFileSystem System, MountRequest Request) Make() => (new PassthroughFileSystem(), PassthroughTree.Request(Host.Path));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        Host.Dispose();
    }
}
