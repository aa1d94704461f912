using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Xunit;

namespace Vuos.Native.Tests.Syscalls;

/// <summary>Asks the running kernel what the table says about paths: what an empty or NULL one means, and whether a last link is followed.</summary>
public sealed class KernelAgreesTests : IDisposable
{
    /// <summary>The kernel that brought the last of the calls (file_setattr) and of the NULL paths.</summary>
    private static readonly Version Settled = new(6, 17);

    private readonly KernelProbe _probe = new();

    public void Dispose() => _probe.Dispose();

    [Theory]
    [MemberData(nameof(AtCalls))]
    public void An_empty_path_means_the_descriptor_where_the_table_says_so(string name)
    {
        var (call, path) = Row(name, 0);
        var error = _probe.Ask(call, path, "", DirFd(path), path.Flags >= 0 ? At.EmptyPath : 0u);
        if (error == Errno.ENOSYS || (path.Use == PathUse.LinkFrom && !Environment.IsPrivilegedProcess))
            return;
        if (path.Empty)
            Assert.False(error is Errno.ENOENT or Errno.EFAULT or Errno.EINVAL or Errno.EBADF, $"{name}: {error}");
        else
            Assert.Equal(Errno.ENOENT, error);
    }

    [Theory]
    [MemberData(nameof(AtCalls))]
    public void A_null_path_means_the_descriptor_where_the_table_says_so(string name)
    {
        var (call, path) = Row(name, 0);
        // utimensat(2) had its NULL path long before AT_EMPTY_PATH and refuses the two together.
        var error = _probe.Ask(call, path, null, DirFd(path), path.Flags >= 0 && name != "utimensat" ? At.EmptyPath : 0u);
        if (error == Errno.ENOSYS || (path.Null && Environment.OSVersion.Version < Settled))
            return;
        if (path.Null)
            Assert.False(error is Errno.ENOENT or Errno.EFAULT or Errno.EINVAL or Errno.EBADF, $"{name}: {error}");
        else
            Assert.Equal(Errno.EFAULT, error);
    }

    [Theory]
    [MemberData(nameof(PathCalls))]
    public void A_link_at_the_end_is_followed_where_the_table_says_so(string name, int index)
    {
        var (call, path) = Row(name, index);
        // A link whose target cannot be: whoever follows it finds nothing, whoever does not finds the link.
        var (plain, other, plainFollows) = path.Follow switch
        {
            LinkRule.Always => (0u, 0u, true),
            LinkRule.Never => (0u, 0u, false),
            LinkRule.UnlessAtNoFollow => (0u, (uint)At.SymlinkNoFollow, true),
            LinkRule.IfAtFollow => (0u, (uint)At.SymlinkFollow, false),
            LinkRule.OpenFlags or LinkRule.OpenHow => (0u, (uint)OpenFlag.NoFollow, true),
            LinkRule.UnlessInotifyDontFollow => (4u, 0x0200_0004u, true), // IN_ATTRIB
            LinkRule.UnlessUmountNoFollow => (0u, 8u, true),
            _ => throw new InvalidOperationException($"no flags for {path.Follow}"),
        };
        Check(plain, plainFollows);
        if (other != plain)
            Check(other, !plainFollows);

        void Check(uint flags, bool follows)
        {
            var error = _probe.Ask(call, path, _probe.Name("dangling"), At.FdCwd, flags);
            if (error is not (Errno.ENOSYS or Errno.EPERM))
                Assert.True(follows == (error == Errno.ENOENT), $"{name}, flags {flags:x}: {error}");
        }
    }

    /// <summary>Calls of the *at family that neither create, remove, run nor mount; fanotify_mark(2) has flags of its own.</summary>
    public static TheoryData<string> AtCalls() =>
    [
        .. SyscallTable.All
            .Where(static s => s.Paths.Length > 0 && s.Paths[0] is { DirFd: >= 0, Use: PathUse.Lookup or PathUse.Modify or PathUse.LinkFrom })
            .Where(static s => s.Name != "fanotify_mark")
            .Select(static s => s.Name),
    ];

    /// <summary>All path arguments but those of mounts and other administration (umount2 is harmless on a link), and fanotify's.</summary>
    public static TheoryData<string, int> PathCalls()
    {
        var calls = new TheoryData<string, int>();
        foreach (var call in SyscallTable.All.Where(static s => s.Name != "fanotify_mark"))
        {
            for (var i = 0; i < call.Paths.Length; i++)
            {
                if (call.Paths[i].Use != PathUse.Administer || call.Name == "umount2")
                    calls.Add(call.Name, i);
            }
        }
        return calls;
    }

    private static (SyscallInfo Call, PathArgument Path) Row(string name, int index)
    {
        var call = SyscallTable.Find(name)!;
        return (call, call.Paths[index]);
    }

    /// <summary>readlinkat(2) takes an empty path only with a descriptor of a link.</summary>
    private int DirFd(PathArgument path) => path.Follow == LinkRule.Never ? _probe.LinkDescriptor : _probe.Descriptor;
}
