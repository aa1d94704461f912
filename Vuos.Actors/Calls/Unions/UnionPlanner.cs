using Vuos.Actors.Guests;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Calls.Unions;

/// <summary>
/// What a call that changes something does in a union (merge, cow, mincow). It ends in one of three ways: the kernel runs the call on the host path found here; the layer's actor
/// prepares something (a copy-up) and the call is decided again; or the actor does it and answers. Tracer thread only.
/// </summary>
internal sealed class UnionPlanner(PublishedView view, IModuleControl layers)
{
    private readonly UnionHit below = new();
    private readonly PathBuffer scratch = new();

    /// <summary>False: go on with the host path of the resolution. A call in no union always goes on.</summary>
    public bool Decides(Call call, Resolution found, PathUse use, out Verdict verdict, long length = long.MaxValue)
    {
        verdict = default;
        if (found.Hit.Layer is null || found.Kind == ResolutionKind.Failed)
            return false;
        return Decides(call, found, found.Hit, use, length, out verdict);
    }

    /// <summary>Asks the layer's actor; a call that was notified is carried on by ptrace first, and decided again there.</summary>
    public Verdict Ask(Call call, Mount layer, UnionRequest request)
    {
        if (!call.Notified)
            layers.Ask(call.Thread, layer, call.Thread.Process.OwnCredentials ? request with { Who = GuestIdentity.Of(call.Thread.Tid) } : request);
        return Verdict.Wait;
    }

    /// <summary>Whether changes go to the source: always in cow; in mincow for what is there already, or when the host refused.</summary>
    public static bool ChangesSource(Call call, UnionHit hit) => hit.Layer!.Union!.Mode switch
    {
        VufsMode.Cow => true,
        VufsMode.Mincow => hit.Place is Place.Upper or Place.Deleted || call.Thread.ForcesSource,
        _ => false,
    };

    private bool Decides(Call call, Resolution found, UnionHit hit, PathUse use, long length, out Verdict verdict)
    {
        verdict = default;
        var union = hit.Layer!.Union!;
        // A path that fails anyway: the kernel says how.
        if (found.Host.Length >= 4095)
            return false;
        switch (use)
        {
            case PathUse.Modify:
                return Modify(call, found, hit, length, out verdict);
            case PathUse.Create:
                return Create(call, found, hit, out verdict);
            case PathUse.Remove:
                return Remove(call, found, hit, out verdict);
            case PathUse.LinkFrom when union.Mode != VufsMode.Merge && hit.Place == Place.Lower && ChangesSource(call, hit):
                verdict = Ask(call, hit.Layer, new CopyUpName(hit.Rel.Span.ToArray(), length, call.Thread.Tid));
                return true;
            default:
                return false;
        }
    }

    private bool Modify(Call call, Resolution found, UnionHit hit, long length, out Verdict verdict)
    {
        verdict = default;
        if (hit.Place is not (Place.Upper or Place.Lower))
            return false;
        if (hit.Layer!.Union!.Mode == VufsMode.Merge && hit.Place == Place.Upper)
            return Refuse(Files.Stat(found.Host.ForKernel(), out _, At.SymlinkNoFollow) is var r && r < 0 ? (Errno)(int)-r : Errno.EROFS, out verdict);
        if (hit.Place == Place.Upper)
            return false;
        if (!ChangesSource(call, hit))
            return InLower(call, found, hit, PathUse.Modify, length, out verdict);
        // What the kernel would refuse for its kind (ENOTDIR, …) it says of the file below; only what exists is copied.
        verdict = Ask(call, hit.Layer, new CopyUpName(hit.Rel.Span.ToArray(), length, call.Thread.Tid));
        return true;
    }

