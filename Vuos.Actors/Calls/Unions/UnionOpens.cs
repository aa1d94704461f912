using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Calls.Unions;

/// <summary>open and its kind in a union: what is opened for writing is in the source first. Tracer thread only.</summary>
internal sealed class UnionOpens(UnionPlanner planner)
{
    /// <summary>False: the host path of the resolution is opened.</summary>
    public bool Decides(Call call, Resolution found, long flags, out Verdict verdict)
    {
        verdict = default;
        if (found.Hit.Layer is not { } layer || (flags & OpenFlag.Path) != 0)
            return false;
        if (UnionAttributes.RefuseOpen(found.Hit, flags) is var refusal && refusal != Errno.None)
            return Refuse(refusal, out verdict);
        var union = layer.Union!;
        if ((flags & OpenFlag.TmpFile) == OpenFlag.TmpFile)
            return Modifies(call, found, long.MaxValue, out verdict);
        // "name/" is never made, and the kernel does not look for it (fs/namei.c).
        if ((flags & OpenFlag.Creat) != 0 && found.MustBeDirectory)
            return found.Hit.Place is not (Place.Upper or Place.Lower) && planner.NeedsPreparation(found.Hit) && Refuse(Errno.EISDIR, out verdict);
        if (found.Hit.Place is not (Place.Upper or Place.Lower))
            return (flags & OpenFlag.Creat) != 0 && planner.Decides(call, found, PathUse.Create, out verdict);
        if ((flags & (OpenFlag.Creat | OpenFlag.Excl)) == (OpenFlag.Creat | OpenFlag.Excl))
            return planner.Decides(call, found, PathUse.Create, out verdict);
        // Only a file's content is copied: a directory cannot be written, and a device, fifo or socket is what it is anywhere.
        if (!Writes(flags) || (flags & OpenFlag.Directory) != 0 || Files.Stat(found.Host.ForKernel(), out var stat, At.SymlinkNoFollow) < 0 || !stat.IsRegular)
            return false;
        if (found.Hit.Place == Place.Upper && union.Mode == VufsMode.Merge)
            return Refuse(Errno.EROFS, out verdict);
        return Modifies(call, found, Empties(call, flags) && !found.MustBeDirectory ? 0 : long.MaxValue, out verdict);
    }

    /// <summary>The open empties the file, and no flag gives the kernel a reason to refuse it when the file is copied already.</summary>
    private static bool Empties(Call call, long flags)
    {
        const long LargeFile = 0x8000;
        const long Harmless = OpenFlag.AccessMode | OpenFlag.Creat | OpenFlag.NoCtty | OpenFlag.Trunc | OpenFlag.Append | OpenFlag.NonBlock | OpenFlag.NoFollow | OpenFlag.CloExec
            | LargeFile;
        return (flags & OpenFlag.Trunc) != 0 && (flags & ~Harmless) == 0 && (flags & OpenFlag.AccessMode) != OpenFlag.AccessMode && call.Number != Nr.Openat2;
    }

    /// <summary>Whether an open with these flags may change the file's content.</summary>
    public static bool Writes(long flags) => (flags & OpenFlag.Path) == 0 && ((flags & OpenFlag.AccessMode) != 0 || (flags & OpenFlag.Trunc) != 0);

    private bool Modifies(Call call, Resolution found, long length, out Verdict verdict) => planner.Decides(call, found, PathUse.Modify, out verdict, length);

    private static bool Refuse(Errno error, out Verdict verdict)
    {
        verdict = Verdict.Fail(error);
        return true;
    }
}
