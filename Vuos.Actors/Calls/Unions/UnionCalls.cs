using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Calls.Unions;

/// <summary>Calls with one or two paths, when a union is mounted. Tracer thread only.</summary>
internal sealed class UnionCalls(UnionPlanner planner, UnionRenames renames, UnionAttributes attributes)
{
    private const uint TypeMask = 0xF000, CharacterDevice = 0x2000, BlockDevice = 0x6000;

    /// <summary>False: the kernel runs the call on the host paths of the resolutions.</summary>
    public bool Decides(Call call, SyscallInfo row, Resolution[] found, out Verdict verdict)
    {
        verdict = default;
        var use = row.Paths.IsEmpty ? PathUse.Lookup : row.Paths[0].Use;
        if (use == PathUse.RenameFrom)
            return renames.DecidesRename(call, found[0], found[1], out verdict);
        if (use == PathUse.Modify)
            return attributes.DecidesChange(call, found[0], out verdict) || planner.Decides(call, found[0], use, out verdict, KeptLength(call, found[0]));
        if (use == PathUse.Create && call.Number is Nr.Mknod or Nr.Mknodat && DecidesDevice(call, found[0], out verdict))
            return true;
        // A watch of a directory is to see what will be made in it, which is in the source.
        if (call.Number == Nr.InotifyAddWatch && found[0].Hit is { Place: Place.Lower } && Files.Stat(found[0].Host.ForKernel(), out var stat) == 0 && stat.IsDirectory)
            return planner.Decides(call, found[0], PathUse.LinkFrom, out verdict);
        // The kernel looks for the old name before the new one.
        if (use == PathUse.LinkFrom && !found[0].Unexamined && Sys.Error(Files.Stat(found[0].Host.ForKernel(), out _, At.SymlinkNoFollow)) is var missing && missing != Errno.None)
        {
            verdict = Verdict.Fail(missing);
            return true;
        }

        if (use == PathUse.LinkFrom && renames.LinksInSource(found[0], found[1]))
            call.Thread.ForcesSource = true;
        for (var i = 0; i < row.Paths.Length; i++)
        {
            if (planner.Decides(call, found[i], row.Paths[i].Use, out verdict))
                return true;
        }

        return use == PathUse.LinkFrom && renames.DecidesLink(call, found[0], found[1], out verdict);
    }

    private bool DecidesDevice(Call call, Resolution found, out Verdict verdict)
    {
        verdict = default;
        var at = call.Number == Nr.Mknod ? 1 : 2;
        var mode = (uint)call.Args[at];
        if ((mode & TypeMask) is not (CharacterDevice or BlockDevice) || found.Hit.Layer is not { } layer || found.Hit.Place is Place.Upper or Place.Lower
            || !(layer.Union!.Mode == VufsMode.Cow || UnionPlanner.ChangesSource(call, found.Hit)))
            return false;
        var permissions = mode & ~Guests.GuestIdentity.Umask(call.Thread.Tid);
        verdict = planner.Ask(call, layer, new MakeDevice(found.Hit.Rel.Span.ToArray(), permissions, (uint)call.Args[at + 1]));
        return true;
    }

    /// <summary>Bytes that truncate(2) leaves, so that no more are copied; a negative length it refuses, and what must be a directory.</summary>
    private static long KeptLength(Call call, Resolution found) =>
        call.Number == Nr.Truncate && call.Args[1] >= 0 && !found.MustBeDirectory ? call.Args[1] : long.MaxValue;
}
