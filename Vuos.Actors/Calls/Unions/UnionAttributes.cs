using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Calls.Unions;

/// <summary>
/// Recorded owners, modes and types: shown by the stat family, honoured by open and access, set by chmod and chown. Whoever runs a layer that copies on write owns what is in
/// it: the copy is theirs. So of a recorded mode the owner's bits count, as the kernel would count them for the copy. Tracer thread only.
/// </summary>
internal sealed class UnionAttributes(UnionPlanner planner)
{
    private const int Read = 4, Write = 2, Execute = 1;

    private static readonly bool IsRoot = Environment.IsPrivilegedProcess;

    /// <summary>What is recorded of a name; allocates nothing.</summary>
    public static bool TryRead(UnionHit hit, out RecordedAttributes attributes)
    {
        attributes = default;
        return hit.Layer is { } layer && hit.Place is Place.Upper or Place.Lower && layer.Union!.Marks.AnyAttributes
            && layer.Union.Marks.TryReadAttributes(hit.Rel.Span, out attributes);
    }

    /// <summary>chmod, chown and their kind on a path of a union.</summary>
    public bool DecidesChange(Call call, Resolution found, out Verdict verdict)
    {
        verdict = default;
        if (found.Hit.Layer is not { } layer || found.Kind == ResolutionKind.Failed || !TryRequest(call, found.Hit, out var request))
            return false;
        if (found.Hit.Place is not (Place.Upper or Place.Lower))
            return false;
        // What is wrong on the way, or with "name/" of a file, is wrong whatever is to be changed.
        if (Files.Stat(found.Host.ForKernel(), out _, At.SymlinkNoFollow) is var failed && failed < 0)
        {
            verdict = Verdict.Fail((Errno)(int)-failed);
            return true;
        }

        if (layer.Union!.Mode == VufsMode.Merge && found.Hit.Place == Place.Upper)
            return planner.Decides(call, found, PathUse.Modify, out verdict);
        if (UnionPlanner.ChangesSource(call, found.Hit))
        {
            verdict = planner.Ask(call, layer, request);
            return true;
        }

        return planner.InLower(call, found, found.Hit, PathUse.Modify, long.MaxValue, out verdict)
            || (found.Hit.Layer.Epoch != layer.Epoch && DecidesChange(call, found, out verdict));
    }

    /// <summary>Whether what is recorded refuses an open: EACCES by its mode, ENXIO for a device that only the record knows.</summary>
    public static Errno RefuseOpen(UnionHit hit, long flags)
    {
        // That the name is taken comes before what it is the name of.
        if ((flags & OpenFlag.Path) != 0 || (flags & (OpenFlag.Creat | OpenFlag.Excl)) == (OpenFlag.Creat | OpenFlag.Excl) || !TryRead(hit, out var attributes))
            return Errno.None;
        var wanted = (flags & OpenFlag.AccessMode) switch { 0 => Read, OpenFlag.WrOnly => Write, _ => Read | Write } | ((flags & OpenFlag.Trunc) != 0 ? Write : 0);
        if (Refuses(attributes, wanted))
            return Errno.EACCES;
        if (attributes.Type is not ((byte)'c' or (byte)'b'))
            return Errno.None;
        return (flags & OpenFlag.Directory) != 0 ? Errno.ENOTDIR : Errno.ENXIO;
    }

    public static bool RefusesExecution(UnionHit hit) =>
        TryRead(hit, out var attributes) && attributes.Mode is { } mode && (mode & 0x49) == 0;

    /// <summary>access(2) in a union: its layer lets the owner write what a copy-up would make writable.</summary>
    public static long Access(Resolution found, int mode, int flags)
    {
        var hit = found.Hit;
        if (TryRead(hit, out var attributes) && Refuses(attributes, mode))
            return -(long)Errno.EACCES;
        if ((mode & Write) == 0 || hit.Place is not (Place.Upper or Place.Lower))
            return Files.Access(found.Host.ForKernel(), mode, flags);
        var union = hit.Layer!.Union!;
        if (union.Mode == VufsMode.Merge && hit.Place == Place.Upper)
            return -(long)Errno.EROFS;
        var result = Files.Access(found.Host.ForKernel(), mode, flags);
        if (union.Mode == VufsMode.Merge || hit.Place == Place.Upper || result >= 0 || IsRoot)
            return result == -(long)Errno.EROFS && IsRoot && union.Mode != VufsMode.Merge ? Files.Access(found.Host.ForKernel(), mode & ~Write, flags) : result;
        result = Files.Access(found.Host.ForKernel(), mode & ~Write, flags);
        if (result < 0)
            return result;
        var own = attributes.Mode ?? (Files.Stat(found.Host.ForKernel(), out var stat) == 0 ? stat.Mode : 0);
        return (own & 0x80) != 0 ? 0 : -(long)Errno.EACCES;
    }

    private static bool Refuses(in RecordedAttributes attributes, int wanted) =>
        attributes.Mode is { } mode && !(IsRoot && ((wanted & Execute) == 0 || (mode & 0x49) != 0)) && (wanted & ~(int)(mode >> 6) & 7) != 0;

    private static bool TryRequest(Call call, UnionHit hit, out ChangeAttributes request)
    {
        var (mode, owner) = call.Number switch
        {
            Nr.Chmod or Nr.Fchmod => (1, -1),
            Nr.Fchmodat or Nr.Fchmodat2 => (2, -1),
            Nr.Chown or Nr.Lchown or Nr.Fchown => (-1, 1),
            Nr.Fchownat => (-1, 2),
            _ => (-1, -1),
        };
        request = null!;
        if (mode < 0 && owner < 0)
            return false;
        request = new ChangeAttributes(hit.Rel.Span.ToArray(), mode < 0 ? null : (uint)call.Args[mode], owner < 0 ? null : Id(call.Args[owner]),
            owner < 0 ? null : Id(call.Args[owner + 1]));
        return true;
    }

    private static uint? Id(long argument) => (uint)argument == uint.MaxValue ? null : (uint)argument;
}
