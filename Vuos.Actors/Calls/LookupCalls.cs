using System.Runtime.CompilerServices;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls;

/// <summary>
/// The stat family, access and readlink: where the view differs from the host they are answered here, with the result written into the guest's buffer; that is one stop
/// (or one notification) instead of two.
/// </summary>
internal sealed unsafe class LookupCalls(PathArguments paths, ProcView proc)
{
    private const int StatxSize = 256, AccessWrite = 2;

    private readonly Resolution found = new();
    private readonly byte[] result = new byte[4096];

    public Verdict Decide(Call call, SyscallInfo row)
    {
        var argument = row.Paths[0];
        if (!paths.Read(call, argument, 0))
            return Verdict.Continue;
        var follow = call.Number is not (Nr.Readlink or Nr.Readlinkat) && PathArguments.Follows(call, argument);
        if (call.Number == Nr.Readlink || call.Number == Nr.Readlinkat)
            return ReadLink(call, argument);
        paths.Resolve(call, argument, 0, follow, paths.Resolver.Table.AnyReadOnly, found);
        if (found.Kind == ResolutionKind.Failed)
            return Verdict.Fail(found.Error);
        if (call.Number is Nr.Access or Nr.Faccessat or Nr.Faccessat2 && !found.Unexamined && found.Top is { ReadOnly: true }
            && RefusesAccess(call))
            return Verdict.Fail(Errno.EROFS);
        if (found.Kind == ResolutionKind.Native)
            return Verdict.Continue;
        if (call.Thread.Process.OwnCredentials || ProcLinks.Parse(found.Host.Span, out _, out _) != ProcEntry.None)
            return RewritePath(call, argument);
        return call.Number switch
        {
            Nr.Stat => Stat(call, call.Args[1], 0),
            Nr.Lstat => Stat(call, call.Args[1], At.SymlinkNoFollow),
            Nr.Newfstatat => Stat(call, call.Args[2], (int)call.Args[3]),
            Nr.Statx => Statx(call),
            Nr.Access => Verdict.Answer(Files.Access(found.Host.ForKernel(), (int)call.Args[1], 0)),
            Nr.Faccessat => Verdict.Answer(Files.Access(found.Host.ForKernel(), (int)call.Args[2], 0)),
            Nr.Faccessat2 => Verdict.Answer(Files.Access(found.Host.ForKernel(), (int)call.Args[2], (int)call.Args[3])),
            _ => RewritePath(call, argument),
        };
    }

    private bool RefusesAccess(Call call)
    {
        var mode = call.Args[call.Number == Nr.Access ? 1 : 2];
        return (mode & AccessWrite) != 0 && Files.Stat(found.Host.ForKernel(), out var stat) == 0 && (stat.IsRegular || stat.IsDirectory);
    }

    private Verdict RewritePath(Call call, in PathArgument argument)
    {
        call.Thread.Pending.Begin(call.Number);
        call.Thread.Pending.Replace(argument.Index, found.Host.ForKernel());
        return Verdict.Rewrite;
    }

    private Verdict Stat(Call call, long buffer, int flags)
    {
        Unsafe.SkipInit(out KernelStat stat);
        long answer;
        fixed (byte* path = found.Host.ForKernel())
            answer = Sys.Call(Nr.Newfstatat, At.FdCwd, (long)path, (long)&stat, flags);
        if (answer < 0)
            return Verdict.Answer(answer);
        return GuestMemory.Write(call.Thread.Tid, buffer, new ReadOnlySpan<byte>(&stat, KernelStat.SizeOf)) == Errno.None
            ? Verdict.Answer(0)
            : Verdict.Fail(Errno.EFAULT);
    }

    private Verdict Statx(Call call)
    {
        long answer;
        fixed (byte* path = found.Host.ForKernel(), buffer = result)
            answer = Sys.Call(Nr.Statx, At.FdCwd, (long)path, call.Args[2], call.Args[3], (long)buffer);
        if (answer < 0)
            return Verdict.Answer(answer);
        return GuestMemory.Write(call.Thread.Tid, call.Args[4], result.AsSpan(0, StatxSize)) == Errno.None ? Verdict.Answer(0) : Verdict.Fail(Errno.EFAULT);
    }

    private Verdict ReadLink(Call call, in PathArgument argument)
    {
        var at = argument.Index;
        paths.Resolve(call, argument, 0, follow: false, examine: false, found);
        if (found.Kind == ResolutionKind.Failed)
            return Verdict.Fail(found.Error);
        if (found.Unexamined && !proc.MayBeProcLink(call, argument, paths.Text(0), found))
            return Verdict.Continue;
        if (proc.TryReadLink(call.Thread, found.Host.Span, result, out var text))
            return Deliver(call, at, result.AsSpan(0, text));
        if (found.Unexamined || found.Kind == ResolutionKind.Native)
            return Verdict.Continue;
        if (call.Thread.Process.OwnCredentials)
            return RewritePath(call, argument);
        var length = Files.ReadLink(found.Host.ForKernel(), result);
        return length < 0 ? Verdict.Answer(length) : Deliver(call, at, result.AsSpan(0, (int)length));
    }

    private static Verdict Deliver(Call call, int at, ReadOnlySpan<byte> text)
    {
        var size = (int)call.Args[at + 2];
        if (size <= 0)
            return Verdict.Fail(Errno.EINVAL);
        var part = text[..Math.Min(size, text.Length)];
        return GuestMemory.Write(call.Thread.Tid, call.Args[at + 1], part) == Errno.None ? Verdict.Answer(part.Length) : Verdict.Fail(Errno.EFAULT);
    }
}
