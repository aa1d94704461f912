using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>open, openat, openat2, creat in a virtual file system: a task of the layer opens, the tracer hands the descriptor over. Tracer thread only.</summary>
internal sealed class VirtualOpens(VirtualFetch fetch)
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
        var request = new OpenRequest(hit.Node, hit.Parent, hit.Name.Span.ToArray(), flags, (uint)how.Mode, found.MustBeDirectory, hit.Mount!.ReadOnly);
        var who = GuestCaller.Of(call.Thread);
        call.Thread.GraftCloses = (flags & OpenFlag.CloExec) != 0;
        verdict = fetch.Ask(call, hit.Mount!, cancel => new NodeOpens(layer).OpenAsync(request, who, cancel));
        return true;
    }
}
