using Vuos.Actors.Guests;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls.Unions;

/// <summary>
/// Calls on descriptors of files in a union. A descriptor is the kernel's own of one of the two places; what changes a file's attributes through one that was opened for reading is done to the
/// name instead, so that the copy gets it; fstat shows what is recorded. Tracer thread only.
/// </summary>
internal sealed class UnionDescriptors(PathResolver resolver, UnionPlanner planner, UnionAttributes attributes)
{
    private readonly Resolution found = new();
    private readonly UnionHit below = new();

    /// <summary>fchmod, fchown, futimens, fsetxattr, fremovexattr, requests of ioctl. Continue: the kernel does it to the open file.</summary>
    public Verdict Change(Call call, long fd)
    {
        if (!resolver.Table.AnyUnion || call.Number is Nr.Ftruncate or Nr.Fallocate || !TryFind(call.Thread.Process, call.Thread.Tid, fd, found))
            return Verdict.Continue;
        if (call.Number == Nr.Ioctl)
            return ChangeFlags(call.Thread.Tid, fd);
        if (!IsStillItsName(call.Thread.Tid, fd, found))
            return IsOrphan(call.Thread.Tid, fd, found) ? Verdict.Fail(Errno.EROFS) : Verdict.Continue;
        if (attributes.DecidesChange(call, found, out var verdict) || planner.Decides(call, found, PathUse.Modify, out verdict))
            return verdict;
        // The name may have become another file than the descriptor's: the copy.
        var pending = call.Thread.Pending;
        pending.Begin(call.Number);
        switch (call.Number)
        {
            case Nr.Fsetxattr:
                pending.ReplacementNumber = Nr.Lsetxattr;
                pending.Replace(0, found.Host.ForKernel());
                return Verdict.Rewrite;
            case Nr.Fremovexattr:
                pending.ReplacementNumber = Nr.Lremovexattr;
                pending.Replace(0, found.Host.ForKernel());
                return Verdict.Rewrite;
            case Nr.Utimensat:
                pending.Replace(0, At.FdCwd);
                pending.Replace(1, found.Host.ForKernel());
                pending.Replace(3, At.SymlinkNoFollow);
                return Verdict.Rewrite;
            case Nr.Fchmod or Nr.Fchmodat2:
                pending.ReplacementNumber = Nr.Chmod;
                pending.Replace(0, found.Host.ForKernel());
                pending.Replace(1, call.Args[call.Number == Nr.Fchmod ? 1 : 2]);
                return Verdict.Rewrite;
            case Nr.Fchown or Nr.Fchownat:
                var owner = call.Number == Nr.Fchown ? 1 : 2;
                pending.ReplacementNumber = Nr.Lchown;
                pending.Replace(0, found.Host.ForKernel());
                pending.Replace(1, call.Args[owner]);
                pending.Replace(2, call.Args[owner + 1]);
                return Verdict.Rewrite;
            default:
                return Verdict.Continue;
        }
    }

    /// <summary>Flags cannot be set on the name instead, so what only a copy could be given is not supported.</summary>
    private Verdict ChangeFlags(int tid, long fd) => found.Hit.Layer!.Union!.Mode switch
    {
        VufsMode.Cow when IsBelow(tid, fd, found) => Verdict.Fail(Errno.EOPNOTSUPP),
        VufsMode.Merge when !IsBelow(tid, fd, found) => Verdict.Fail(Errno.EROFS),
        _ => Verdict.Continue,
    };

    /// <summary>fstat: with what is recorded of the file's name, as the original of a copy.</summary>
    public Verdict Status(Call call)
    {
        if (!TryShown(call.Thread.Process, call.Thread.Tid, call.Args[0], out var recorded) || DescriptorStat(call.Thread.Tid, call.Args[0], out var stat) != Errno.None)
            return Verdict.Continue;
        resolver.Table.ShowOrigin(ref stat);
        recorded.Apply(ref stat);
        return GuestMemory.Write(call.Thread.Tid, call.Args[1], in stat) == Errno.None ? Verdict.Answer(0) : Verdict.Fail(Errno.EFAULT);
    }

