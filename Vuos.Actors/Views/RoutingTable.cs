using System.Collections.Immutable;
using Vuos.Actors.Modules.Vufs;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Views;

/// <summary>
/// All mounts of the view, as a value: published whole after each change and read with one volatile load. Look-up costs the same for one mount and for
/// ten thousand: every prefix of a path is hashed in one pass and looked up once.
/// </summary>
internal sealed class RoutingTable
{
    public static readonly RoutingTable Empty = new([], noNesting: false);

    private readonly Mount?[][] buckets;
    private readonly uint mask;
    private readonly Mount[]? rootMounts;
    private readonly HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> names;
    private readonly HashSet<byte[]>.AlternateLookup<ReadOnlySpan<byte>> carriers;
    private readonly Union[] unions;
    private readonly bool noNesting;
    private readonly int longestTarget;
    private readonly bool anySubdevices;

    public RoutingTable(ImmutableArray<Mount> mounts, bool noNesting)
    {
        Mounts = mounts;
        this.noNesting = noNesting;
        var size = 16;
        while (size < mounts.Length * 2)
            size *= 2;
        mask = (uint)size - 1;
        var lists = new List<Mount>?[size];
        var carrierSet = new HashSet<byte[]>(BytePathComparer.Instance);
        var nameSet = new HashSet<byte[]>(BytePathComparer.Instance);
        var known = carrierSet.GetAlternateLookup<ReadOnlySpan<byte>>();
        foreach (var mount in mounts)
        {
            (lists[(uint)BytePathComparer.Instance.GetHashCode(mount.Target) & mask] ??= []).Add(mount);
            nameSet.Add(BytePath.Name(mount.Target).ToArray());
            longestTarget = Math.Max(longestTarget, mount.Target.Length);
            AnyReadOnly |= mount.ReadOnly;
            AnyVirtual |= mount.Virtual is not null;
            anySubdevices |= mount.HasSubdevices;
            foreach (var range in mount.Target.AsSpan().Split((byte)'/'))
                known.Add(mount.Target.AsSpan(range));
            if (mount.Source is not { } source)
                continue;
            foreach (var range in source.AsSpan().Split((byte)'/'))
                known.Add(source.AsSpan(range));
        }

        unions = [.. mounts.Where(static m => m.Union is not null).Select(static m => m.Union!)];
        // Newest first, so that the first match in a bucket is the one that counts.
        buckets = [.. lists.Select(static l => l?.OrderByDescending(static m => m.Epoch).ToArray() ?? [])];
        var roots = mounts.Where(static m => m.Target.Length == 0).OrderByDescending(static m => m.Epoch).ToArray();
        rootMounts = roots.Length == 0 ? null : roots;
        carriers = carrierSet.GetAlternateLookup<ReadOnlySpan<byte>>();
        names = nameSet.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>In mount order, oldest first.</summary>
    public ImmutableArray<Mount> Mounts { get; }

    public bool IsEmpty => Mounts.IsEmpty;

    /// <summary>No mount is the root, and none has names that are not written in the table.</summary>
    public bool IsPlain => rootMounts is null && !anySubdevices;

    public bool AnyReadOnly { get; }

    /// <summary>Some layer shows names of two places: what lies in a directory is no longer where the kernel's directory is.</summary>
    public bool AnyUnion => unions.Length > 0;

    /// <summary>Some layer has files without a place on the host: what the kernel's directory is says nothing about where a name leads.</summary>
    public bool AnyVirtual { get; }

    /// <summary>Copies were made of which the guests know the originals' inode numbers.</summary>
    public bool AnyOrigin
    {
        get
        {
            foreach (var union in unions)
            {
                if (union.Origins.Any)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Shows a copy under the device and inode number of its original (<see cref="InodeOrigins"/>).</summary>
    public void ShowOrigin(ref KernelStat stat)
    {
        foreach (var union in unions)
        {
            if (union.Origins.Apply(ref stat))
                return;
        }
    }

    /// <summary>As <see cref="ShowOrigin"/>, on a <c>struct statx</c> of 256 bytes.</summary>
    public void ShowOriginStatx(Span<byte> statx)
    {
        foreach (var union in unions)
        {
            if (union.Origins.ApplyStatx(statx))
                return;
        }
    }

    /// <summary>Host path given for names in virtual file systems: below a file, so ENOTDIR.</summary>
    public static ReadOnlySpan<byte> Nowhere => "/dev/null/virtual"u8;

    /// <summary>Epoch of a guest's own accesses: everything mounted is visible.</summary>
    public const long Now = long.MaxValue;

    /// <summary>Whether some mount point has this last component: if not, a single component cannot enter a mount.</summary>
    public bool HasName(ReadOnlySpan<byte> component) => names.Contains(component) || (anySubdevices && names.Contains(NumberedName.Device(component)));

    /// <summary>Whether a name of this spelling may be part of a mount's source or target path, so that renaming it moves the mount along.</summary>
    public bool MayCarryMount(ReadOnlySpan<byte> component) => carriers.Contains(component);

    /// <summary>Whether anything at or below a directory differs from the host.</summary>
    public bool ConcernsTree(ReadOnlySpan<byte> directory)
    {
        if (Find(directory) is not null)
            return true;
        foreach (var mount in Mounts)
        {
            if (!mount.Detached && BytePath.IsAtOrBelow(mount.Target, directory))
                return true;
        }

        return false;
    }

    /// <summary>Whether renaming this path changes a mount, or the name of something inside one.</summary>
    public bool ConcernsRename(ReadOnlySpan<byte> path)
    {
        if (Find(path) is not null)
            return true;
        foreach (var mount in Mounts)
        {
            if (BytePath.IsAtOrBelow(mount.Target, path) || (mount.Source is not null && BytePath.IsAtOrBelow(mount.Source, path)))
                return true;
        }

        return false;
    }

    /// <summary>The table after a directory or file was renamed: sources and mount points at or below it go along, as the kernel's do.</summary>
    public RoutingTable Renamed(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        var changed = false;
        var mounts = Mounts.ToArray();
        for (var i = 0; i < mounts.Length; i++)
        {
            var mount = mounts[i];
            if (mount.Source is not null && BytePath.IsAtOrBelow(mount.Source, from))
            {
                mount = mount with { Source = [.. to, .. mount.Source.AsSpan(from.Length)] };
                mount.Union?.SourceRenamed();
            }

            if (BytePath.IsAtOrBelow(mount.Target, from))
                mount = mount with { Target = [.. to, .. mount.Target.AsSpan(from.Length)] };
            changed |= mount != mounts[i];
            mounts[i] = mount;
        }

        return changed ? new RoutingTable([.. mounts], noNesting) : this;
    }

    /// <summary>The newest mount older than <paramref name="epoch"/> that handles <paramref name="path"/>, or null: the host's own.</summary>
    public Mount? Find(ReadOnlySpan<byte> path, long epoch = Now)
    {
        Mount? best = null;
        if (rootMounts is not null)
            best = Newest(rootMounts, path, 0, epoch, best);
        var hash = PathHash.Start;
        var end = Math.Min(path.Length, longestTarget);
        for (var i = 0; i < end; i++)
        {
            hash = PathHash.Add(hash, path[i]);
            if (i + 1 == path.Length || path[i + 1] == (byte)'/')
            {
                var bucket = buckets[hash & mask];
                if (bucket.Length != 0)
                    best = Newest(bucket!, path, i + 1, epoch, best);
            }
        }

        return anySubdevices ? Subdevice(path, epoch, best) : best;
    }

    /// <summary>The device a name with a number at its end belongs to, if that is newer than <paramref name="best"/>.</summary>
    private Mount? Subdevice(ReadOnlySpan<byte> path, long epoch, Mount? best)
    {
        var device = NumberedName.Device(path);
        if (device.Length == path.Length || device.Length == 0)
            return best;
        foreach (var mount in buckets[(uint)BytePathComparer.Instance.GetHashCode(device) & mask])
        {
            if (mount!.HasSubdevices && mount.Epoch < epoch && !(mount.Detached && epoch == Now) && mount.Target.AsSpan().SequenceEqual(device))
                return best is null || mount.Epoch > best.Epoch ? mount : best;
        }

        return best;
    }

    /// <summary>The newest visible mount whose target is exactly <paramref name="path"/>, or null.</summary>
    public Mount? At(ReadOnlySpan<byte> path)
    {
        foreach (var mount in buckets[(uint)BytePathComparer.Instance.GetHashCode(path) & mask])
        {
            if (!mount!.Detached && mount.Target.AsSpan().SequenceEqual(path))
                return mount;
        }

        return null;
    }

    /// <summary>Where a virtual file system is mounted, or null when it is not any more.</summary>
    public Mount? MountOf(Virtual.VirtualLayer layer)
    {
        foreach (var mount in Mounts)
        {
            if (mount.Virtual == layer)
                return mount;
        }

        return null;
    }

    /// <summary>Whether <paramref name="path"/> is the root of the mount that is seen there.</summary>
    public bool IsMountRoot(ReadOnlySpan<byte> path) => Find(path) is { } mount && mount.Target.Length == path.Length;

    /// <summary>
    /// Translates a canonical view path to the host path it stands for. Returns false when the name is hidden (ENOENT).
    /// <paramref name="top"/> is the mount a guest sees there, null if the path is the host's own.
    /// </summary>
    public bool Translate(ReadOnlySpan<byte> view, PathBuffer host, out Mount? top, long epoch = Now) =>
        Translate(view, host, out top, epoch, null, walked: true, out _);

    /// <summary>
    /// The same, telling where in a union the name was found. <paramref name="walked"/>: no component but the last is a link in the view; else
    /// <see cref="Place.Link"/> is the answer when one may be.
    /// </summary>
    public bool Translate(ReadOnlySpan<byte> view, PathBuffer host, out Mount? top, long epoch, UnionHit? hit, bool walked, out Place place)
    {
        place = Place.Native;
        hit?.Clear();
        host.Set(view);
        top = Find(host.Span, epoch);
        for (var mount = top; mount is not null;)
        {
            if (mount.Virtual is not null)
            {
                hit?.Set(mount, host.Span[mount.Target.Length..]);
                if (hit is not null)
                    hit.Place = Place.Virtual;
                place = Place.Virtual;
                // A path that nothing can have: a call that takes it for the host's fails, instead of reaching what the layer covers.
                host.Set(Nowhere);
                return true;
            }

            if (mount.Source is null)
                return false;
            if (mount.Union is { } union)
            {
                hit?.Set(mount, host.Span[mount.Target.Length..]);
                place = union.Locate(this, mount, host, walked);
                if (hit is not null)
                    hit.Place = place;
                break;
            }

            host.ReplacePrefix(mount.Target.Length, mount.Source);
            if (noNesting)
                break;
            mount = Find(host.Span, mount.Epoch);
        }

        return true;
    }

    /// <summary>A union's other side: what lies at its target (<paramref name="name"/>, at or below it) as older layers show it. The result replaces the name.</summary>
    public bool TranslateBelow(Mount mount, PathBuffer name, UnionHit? hit, bool walked, out Place place)
    {
        if (!noNesting)
            return Translate(name.Span, name, out _, mount.Epoch, hit, walked, out place);
        hit?.Clear();
        place = Place.Native;
        return true;
    }

    public RoutingTable With(Mount mount) => new(Mounts.Add(mount), noNesting);

    public RoutingTable Without(Mount mount) => new(Mounts.RemoveAll(m => m.Epoch == mount.Epoch), noNesting);

    public RoutingTable Replace(Mount mount) =>
        new([.. Mounts.Select(m => m.Epoch == mount.Epoch ? mount : m)], noNesting);

    public static RoutingTable Start(bool noNesting) => noNesting ? new RoutingTable([], noNesting: true) : Empty;

    private static Mount? Newest(Mount[] bucket, ReadOnlySpan<byte> path, int length, long epoch, Mount? best)
    {
        foreach (var mount in bucket)
        {
            if (best is not null && mount.Epoch <= best.Epoch)
                break;
            if (mount.Epoch < epoch && mount.Target.Length == length && !(mount.Detached && epoch == Now)
                && path[..length].SequenceEqual(mount.Target) && mount.Handles(path))
                return mount;
        }

        return best;
    }
}
