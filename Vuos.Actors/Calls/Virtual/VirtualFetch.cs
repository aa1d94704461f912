using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>Asks layers on behalf of calls in virtual file systems. Tracer thread only.</summary>
internal sealed class VirtualFetch(IModuleControl layers)
{
    /// <summary>The layer does it on another thread and answers the call, or has it decided again.</summary>
    public Verdict Ask(Call call, Mount mount, Func<CancellationToken, ValueTask<VirtualAnswer>> work, bool brief = false)
    {
        layers.Ask(call.Thread, mount, work, brief);
        return Verdict.WaitHere;
    }

    /// <summary>Whether the path could not be resolved to its end: what it lacks is fetched, and the call decided again.</summary>
    public bool IsPending(Call call, Resolution found, out Verdict verdict)
    {
        verdict = default;
        if (found.Kind != ResolutionKind.Pending)
            return false;
        var hit = found.Virtual;
        var (layer, from, who) = (hit.Layer!, hit.From!, GuestCaller.Of(call.Thread));
        switch (hit.Fetch)
        {
            case Fetch.Start:
                verdict = Ask(call, hit.Mount!, async cancel =>
                    await layer.StartAsync().WaitAsync(cancel).ConfigureAwait(false) == Errno.None ? VirtualAnswer.Retry : VirtualAnswer.Fail(Errno.ENOTCONN));
                return true;
            case Fetch.Names:
                var rest = hit.Rest.Span.ToArray();
                verdict = Ask(call, hit.Mount!, cancel => NodeFetch.NamesAsync(layer, from, rest, who, cancel), brief: true);
                return true;
            case Fetch.Target:
                verdict = Ask(call, hit.Mount!, cancel => NodeFetch.TargetAsync(layer, from, who, cancel), brief: true);
                return true;
            default:
                verdict = Ask(call, hit.Mount!, cancel => NodeFetch.AttributesAsync(layer, from, who, cancel), brief: true);
                return true;
        }
    }

    /// <summary>Whether the node's attributes are too old to be shown: they are fetched, and the call decided again.</summary>
    public bool LacksAttributes(Call call, VirtualLayer layer, Mount mount, VirtualNode node, out Verdict verdict)
    {
        verdict = default;
        if (node.Attributes is { } known && known.Freshness.IsUsable(call.Thread.WaitingSince))
            return false;
        var who = GuestCaller.Of(call.Thread);
        verdict = Ask(call, mount, cancel => NodeFetch.AttributesAsync(layer, node, who, cancel), brief: true);
        return true;
    }
}
