using Vuos.Native;
using Vuos.Native.Kernel;
using static Vuos.FileSystems.Tests.Support.Session;

namespace Vuos.FileSystems.Tests.Behaviour;

/// <summary>What only holds for users who are not root; run by <see cref="Program"/>, see <see cref="UnprivilegedTests"/>.</summary>
internal sealed class UnprivilegedFacts : BehaviourTests
{
    private protected override (IFileSystem System, MountRequest Request) Make() => (new Examples.PassthroughFileSystem(), Support.PassthroughTree.Request("/"));

    [AsUser]
    public async Task The_kernel_says_what_we_may_not()
    {
        Assert.NotEqual(0u, Fs.Me.Uid);
        var shadow = Good(await Fs.Walk("etc/shadow")).Node;
        Assert.Equal(Errno.EACCES, (await System.OpenAsync(shadow, OpenFlag.RdWr, Fs.Me, default)).Error);
        Assert.Equal(Errno.EACCES, await System.AccessAsync(shadow, 2, Fs.Me, default));
        Assert.Equal(Errno.None, await System.AccessAsync(shadow, 0, Fs.Me, default));
        Assert.Equal(Errno.EPERM, (await Fs.Change(shadow, new AttributeChange { Mode = 0 })).Error);
        var etc = Good(await Fs.Find("etc")).Node;
        Assert.Equal(Errno.EACCES, (await System.MakeNodeAsync(etc, Bytes("vuos-test"), FileType.Regular, 0, Fs.Me, default)).Error);
        Assert.Equal(Errno.EACCES, await Fs.Unlink("shadow", etc));
    }
}
