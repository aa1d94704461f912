using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>AF_UNIX names in virtual file systems (net/unix/af_unix.c, unix_bind_bsd and unix_find_bsd): the node is the file system's, the socket is bound at its <see cref="Places"/>. Tracer thread only.</summary>
internal sealed class VirtualSockets(VirtualFetch fetch, Places places)
{
    private const uint Everything = 0x1FF;

    /// <summary>False: the path does not lead into a virtual file system. Else the place, or, where that is null, what comes first.</summary>
    public bool Decides(Call call, Resolution found, bool binds, out byte[]? place, out Verdict verdict)
    {
        place = null;
        if (fetch.IsPending(call, found, out verdict))
            return true;
        if (found.Kind != ResolutionKind.Virtual)
            return false;
        var hit = found.Virtual;
        if (hit.Node is not { } node)
        {
            verdict = binds ? Make(call, hit, found.MustBeDirectory) : Verdict.Fail(Errno.ENOENT);
            return true;
        }

        if (binds && node != call.Thread.BindsAs)
        {
            verdict = Verdict.Fail(Errno.EADDRINUSE);
            return true;
        }

        if (binds)
        {
            var made = places.Socket(node);
            (place, verdict) = (made.Failed ? null : made.Value, Verdict.Fail(made.Error));
            return true;
        }

        if (fetch.LacksAttributes(call, hit.Layer!, hit.Mount!, node, out verdict))
            return true;
        var refused = hit.Layer!.Traits.DefaultPermissions ? GuestCaller.Of(call.Thread).Check(node, Permissions.Write) : Errno.None;
        place = refused == Errno.None && node.Type == FileType.Socket ? node.Place : null;
        verdict = Verdict.Fail(refused != Errno.None ? refused : Errno.ECONNREFUSED);
        return true;
    }

    /// <summary>The node comes first; then the call is decided again, and binds.</summary>
    private Verdict Make(Call call, VirtualHit hit, bool asDirectory)
    {
        if (hit.Parent is null)
            return Verdict.Fail(Errno.EADDRINUSE);
        if (asDirectory)
            return Verdict.Fail(Errno.ENOENT);
        if (hit.Mount!.ReadOnly)
            return Verdict.Fail(Errno.EROFS);
        var (thread, layer, parent, name, who) = (call.Thread, hit.Layer!, hit.Parent, hit.Name.Span.ToArray(), GuestCaller.Of(call.Thread));
        return fetch.Ask(call, hit.Mount, async cancel =>
        {
            var made = await NodeChanges.MakeNodeAsync(layer, parent, name, FileType.Socket | Everything, 0, who, cancel).ConfigureAwait(false);
            if (made.Result == -(long)Errno.EEXIST)
                return VirtualAnswer.Fail(Errno.EADDRINUSE);
            if (made.Result < 0)
                return made;
            thread.BindsAs = parent.Find(name)?.Node;
            return VirtualAnswer.Retry;
        });
    }
}
