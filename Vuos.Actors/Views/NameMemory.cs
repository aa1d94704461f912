namespace Vuos.Actors.Views;

/// <summary>
/// Remembers under which view path a process reached a host file through a layer, so that descriptors, mappings and working directories can be shown by
/// their view names. Shared copy-on-write between a process and its children; bounded, the oldest names are dropped (they are then shown by host path).
/// </summary>
internal sealed class NameMemory
{
    private const int Limit = 8192;

    private Dictionary<byte[], byte[]>? map;
    private bool shared;

    /// <summary>Grows whenever a name that was recorded is not any more, or is another.</summary>
    public long Losses { get; private set; }

    public bool IsEmpty => map is null || map.Count == 0;

    /// <summary>A copy for a forked child.</summary>
    public NameMemory Fork()
    {
        shared = map is not null;
        return new NameMemory { map = map, shared = shared };
    }

    /// <summary>Records that host is seen as view. Allocates only when that is news.</summary>
    public void Remember(ReadOnlySpan<byte> host, ReadOnlySpan<byte> view)
    {
        var same = host.SequenceEqual(view);
        if (map is null)
        {
            if (same)
                return;
            map = new(BytePathComparer.Instance);
        }

        var lookup = map.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(host, out var known) ? view.SequenceEqual(known) : same && !HasAncestor(host))
            return;
        if (shared)
        {
            map = new(map, BytePathComparer.Instance);
            shared = false;
        }

        if (map.Count >= Limit)
            map.Clear();
        if (known is not null || map.Count == 0)
            Losses++;
        map[host.ToArray()] = view.ToArray();
    }

    /// <summary>The view path recorded for exactly this host path.</summary>
    public byte[]? Exact(ReadOnlySpan<byte> host) =>
        map is not null && map.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(host, out var view) ? view : null;

    /// <summary>Writes the view path of a host directory: its own record, or that of its nearest recorded ancestor, or the host path itself.</summary>
    public void DirectoryName(ReadOnlySpan<byte> host, PathBuffer view)
    {
        if (map is not null)
        {
            var lookup = map.GetAlternateLookup<ReadOnlySpan<byte>>();
            for (var prefix = host; ; prefix = BytePath.Parent(prefix))
            {
                if (lookup.TryGetValue(prefix, out var known))
                {
                    view.Set(known);
                    view.Append(host[prefix.Length..]);
                    return;
                }

                if (prefix.IsEmpty)
                    break;
            }
        }

        view.Set(host);
    }

    private bool HasAncestor(ReadOnlySpan<byte> host)
    {
        var lookup = map!.GetAlternateLookup<ReadOnlySpan<byte>>();
        for (var prefix = host; !prefix.IsEmpty;)
        {
            prefix = BytePath.Parent(prefix);
            if (lookup.ContainsKey(prefix))
                return true;
        }

        return false;
    }
}