    /// <summary>
    /// Whether fstat may have to show something else than the kernel does, and what is recorded of the name behind the descriptor. A file without a name may have been a copy.
    /// </summary>
    public bool TryShown(GuestProcess process, int tid, long fd, out RecordedAttributes recorded)
    {
        recorded = default;
        var table = resolver.Table;
        if (!table.AnyUnion)
            return false;
        if (!TryFind(process, tid, fd, found))
            return found.View.Length == 0 && table.AnyOrigin;
        var isRecorded = UnionAttributes.TryRead(found.Hit, out recorded) && IsStillItsName(tid, fd, found);
        if (!isRecorded)
            recorded = default;
        return isRecorded || table.AnyOrigin;
    }

    /// <summary>The name in a union behind a descriptor.</summary>
    public bool TryFind(GuestProcess process, int tid, long fd, Resolution result)
    {
        result.Reset();
        if (!resolver.TryName(process, tid, fd, result.View)
            || !resolver.Table.Translate(result.View.Span, result.Host, out var top, RoutingTable.Now, result.Hit, walked: true, out _)
            || result.Hit.Layer is null)
            return false;
        result.Top = top;
        result.Kind = ResolutionKind.Host;
        return true;
    }

    /// <summary>Whether the target has the name.</summary>
    public bool IsInLower(UnionHit hit, PathBuffer host) => hit.Layer!.Union!.IsInLower(resolver.Table, hit.Layer, hit.Rel.Span, host);

    /// <summary>The name in the next older union, for one that is at the target.</summary>
    public bool TryBelow(UnionHit hit, out UnionHit older)
    {
        older = below;
        var name = PathBuffer.Rent();
        name.Set(hit.Layer!.Target);
        name.Append(hit.Rel.Span);
        var there = resolver.Table.TranslateBelow(hit.Layer, name, older, walked: true, out _) && older.Layer is not null;
        PathBuffer.Return(name);
        return there;
    }

    /// <summary>The descriptor's file is what its name stands for, in the source or at the target; else it is an unlinked or replaced one.</summary>
    public bool IsStillItsName(int tid, long fd, Resolution name)
    {
        if (DescriptorStat(tid, fd, out var open) != Errno.None)
            return false;
        if (name.Hit.Place is Place.Upper or Place.Lower && IsFile(name.Host, open))
            return true;
        return name.Hit.Place == Place.Upper && !name.Hit.Layer!.Union!.Marks.IsWhitedOut(name.Hit.Rel.Span) && IsBelow(name, open);
    }

    /// <summary>The descriptor's file is the target's and has lost its name: that was deleted, or is another file's now. Of merge the target may be changed.</summary>
    public bool IsOrphan(int tid, long fd, Resolution name) => name.Hit.Layer!.Union!.Mode != VufsMode.Merge && IsBelow(tid, fd, name);

    public bool IsLink(int tid, long fd) => DescriptorStat(tid, fd, out var open) == Errno.None && open.IsLink;

    /// <summary>The descriptor's file is the one the target has under the name.</summary>
    private bool IsBelow(int tid, long fd, Resolution name) => DescriptorStat(tid, fd, out var open) == Errno.None && IsBelow(name, open);

    private bool IsBelow(Resolution name, in KernelStat open)
    {
        var lowerName = PathBuffer.Rent();
        var same = IsInLower(name.Hit, lowerName) && IsFile(lowerName, open);
        PathBuffer.Return(lowerName);
        return same;
    }

    private static bool IsFile(PathBuffer host, in KernelStat open) =>
        Files.Stat(host.ForKernel(), out var named, At.SymlinkNoFollow) == 0 && named.Dev == open.Dev && named.Ino == open.Ino;

    private Errno DescriptorStat(int tid, long fd, out KernelStat stat)
    {
        stat = default;
        return Sys.Error(Files.Stat(resolver.ProcDescriptor(tid, fd), out stat));
    }
}
