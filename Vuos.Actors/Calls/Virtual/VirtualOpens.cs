using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>open, openat, openat2, creat in a virtual file system: a task of the layer opens, the tracer hands the descriptor over. Tracer thread only.</summary>
internal sealed class VirtualOpens(VirtualFetch fetch, Places places)
{
    /// <summary>False: the path does not lead into a virtual file system.</summary>
    public bool Decides(Call call, Resolution found, in OpenHow how, out Verdict verdict)
    {
        if (fetch.IsPending(call, found, out verdict))
            return true;
        if (found.Kind != ResolutionKind.Virtual)
            return false;
        var hit = found.Virtual;
        var flags = (int)how.Flags;
        var layer = hit.Layer!;
        // Permissions are checked by them, and size and times tell whether what is cached is still the file's.
        if (hit.Node is { } node && fetch.LacksAttributes(call, layer, hit.Mount!, node, out verdict))
            return true;
        if (hit.Node is { Type: FileType.Fifo } fifo && (flags & OpenFlag.Path) == 0)
        {
            verdict = OpenFifo(call, found, layer, fifo, flags);
            return true;
        }

        var request = new OpenRequest(hit.Node, hit.Parent, hit.Name.Span.ToArray(), flags, (uint)how.Mode, found.MustBeDirectory, hit.Mount!.ReadOnly);
        var who = GuestCaller.Of(call.Thread);
        call.Thread.GraftCloses = (flags & OpenFlag.CloExec) != 0;
        verdict = fetch.Ask(call, hit.Mount!, cancel => new NodeOpens(layer).OpenAsync(request, who, cancel));
        return true;
    }

    /// <summary>The guest opens the kernel's fifo itself, for that may wait until another does. Also in what is read-only, as with the kernel.</summary>
    private Verdict OpenFifo(Call call, Resolution found, VirtualLayer layer, VirtualNode node, int flags)
    {
        if ((flags & (OpenFlag.Creat | OpenFlag.Excl)) == (OpenFlag.Creat | OpenFlag.Excl))
            return Verdict.Fail(Errno.EEXIST);
        if ((flags & OpenFlag.Directory) != 0 || found.MustBeDirectory)
            return Verdict.Fail(Errno.ENOTDIR);
        if (layer.Traits.DefaultPermissions && GuestCaller.Of(call.Thread).Check(node, Permissions.ToOpen(flags)) is var refused && refused != Errno.None)
            return Verdict.Fail(refused);
        var place = places.Fifo(layer, node);
        if (place.Failed)
            return Verdict.Fail(place.Error);
        call.Thread.Process.Names.Remember(place.Value, found.View.Span);
        var pending = call.Thread.Pending;
        pending.Begin(call.Number);
        pending.ReplacementNumber = Nr.Open;
        pending.Replace(0, [.. place.Value, 0]);
        pending.Replace(1, flags & ~(OpenFlag.Creat | OpenFlag.Excl | OpenFlag.Trunc | OpenFlag.NoFollow));
        return Verdict.Rewrite;
    }
}
