using Vuos.Actors.Guests;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls.Unions;

/// <summary>
/// rename and link with both names in one union. In a cow layer the layer's actor renames: what is only at the target must be copied, hidden and renamed in the right order. Tracer thread only.
/// </summary>
internal sealed class UnionRenames(PublishedView view, UnionPlanner planner)
{
    private const int NoReplace = 1;

    private readonly PathBuffer scratch = new();

    /// <summary>False: the kernel renames the host paths of the resolutions.</summary>
    public bool DecidesRename(Call call, Resolution from, Resolution to, out Verdict verdict)
    {
        verdict = default;
        if (from.Hit.Layer is not { } layer)
            return false;
        if (to.Hit.Layer?.Epoch != layer.Epoch)
            return from.Hit.Place is not (Place.Upper or Place.Lower) && Misses(from, to, out verdict);
        if (from.Hit.Place is not (Place.Upper or Place.Lower))
        {
            // The kernel looks for both directories before it looks for the name.
            verdict = Verdict.Fail(FolderOf(from) is var error && error == Errno.None && (error = FolderOf(to)) == Errno.None ? Errno.ENOENT : error);
            return true;
        }

        var union = layer.Union!;
        var flags = call.Number == Nr.Renameat2 ? (uint)call.Args[4] : 0;
        if (union.Mode == VufsMode.Merge)
            return InMerge(call, from, to, flags, out verdict);
        if (union.Mode == VufsMode.Mincow && !call.Thread.ForcesSource && IsBelowOnly(from.Hit) && IsBelowOnly(to.Hit))
            return BothInLower(call, from, to, out verdict);
        if (from.MustBeDirectory || to.MustBeDirectory)
        {
            // "name/" means a directory, for a new name as well.
            scratch.Set(BytePath.Tidy(from.Host.Span));
            if (Files.Stat(scratch.ForKernel(), out var stat, At.SymlinkNoFollow) is var r && (r < 0 || !stat.IsDirectory))
            {
                verdict = Verdict.Fail(r < 0 ? (Errno)(int)-r : Errno.ENOTDIR);
                return true;
            }
        }

        verdict = planner.Ask(call, layer, new RenameName(from.Hit.Rel.Span.ToArray(), to.Hit.Rel.Span.ToArray(), flags, from.View.Span.ToArray(), to.View.Span.ToArray(), to.MustBeDirectory));
        return true;
    }

    /// <summary>There is no old name, and the way to the new one ends before its last name: the kernel looks at both directories first.</summary>
    private bool Misses(Resolution from, Resolution to, out Verdict verdict)
    {
        var error = FolderOf(from);
        if (error == Errno.None)
        {
            scratch.Set(to.Host.Span[..Math.Max(1, to.Host.Span.LastIndexOf((byte)'/'))]);
            error = Sys.Error(Files.Stat(scratch.ForKernel(), out var stat)) is var way && (way != Errno.None || stat.IsDirectory) ? way : Errno.ENOTDIR;
        }

        verdict = Verdict.Fail(error == Errno.None ? Errno.ENOENT : error);
        return true;
    }

    /// <summary>In mincow both names of a link are at the target or both are in the source.</summary>
    public bool LinksInSource(Resolution from, Resolution to) =>
        from.Hit.Layer is { Union.Mode: VufsMode.Mincow } layer && to.Hit.Layer?.Epoch == layer.Epoch && !(IsBelowOnly(from.Hit) && IsBelowOnly(to.Hit));

    /// <summary>A link whose file has a record shares it with its new name; any other is the kernel's to make.</summary>
    public bool DecidesLink(Call call, Resolution from, Resolution to, out Verdict verdict)
    {
        verdict = default;
        if (from.Hit.Layer is not { } layer || to.Hit.Layer?.Epoch != layer.Epoch || from.Hit.Place != Place.Upper
            || !layer.Union!.Marks.TryReadAttributes(from.Hit.Rel.Span, out _))
            return false;
        verdict = planner.Ask(call, layer, new LinkName(from.Hit.Rel.Span.ToArray(), to.Hit.Rel.Span.ToArray()));
        return true;
    }

    private Errno FolderOf(Resolution name)
    {
        if (!view.Table.Translate(BytePath.Parent(name.View.Span), scratch, out _, RoutingTable.Now, null, walked: true, out _))
            return Errno.ENOENT;
        var error = Sys.Error(Files.Stat(scratch.ForKernel(), out var stat));
        return error != Errno.None || stat.IsDirectory ? error : Errno.ENOTDIR;
    }

    private bool InMerge(Call call, Resolution from, Resolution to, uint flags, out Verdict verdict)
    {
        var union = from.Hit.Layer!.Union!;
        if (FolderOf(from) is var error && (error != Errno.None || (error = FolderOf(to)) != Errno.None))
            verdict = Verdict.Fail(error);
        else if (to.Hit.Place is Place.Upper or Place.Lower && (flags & NoReplace) != 0)
            verdict = Verdict.Fail(Errno.EEXIST);
        else if (from.Hit.Place == Place.Upper || to.Hit.Place is Place.Upper or Place.Deleted)
            verdict = Verdict.Fail(Errno.EROFS);
        else if (to.Hit.Place == Place.Missing && !union.IsInLower(view.Table, from.Hit.Layer, BytePath.Parent(to.Hit.Rel.Span), scratch))
            verdict = Verdict.Fail(Errno.EROFS);
        else
            return BothInLower(call, from, to, out verdict);
        return true;
    }

    private bool BothInLower(Call call, Resolution from, Resolution to, out Verdict verdict)
    {
        var layer = from.Hit.Layer!;
        return planner.InLower(call, from, from.Hit, Native.Syscalls.PathUse.Lookup, 0, out verdict)
            || planner.InLower(call, to, to.Hit, Native.Syscalls.PathUse.Lookup, 0, out verdict)
            || (from.Hit.Layer is { } older && older.Epoch != layer.Epoch && DecidesRename(call, from, to, out verdict));
    }

    /// <summary>Nothing of it is in the source, and no mark says anything of what is below it.</summary>
    private bool IsBelowOnly(UnionHit hit) => hit.Place switch
    {
        Place.Lower => !hit.Layer!.Union!.Marks.HasMarksBelow(hit.Rel.Span) && !hit.Layer.Union.Marks.TryReadAttributes(hit.Rel.Span, out _),
        Place.Missing => hit.Layer!.Union!.IsInLower(view.Table, hit.Layer, BytePath.Parent(hit.Rel.Span), scratch),
        _ => false,
    };
}