    private bool Create(Call call, Resolution found, UnionHit hit, out Verdict verdict)
    {
        verdict = default;
        var union = hit.Layer!.Union!;
        if (hit.Place == Place.Lower)
            return Files.Stat(found.Host.ForKernel(), out _, At.SymlinkNoFollow) == 0 && Refuse(Errno.EEXIST, out verdict);
        if (hit.Place == Place.Upper)
            return false;
        if (union.Mode == VufsMode.Merge || (union.Mode == VufsMode.Mincow && !ChangesSource(call, hit)))
        {
            // A file of the target that a directory of the source hides is no place for a name.
            var canBeBelow = hit.Place == Place.Missing && union.IsInLower(view.Table, hit.Layer, BytePath.Parent(hit.Rel.Span), scratch)
                && Files.Stat(scratch.ForKernel(), out var folder) == 0 && folder.IsDirectory;
            if (canBeBelow)
                return InLower(call, found, hit, PathUse.Create, long.MaxValue, out verdict);
            if (union.Mode == VufsMode.Merge)
                return Refuse(hit.Place == Place.Deleted || union.ProbeUpper(BytePath.Parent(hit.Rel.Span)) == Errno.None ? Errno.EROFS : Errno.ENOENT, out verdict);
        }

        if (!NeedsPreparation(hit))
            return false;
        verdict = Ask(call, hit.Layer, new PrepareName(hit.Rel.Span.ToArray()));
        return true;
    }

    private bool Remove(Call call, Resolution found, UnionHit hit, out Verdict verdict)
    {
        verdict = default;
        var union = hit.Layer!.Union!;
        if (hit.Place is not (Place.Upper or Place.Lower))
            return false;
        var directory = call.Number == Nr.Rmdir || (call.Number == Nr.Unlinkat && (call.Args[2] & At.RemoveDir) != 0);
        if (hit.Place == Place.Upper)
        {
            if (union.Mode == VufsMode.Merge)
                return Refuse(Errno.EROFS, out verdict);
            // Nothing shows through and nothing is recorded: the kernel does it all.
            if (!union.Marks.AnyAttributes && !NeedsWhiteout(hit))
                return false;
        }
        else if (!ChangesSource(call, hit) && !(directory && union.Marks.HasMarksBelow(hit.Rel.Span)))
        {
            return InLower(call, found, hit, PathUse.Remove, long.MaxValue, out verdict);
        }

        if (found.MustBeDirectory && !directory)
            return false;
        verdict = Ask(call, hit.Layer, new RemoveName(hit.Rel.Span.ToArray(), directory));
        return true;
    }

    /// <summary>The call goes to the target: an older union there plans in its turn. In mincow a refusal of the host brings the call back, for the source.</summary>
    public bool InLower(Call call, Resolution found, UnionHit hit, PathUse use, long length, out Verdict verdict)
    {
        verdict = default;
        var layer = hit.Layer!;
        scratch.Set(layer.Target);
        scratch.Append(hit.Rel.Span);
        if (!view.Table.TranslateBelow(layer, scratch, below, walked: true, out _))
            return Refuse(Errno.ENOENT, out verdict);
        if (found.Host.Span.EndsWith("/"u8))
            scratch.Append("/"u8);
        found.Host.Set(scratch.Span);
        call.Thread.FallsBack = layer.Union!.Mode == VufsMode.Mincow;
        if (below.Layer is null)
            return false;
        hit.Set(below.Layer, below.Rel.Span);
        hit.Place = below.Place;
        return Decides(call, found, hit, use, length, out verdict);
    }

    /// <summary>The directory of a new name must be in the source, and nothing may be recorded of a former holder of the name.</summary>
    public bool NeedsPreparation(UnionHit hit)
    {
        var union = hit.Layer!.Union!;
        var parent = BytePath.Parent(hit.Rel.Span);
        if (union.Marks.TryReadAttributes(hit.Rel.Span, out _))
            return true;
        return union.ProbeUpper(parent) == Errno.ENOENT && !union.Marks.IsWhitedOut(parent) && union.IsInLower(view.Table, hit.Layer, parent, scratch);
    }

    private bool NeedsWhiteout(UnionHit hit)
    {
        var union = hit.Layer!.Union!;
        return !union.Marks.IsWhitedOut(hit.Rel.Span) && union.IsInLower(view.Table, hit.Layer, hit.Rel.Span, scratch);
    }

    private static bool Refuse(Errno error, out Verdict verdict)
    {
        verdict = Verdict.Fail(error);
        return true;
    }
}
