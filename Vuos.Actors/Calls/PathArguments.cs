using Vuos.Actors.Guests;
using Vuos.Actors.Running;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls;

/// <summary>Reads the path arguments of the call under decision out of the guest and resolves them. One per tracer; its buffers are reused.</summary>
internal sealed class PathArguments(PathResolver resolver, DebugOutput debug)
{
    private const int PathMax = 4096;

    private readonly byte[][] buffers = [new byte[PathMax], new byte[PathMax]];
    private readonly int[] lengths = new int[2];

    public PathResolver Resolver => resolver;

    /// <summary>The text of the first or second path of the call.</summary>
    public ReadOnlySpan<byte> Text(int which) => buffers[which].AsSpan(0, lengths[which]);

    /// <summary>The same with its NUL.</summary>
    public ReadOnlySpan<byte> TextForKernel(int which) => buffers[which].AsSpan(0, lengths[which] + 1);

    /// <summary>Reads a path: false when the kernel must say what is wrong with the pointer or the length.</summary>
    public bool Read(Call call, in PathArgument argument, int which)
    {
        var address = call.Args[argument.Index];
        return address != 0 && GuestMemory.ReadString(call.Thread.Tid, address, buffers[which], out lengths[which]) == Errno.None;
    }

    /// <summary>Resolves a path read before.</summary>
    public void Resolve(Call call, in PathArgument argument, int which, bool follow, bool examine, Resolution result)
    {
        var named = argument.Use is PathUse.Create or PathUse.Remove or PathUse.RenameFrom or PathUse.RenameTo;
        if (named && Text(which).EndsWith(".."u8) && (lengths[which] == 2 || Text(which)[^3] == (byte)'/'))
            ResolveDotDot(call, argument, which, result);
        else
            resolver.Resolve(call.Thread, DirFd(call, argument), Text(which), follow, examine, result, named);
        if (debug.On(call.Thread, 'p'))
            debug.Write(call.Thread, 'p', $"{BytePath.Display(Text(which))} {Found(result)}");
    }

    /// <summary>
    /// A name that ends in ".." can be neither made nor removed; which errno says so is the kernel's to decide, so it gets just that: the directory before, and "..".
    /// </summary>
    private void ResolveDotDot(Call call, in PathArgument argument, int which, Resolution result)
    {
        var directory = lengths[which] == 2 ? "."u8 : Text(which)[..^2];
        resolver.Resolve(call.Thread, DirFd(call, argument), directory, follow: true, examine: true, result);
        result.Unexamined = result.Kind != ResolutionKind.Failed;
        if (result.Kind == ResolutionKind.Host)
            result.Host.Push(".."u8);
    }

    public static long DirFd(Call call, in PathArgument argument) => argument.DirFd < 0 ? At.FdCwd : (int)call.Args[argument.DirFd];

    /// <summary>Whether the call follows a link in the last component of this path.</summary>
    public static bool Follows(Call call, in PathArgument argument)
    {
        var flags = argument.Flags < 0 ? 0 : call.Args[argument.Flags];
        return argument.Follow switch
        {
            LinkRule.Always => true,
            LinkRule.Never => false,
            LinkRule.UnlessAtNoFollow => (flags & At.SymlinkNoFollow) == 0,
            LinkRule.IfAtFollow => (flags & At.SymlinkFollow) != 0,
            LinkRule.OpenFlags => FollowsOpen(flags),
            LinkRule.OpenHow => FollowsOpen(GuestMemory.Read(call.Thread.Tid, flags, out OpenHow how) == Errno.None ? (long)how.Flags : 0),
            LinkRule.UnlessUmountNoFollow => (flags & 8) == 0,
            LinkRule.UnlessInotifyDontFollow => (flags & 0x02000000) == 0,
            LinkRule.UnlessFanotifyDontFollow => (flags & 4) == 0,
            _ => true,
        };
    }

    private static string Found(Resolution result) => result.Kind switch
    {
        ResolutionKind.Failed => result.Error.ToString(),
        _ when result.Unexamined => "as it is",
        _ => $"is {BytePath.Display(result.View.Span)} -> {BytePath.Display(result.Host.Span)}",
    };

    private static bool FollowsOpen(long flags) =>
        (flags & OpenFlag.NoFollow) == 0 && (flags & (OpenFlag.Creat | OpenFlag.Excl)) != (OpenFlag.Creat | OpenFlag.Excl);
}
