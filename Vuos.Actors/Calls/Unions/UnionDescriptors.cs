using Vuos.Actors.Guests;
using Vuos.Actors.Modules.Vufs;
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

    /// <summary>fchmod, fchown, futimens, fsetxattr, fremovexattr. Continue: the kernel does it to the open file.</summary>
    public Verdict Change(Call call, long fd)
    {
        if (!resolver.Table.AnyUnion || call.Number is Nr.Ftruncate or Nr.Fallocate || !TryFind(call.Thread, fd, found))
            return Verdict.Continue;
        if (DescriptorStat(call.Thread, fd, out var open) == Errno.None && IsOrphan(open))
            return Verdict.Fail(Errno.EROFS);
        if (!IsStillItsName(call.Thread, fd))
            return Verdict.Continue;
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

    /// <summary>
    /// A path that ends in the descriptor of a file that has a name in a union, by /proc/PID/fd or as an empty path: the resolution becomes that of the name. To the kernel it
    /// would be the file that was opened, and that may be the one at the target.
    /// </summary>
    /// <returns>EROFS: the file is at the target and its name is gone, so there is nothing that could be changed in its place.</returns>
    public Errno StandsFor(Call call, long fd, bool changes, Resolution result)
    {
        if (!resolver.Table.AnyUnion || !TryFind(call.Thread, fd, found) || DescriptorStat(call.Thread, fd, out var open) != Errno.None || open.IsLink)
            return Errno.None;
        if (IsOrphan(open))
            return changes ? Errno.EROFS : Errno.None;
        if (!IsStillItsName(call.Thread, fd))
            return Errno.None;
        result.Reset();
        result.View.Set(found.View.Span);
        result.Host.Set(found.Host.Span);
        result.Hit.Set(found.Hit.Layer!, found.Hit.Rel.Span);
        result.Hit.Place = found.Hit.Place;
        result.Top = found.Top;
        result.Kind = ResolutionKind.Host;
        return Errno.None;
    }

    /// <summary>fstat: with what is recorded of the file's name.</summary>
    public Verdict Status(Call call)
    {
        if (!TryRecorded(call.Thread, call.Args[0], out var recorded) || DescriptorStat(call.Thread, call.Args[0], out var stat) != Errno.None)
            return Verdict.Continue;
        recorded.Apply(ref stat);
        return GuestMemory.Write(call.Thread.Tid, call.Args[1], in stat) == Errno.None ? Verdict.Answer(0) : Verdict.Fail(Errno.EFAULT);
    }

    /// <summary>What is recorded of the name behind a descriptor.</summary>
    public bool TryRecorded(GuestThread thread, long fd, out Modules.Vufs.Store.RecordedAttributes recorded)
    {
        recorded = default;
        return resolver.Table.AnyUnion && TryFind(thread, fd, found) && UnionAttributes.TryRead(found.Hit, out recorded) && IsStillItsName(thread, fd);
    }

    /// <summary>The name in a union behind a descriptor.</summary>
    public bool TryFind(GuestThread thread, long fd, Resolution result)
    {
        result.Reset();
        if (!resolver.TryDirectory(thread, (int)fd, result.View)
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
    private bool IsStillItsName(GuestThread thread, long fd)
    {
        if (DescriptorStat(thread, fd, out var open) != Errno.None)
            return false;
        if (Files.Stat(found.Host.ForKernel(), out var named, At.SymlinkNoFollow) == 0 && named.Dev == open.Dev && named.Ino == open.Ino)
            return true;
        if (found.Hit.Place != Place.Upper)
            return false;
        var lowerName = PathBuffer.Rent();
        var same = found.Hit.Layer!.Union!.IsInLower(resolver.Table, found.Hit.Layer, found.Hit.Rel.Span, lowerName)
            && Files.Stat(lowerName.ForKernel(), out var lower, At.SymlinkNoFollow) == 0 && lower.Dev == open.Dev && lower.Ino == open.Ino;
        PathBuffer.Return(lowerName);
        return same;
    }

    /// <summary>A file at the target whose name was removed or renamed in the view, or belongs to another one since.</summary>
    private bool IsOrphan(in KernelStat open)
    {
        var (layer, rel) = (found.Hit.Layer!, found.Hit.Rel);
        if (layer.Union!.Mode == VufsMode.Merge || found.Hit.Place == Place.Lower || !layer.Union.Marks.IsWhitedOut(rel.Span))
            return false;
        var lowerName = PathBuffer.Rent();
        var same = layer.Union.IsInLower(resolver.Table, layer, rel.Span, lowerName)
            && Files.Stat(lowerName.ForKernel(), out var lower, At.SymlinkNoFollow) == 0 && lower.Dev == open.Dev && lower.Ino == open.Ino;
        PathBuffer.Return(lowerName);
        return same;
    }

    private Errno DescriptorStat(GuestThread thread, long fd, out KernelStat stat)
    {
        stat = default;
        var path = resolver.ProcDescriptor(thread.Tid, fd);
        return Sys.Error(Files.Stat(path, out stat));
    }
}
