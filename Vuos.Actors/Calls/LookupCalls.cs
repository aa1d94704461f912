using System.Runtime.CompilerServices;
using Vuos.Actors.Calls.Unions;
using Vuos.Actors.Calls.Virtual;
using Vuos.Actors.Modules.Vufs.Store;
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
internal sealed unsafe class LookupCalls(PathArguments paths, ProcView proc, DescriptorLinks links, UnionDescriptors unions, VirtualStatus virtuals, DescriptorCalls descriptors)
{
    private const int StatxSize = 256, AccessWrite = 2;

    private readonly Resolution found = new();
    private readonly byte[] result = new byte[4096];

    /// <summary>What is looked at may be a copy in a union, which shows as its original.</summary>
    private bool copies;

    public Verdict Decide(Call call, SyscallInfo row)
    {
        var argument = row.Paths[0];
        if (!paths.Read(call, argument, 0))
            return Verdict.Continue;
        if (paths.Text(0).IsEmpty)
            return StatDescriptor(call, argument);
        RecordedAttributes recorded = default;
        var follow = call.Number is not (Nr.Readlink or Nr.Readlinkat) && PathArguments.Follows(call, argument);
        if (call.Number == Nr.Readlink || call.Number == Nr.Readlinkat)
            return ReadLink(call, argument);
        paths.Resolve(call, argument, 0, follow, paths.Resolver.Table.AnyReadOnly, found);
        if (found.Kind == ResolutionKind.Failed)
            return Verdict.Fail(found.Error);
        if (paths.Resolver.Table.AnyVirtual && virtuals.Decides(call, found, out var decided))
            return decided;
        if (call.Number is Nr.Access or Nr.Faccessat or Nr.Faccessat2 && !found.Unexamined && found.Top is { ReadOnly: true }
            && RefusesAccess(call))
            return Verdict.Fail(Errno.EROFS);
        copies = call.Number is Nr.Stat or Nr.Newfstatat or Nr.Statx && follow && paths.Resolver.Table.AnyUnion
            && links.TryParse(found, out var owner, out var pid, out var fd) && unions.TryShown(owner, pid, fd, out recorded);
        if (!copies)
        {
            if (found.Kind == ResolutionKind.Native)
                return Verdict.Continue;
            var isRecorded = UnionAttributes.TryRead(found.Hit, out recorded);
            copies = found.Hit.Place == Place.Upper && paths.Resolver.Table.AnyOrigin;
            if ((call.Thread.Process.OwnCredentials && !isRecorded && !copies) || ProcLinks.Parse(found.Host.Span, out _, out _) != ProcEntry.None)
                return RewritePath(call, argument);
        }

        return call.Number switch
        {
            Nr.Stat => Stat(call, found.Host.ForKernel(), call.Args[1], 0, recorded),
            Nr.Lstat => Stat(call, found.Host.ForKernel(), call.Args[1], At.SymlinkNoFollow, recorded),
            Nr.Newfstatat => Stat(call, found.Host.ForKernel(), call.Args[2], (int)call.Args[3], recorded),
            Nr.Statx => Statx(call, found.Host.ForKernel(), call.Args[2], recorded),
            Nr.Access => Verdict.Answer(UnionAttributes.Access(found, (int)call.Args[1], 0)),
            Nr.Faccessat => Verdict.Answer(UnionAttributes.Access(found, (int)call.Args[2], 0)),
            Nr.Faccessat2 => Verdict.Answer(UnionAttributes.Access(found, (int)call.Args[2], (int)call.Args[3])),
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

    private Verdict Stat(Call call, ReadOnlySpan<byte> name, long buffer, int flags, in RecordedAttributes recorded)
    {
        Unsafe.SkipInit(out KernelStat stat);
        long answer;
        fixed (byte* path = name)
            answer = Sys.Call(Nr.Newfstatat, At.FdCwd, (long)path, (long)&stat, flags);
        if (answer < 0)
            return Verdict.Answer(answer);
        if (copies)
            paths.Resolver.Table.ShowOrigin(ref stat);
        recorded.Apply(ref stat);
        return GuestMemory.Write(call.Thread.Tid, buffer, new ReadOnlySpan<byte>(&stat, KernelStat.SizeOf)) == Errno.None
            ? Verdict.Answer(0)
            : Verdict.Fail(Errno.EFAULT);
    }

    private Verdict Statx(Call call, ReadOnlySpan<byte> name, long flags, in RecordedAttributes recorded)
    {
        long answer;
        // Whether a copy is still its original's equal shows in these, whatever the guest wants to know.
        var mask = call.Args[3] | (copies ? StatxLayout.WantType | StatxLayout.WantMtime | StatxLayout.WantSize : 0);
        fixed (byte* path = name, buffer = result)
            answer = Sys.Call(Nr.Statx, At.FdCwd, (long)path, flags, mask, (long)buffer);
        if (answer < 0)
            return Verdict.Answer(answer);
        if (copies)
            paths.Resolver.Table.ShowOriginStatx(result.AsSpan(0, StatxSize));
        recorded.ApplyStatx(result.AsSpan(0, StatxSize));
        return GuestMemory.Write(call.Thread.Tid, call.Args[4], result.AsSpan(0, StatxSize)) == Errno.None ? Verdict.Answer(0) : Verdict.Fail(Errno.EFAULT);
    }

    /// <summary>An empty path means the descriptor: with what a union recorded of its name. Any other is the kernel's.</summary>
    private Verdict StatDescriptor(Call call, in PathArgument argument)
    {
        var fd = PathArguments.DirFd(call, argument);
        if (fd >= 0 && descriptors.DecidesVirtual(call, fd, out var decided))
            return decided;
        if (call.Number is not (Nr.Newfstatat or Nr.Statx) || fd < 0 || !unions.TryShown(call.Thread.Process, call.Thread.Tid, fd, out var recorded))
            return Verdict.Continue;
        copies = true;
        var path = paths.Resolver.ProcDescriptor(call.Thread.Tid, fd);
        var verdict = call.Number == Nr.Statx
            ? Statx(call, path, 0, recorded)
            : Stat(call, path, call.Args[2], 0, recorded);
        // What is wrong with the descriptor is for the kernel to say.
        return verdict == Verdict.Fail(Errno.ENOENT) ? Verdict.Continue : verdict;
    }

    private Verdict ReadLink(Call call, in PathArgument argument)
    {
        var at = argument.Index;
        paths.Resolve(call, argument, 0, follow: false, examine: false, found);
        if (found.Kind == ResolutionKind.Failed)
            return Verdict.Fail(found.Error);
        if (paths.Resolver.Table.AnyVirtual && virtuals.Decides(call, found, out var decided))
            return decided;
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
