using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs;

/// <summary>
/// A merge, cow or mincow layer: names are looked for in the source ("upper") first, then, unless whited out, at the target as older layers show it ("lower"). What
/// is where stands on disk alone, so look-ups need no lock: they run on the tracer thread while the layer's actor changes the source, and each change
/// becomes visible by one rename or link of the kernel's.
/// </summary>
internal sealed class Union(VufsMode mode, SourceMarks marks, long descriptor, byte[] upperHost)
{
    private const int ProbeFlags = OpenFlag.Path | OpenFlag.NoFollow | OpenFlag.CloExec;

    private byte[] upperHost = upperHost;

    public VufsMode Mode => mode;

    /// <summary>Whiteouts and recorded attributes.</summary>
    public SourceMarks Marks => marks;

    /// <summary>The source on the host.</summary>
    public byte[] UpperHost => Volatile.Read(ref upperHost);

    /// <summary>False: source and target are one directory; only attributes are recorded.</summary>
    public bool HasLower { get; init; } = true;

    /// <summary>chmod and chown are recorded without copying the file up.</summary>
    public bool NoCopyOnChange { get; init; }

    /// <summary>What the copies of this run were made of.</summary>
    public InodeOrigins Origins { get; } = new();

    /// <summary>Listings of directories made of two, by the layer's actor for the tracer thread.</summary>
    public ListingCache Listings { get; } = new();

    /// <summary>The layer is unmounted: another run may have the source. Descriptors stay for whoever is still looking; the runtime closes them.</summary>
    public void Release() => marks.Dispose();

    /// <summary>A directory above the source was renamed; the kernel knows how it is called now.</summary>
    public void SourceRenamed()
    {
        var link = new byte[4096];
        var path = new PathBuffer(64);
        path.Set(System.Text.Encoding.ASCII.GetBytes($"/proc/self/fd/{descriptor}"));
        var length = Files.ReadLink(path.ForKernel(), link);
        if (length > 1)
            Volatile.Write(ref upperHost, link[..(int)length]);
    }

    /// <summary>Where a name is. <paramref name="host"/> holds its view path, at or below the target, and becomes the host path: that of the source for names that are nowhere.</summary>
    public Place Locate(RoutingTable table, Mount mount, PathBuffer host, bool walked)
    {
        var name = PathBuffer.Rent();
        name.Set(host.Span);
        host.ReplacePrefix(mount.Target.Length, UpperHost);
        var place = Locate(table, mount, host, name, walked);
        PathBuffer.Return(name);
        return place;
    }

    /// <summary>Whether a name is in the source, whatever the marks say. ENOENT, ELOOP (a link before the last component), ENOTDIR, …</summary>
    public Errno ProbeUpper(ReadOnlySpan<byte> rel, bool walked = true)
    {
        if (rel.IsEmpty)
            return Errno.None;
        var path = PathBuffer.Rent();
        path.Set(rel[1..]);
        var error = Probe(path.ForKernel(), descriptor, walked);
        PathBuffer.Return(path);
        return error;
    }

    /// <summary>
    /// Whether the target has a name, whatever the source and the marks say; <paramref name="host"/> becomes its host path. Links on the way make it unreachable: a directory
    /// of the source hides what is no directory.
    /// </summary>
    public bool IsInLower(RoutingTable table, Mount mount, ReadOnlySpan<byte> rel, PathBuffer host)
    {
        host.Set(mount.Target);
        host.Append(rel);
        return HasLower && table.TranslateBelow(mount, host, null, walked: true, out var place)
            && (place is Place.Upper or Place.Lower || (place == Place.Native && Probe(host.ForKernel(), At.FdCwd, walked: true) == Errno.None));
    }

    private Place Locate(RoutingTable table, Mount mount, PathBuffer host, PathBuffer name, bool walked)
    {
        var rel = name.Span[mount.Target.Length..];
        switch (ProbeUpper(rel, walked))
        {
            case Errno.ENOENT:
                break;
            case Errno.ELOOP:
                return walked ? Place.Upper : Place.Link;
            default:
                return Place.Upper;
        }

        if (marks.IsWhitedOut(rel))
            return Place.Deleted;
        if (!HasLower)
            return Place.Missing;
        var below = PathBuffer.Rent();
        below.Set(name.Span);
        var place = !table.TranslateBelow(mount, below, null, walked, out var inner) ? Place.Missing
            : inner == Place.Native ? Judge(Probe(below.ForKernel(), At.FdCwd, walked), rel, below, walked)
            : inner is Place.Upper ? Place.Lower
            : inner is Place.Deleted ? Place.Missing : inner;
        if (place == Place.Lower)
            host.Set(below.Span);
        PathBuffer.Return(below);
        return place;
    }

    private Place Judge(Errno error, ReadOnlySpan<byte> rel, PathBuffer lower, bool walked) => error switch
    {
        Errno.ENOENT => Place.Missing,
        Errno.ELOOP => walked ? Place.Missing : Place.Link,
        // A file on the way: hidden if the source has a directory there, else the kernel says what is wrong.
        Errno.ENOTDIR => HidesFile(rel, lower) ? Place.Missing : Place.Lower,
        _ => Place.Lower,
    };

    /// <summary>Whether the target's file that is in the way of a name is hidden: the last directory of the source on that way is none at the target.</summary>
    private bool HidesFile(ReadOnlySpan<byte> rel, PathBuffer lower)
    {
        var known = BytePath.Parent(rel);
        while (ProbeUpper(known) == Errno.ENOENT)
            known = BytePath.Parent(known);
        if (known.IsEmpty || !lower.Span.EndsWith(rel[known.Length..]))
            return false;
        var directory = PathBuffer.Rent();
        directory.Set(lower.Span[..^(rel.Length - known.Length)]);
        var hides = Files.Stat(directory.ForKernel(), out var stat) < 0 || !stat.IsDirectory;
        PathBuffer.Return(directory);
        return hides;
    }

    /// <summary>Without openat2, links before the last component are told from other things by a walk only: of a path that was not walked, ELOOP says that they may be there.</summary>
    private static Errno Probe(ReadOnlySpan<byte> path, long directory, bool walked)
    {
        var fd = Files.Open2(path, ProbeFlags, OpenHow.NoSymlinks, (int)directory);
        if (fd >= 0)
        {
            Files.Close(fd);
            return Errno.None;
        }

        if (fd == -(long)Errno.ENOSYS && !walked)
            return Errno.ELOOP;
        return fd == -(long)Errno.ENOSYS ? Sys.Error(Files.Stat(path, out _, At.SymlinkNoFollow, (int)directory)) : (Errno)(int)-fd;
    }
}
