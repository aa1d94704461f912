using System.Diagnostics;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual;

/// <summary>Fetches what a path resolution lacked; the waiting call is then decided again. On tasks of the layer.</summary>
internal static class NodeFetch
{
    /// <summary>Looks up as many names of <paramref name="rest"/> as lead on without a link or "..".</summary>
    public static async ValueTask<VirtualAnswer> NamesAsync(VirtualLayer layer, VirtualNode from, byte[] rest, GuestCaller who, CancellationToken cancel)
    {
        var caller = who.Plain();
        var directory = from;
        var first = true;
        foreach (var component in Components(rest))
        {
            if (component is [(byte)'.'])
                continue;
            if (component is [(byte)'.', (byte)'.'] or { Length: > 255 })
                break;
            var entry = first ? null : directory.Find(component);
            if (entry is null || !entry.Freshness.IsUsable(0))
            {
                var found = await NameAsync(layer, directory, component, caller, cancel).ConfigureAwait(false);
                if (found.Error == Errno.ENOENT)
                    break;
                if (found.Failed)
                    return VirtualAnswer.Fail(found.Error);
                entry = found.Value;
            }

            first = false;
            if (entry.Node is not { IsDirectory: true } next)
                break;
            directory = next;
        }

        layer.Trim();
        return VirtualAnswer.Retry;
    }

    private static async ValueTask<Answer<VirtualEntry>> NameAsync(VirtualLayer layer, VirtualNode directory, byte[] name, Caller caller, CancellationToken cancel)
    {
        if (directory.Ahead is { } known && await known.JoinAsync(name, cancel).ConfigureAwait(false) && directory.Find(name) is { } entry && entry.Freshness.IsUsable(0))
            return entry;
        var found = await layer.LookUpAsync(directory, name, caller, cancel).ConfigureAwait(false);
        if (!found.Failed)
            layer.Ahead(directory)?.Found(name, caller);
        return found;
    }

    public static async ValueTask<VirtualAnswer> AttributesAsync(VirtualLayer layer, VirtualNode node, GuestCaller who, CancellationToken cancel)
    {
        var asked = Stopwatch.GetTimestamp();
        var known = await layer.Files.GetAttributesAsync(node.Id, null, who.Plain(), cancel).ConfigureAwait(false);
        if (known.Failed)
            return VirtualAnswer.Fail(known.Error);
        layer.LearnAttributes(node, known.Value, asked);
        return VirtualAnswer.Retry;
    }

    /// <summary>A target may be believed as long as the link's attributes.</summary>
    public static async ValueTask<VirtualAnswer> TargetAsync(VirtualLayer layer, VirtualNode link, GuestCaller who, CancellationToken cancel)
    {
        var target = await layer.Files.ReadLinkAsync(link.Id, who.Plain(), cancel).ConfigureAwait(false);
        if (target.Failed)
            return VirtualAnswer.Fail(target.Error);
        if (target.Value.Length is 0 or > 4095)
            return VirtualAnswer.Fail(target.Value.Length == 0 ? Errno.ENOENT : Errno.ENAMETOOLONG);
        link.Target = new KnownTarget(target.Value, Freshness.For(TimeSpan.Zero) with { Until = link.Attributes?.Freshness.Until ?? 0 });
        return VirtualAnswer.Retry;
    }

    private static IEnumerable<byte[]> Components(byte[] path)
    {
        for (var at = 0; at < path.Length;)
        {
            var end = Array.IndexOf(path, (byte)'/', at);
            if (end < 0)
                end = path.Length;
            if (end > at)
                yield return path[at..end];
            at = end + 1;
        }
    }
}
