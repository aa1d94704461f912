namespace Vuos.Actors.Views;

/// <summary>
/// Remembers under which view path a process reached a host file through a layer, so that descriptors, mappings and working directories can be shown by
/// their view names. Shared copy-on-write between a process and its children; bounded, the oldest names are dropped (they are then shown by host path).
/// </summary>
internal sealed class NameMemory
{
    private const int Limit = 8192;

    private Dictionary<byte[], byte[]>? map;

    // Directories whose files were opened by paths that begin there, without a word on each.
    private Dictionary<byte[], byte[]>? bases;
    private bool shared;

    /// <summary>Grows whenever a name that was recorded is not any more, or is another.</summary>
    public long Losses { get; private set; }

    public bool IsEmpty => (map is null || map.Count == 0) && (bases is null || bases.Count == 0);

    /// <summary>A copy for a forked child.</summary>
    public NameMemory Fork()
    {
        shared = map is not null || bases is not null;
        return new NameMemory { map = map, bases = bases, shared = shared };
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

        var known = Find(map, host);
        if (known is not null ? view.SequenceEqual(known) : same && !HasAncestor(host))
            return;
        Unshare();
        if (map.Count >= Limit)
            map.Clear();
        if (known is not null || map.Count == 0 || (Find(bases, BytePath.Parent(host)) is { } directory && !IsBelow(view, directory, BytePath.Name(host))))
            Losses++;
        map[host.ToArray()] = view.ToArray();
    }

    /// <summary>
    /// Records that <paramref name="file"/>, and others without a word on them, were or will be opened by paths that begin in a directory or above: they have its name, but those of which another is recorded later.
    /// </summary>
    public void RememberBase(ReadOnlySpan<byte> host, ReadOnlySpan<byte> view, ReadOnlySpan<byte> file)
    {
        if (!view.SequenceEqual(Find(bases, host) ?? host))
        {
            Unshare();
            bases ??= new(BytePathComparer.Instance);
            if (bases.Count >= Limit)
            {
                bases.Clear();
                Losses++;
            }

            bases[host.ToArray()] = view.ToArray();
        }

        if (map is null)
            return;
        var path = PathBuffer.Rent();
        path.Set(host);
        path.Push(file);
        if (Find(map, path.Span) is { } other && !IsBelow(other, view, file))
        {
            Unshare();
            map[path.Span.ToArray()] = [.. view, (byte)'/', .. file];
        }

        PathBuffer.Return(path);
    }

    /// <summary>The view path recorded for exactly this host path, or by which its directory was opened.</summary>
    public byte[]? Exact(ReadOnlySpan<byte> host) =>
        Find(map, host) ?? (Find(bases, BytePath.Parent(host)) is { } directory ? [.. directory, .. host[BytePath.Parent(host).Length..]] : null);

    /// <summary>Writes the view path of a host directory: its own record, or that of its nearest recorded ancestor, or the host path itself.</summary>
    public void DirectoryName(ReadOnlySpan<byte> host, PathBuffer view)
    {
        if (map is not null)
        {
            for (var prefix = host; ; prefix = BytePath.Parent(prefix))
            {
                if (Find(map, prefix) is { } known)
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

    private static bool IsBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> directory, ReadOnlySpan<byte> name) =>
        path.Length == directory.Length + 1 + name.Length && BytePath.IsAtOrBelow(path, directory) && path.EndsWith(name);

    private static byte[]? Find(Dictionary<byte[], byte[]>? names, ReadOnlySpan<byte> host) =>
        names is not null && names.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(host, out var view) ? view : null;

    private void Unshare()
    {
        if (!shared)
            return;
        map = map is null ? null : new(map, BytePathComparer.Instance);
        bases = bases is null ? null : new(bases, BytePathComparer.Instance);
        shared = false;
    }

    private bool HasAncestor(ReadOnlySpan<byte> host)
    {
        for (var prefix = host; !prefix.IsEmpty;)
        {
            prefix = BytePath.Parent(prefix);
            if (Find(map, prefix) is not null)
                return true;
        }

        return false;
    }
}
