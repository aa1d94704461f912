using Vuos.Actors.Guests;
using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs;

/// <summary>
/// Changes to a union's source. Runs on the layer's actor, one request at a time; look-ups of the tracer thread go on meanwhile, so every step leaves names whole: what is
/// hidden is whited out while the source still shows it, what is copied appears by one link or rename. One instance serves one request: the table does not change under it.
/// </summary>
internal sealed partial class UnionOperations(RoutingTable table, Mount mount)
{
    private readonly Union union = mount.Union!;

    private SourceMarks Marks => union.Marks;

    public UnionAnswer Run(UnionRequest request)
    {
        var error = request switch
        {
            CopyUpName r => CopyUp(r.Rel, WillBeCut(r) ? r.Length : long.MaxValue),
            PrepareName r => Prepare(r.Rel),
            RemoveName r => Remove(r.Rel, r.Directory, r.Who),
            RenameName r => Rename(r),
            LinkName r => Link(r.From, r.To, r.Who),
            ChangeAttributes r => Change(r),
            MakeDevice r => MakeDevice(r),
            ReadNames r => List(r.Rel, r.Tid),
            _ => Errno.ENOSYS,
        };
        var renamed = error == Errno.None && request is RenameName name ? (name.ViewFrom, name.ViewTo) : default((byte[], byte[])?);
        return new UnionAnswer(error, error == Errno.None && !request.Finishes, renamed);
    }

    /// <summary>Where a name is, and its host path.</summary>
    private Place Locate(ReadOnlySpan<byte> rel, PathBuffer host)
    {
        host.Set(mount.Target);
        host.Append(rel);
        return union.Locate(table, mount, host, walked: true);
    }

    /// <summary>The host path of a name in the source, whether it is there or not.</summary>
    private PathBuffer Upper(ReadOnlySpan<byte> rel)
    {
        var path = new PathBuffer(rel.Length + 256);
        path.Set(union.UpperHost);
        path.Append(rel);
        return path;
    }

    /// <summary>The target has the name and it is not whited out: were the source's taken away, it would show.</summary>
    private bool ShinesThrough(ReadOnlySpan<byte> rel, PathBuffer host) => !Marks.IsWhitedOut(rel) && union.IsInLower(table, mount, rel, host);

    /// <summary>The name is in the source when this returns None, with its content if it is a file, without if it is a directory. ENOENT: it is nowhere.</summary>
    private Errno CopyUp(ReadOnlySpan<byte> rel, long length)
    {
        var host = new PathBuffer(512);
        switch (Locate(rel, host))
        {
            case Place.Upper:
                return Errno.None;
            case Place.Lower:
                break;
            default:
                return Errno.ENOENT;
        }

        var parent = BytePath.Parent(rel);
        if (CopyUpFolder(parent) is var above && above != Errno.None)
            return above;
        var name = rel.ToArray();
        return KeepingTimes(parent, () => Recording(name, () => Store.CopyUp.Copy(Marks, host.Span, name, length, Prepared)));
    }

    private void Prepared(in KernelStat copy, in KernelStat original)
    {
        var shown = original;
        table.ShowOrigin(ref shown);
        union.Origins.Add(copy, shown);
    }

    /// <summary>The directory of a name. What else is there is left as it is: a file with none of its content would be one that lost it.</summary>
    private Errno CopyUpFolder(ReadOnlySpan<byte> rel)
    {
        var host = new PathBuffer(512);
        if (Locate(rel, host) is not (Place.Upper or Place.Lower))
            return Errno.ENOENT;
        var error = Sys.Error(Files.Stat(host.ForKernel(), out var stat, At.SymlinkNoFollow));
        if (error != Errno.None)
            return error;
        return stat.IsDirectory ? CopyUp(rel, 0) : Errno.ENOTDIR;
    }

    /// <summary>Nothing changed in the view, so the directory's times stay (what overlayfs does as well).</summary>
    private Errno KeepingTimes(ReadOnlySpan<byte> directory, Func<Errno> change)
    {
        var path = Upper(directory);
        var known = Files.Stat(path.ForKernel(), out var before) == 0;
        var error = change();
        if (known)
            FileChanges.SetTimes(At.FdCwd, path.ForKernel(), before);
        return error;
    }

    /// <summary>A name in the directory of the source will be made: the directory is there, and nothing is recorded of a former holder of the name.</summary>
    private Errno Prepare(ReadOnlySpan<byte> rel)
    {
        var error = CopyUpFolder(BytePath.Parent(rel));
        return error == Errno.None && union.ProbeUpper(rel) == Errno.ENOENT ? Marks.DropAttributes(rel) : error;
    }

    /// <summary>A directory with everything in it, so that it can be moved as one: nothing of it is only at the target afterwards.</summary>
    private Errno CopyUpTree(byte[] rel)
    {
        var host = new PathBuffer(512);
        var error = CopyUp(rel, long.MaxValue);
        if (error != Errno.None || Files.Stat(Upper(rel).ForKernel(), out var stat, At.SymlinkNoFollow) < 0 || !stat.IsDirectory || !ShinesThrough(rel, host))
            return error;
        var entries = new List<DirectoryEntry>();
        if ((error = Merged(rel, entries)) != Errno.None)
            return error;
        foreach (var entry in entries)
        {
            if ((error = CopyUpTree([.. rel, (byte)'/', .. entry.Name])) != Errno.None)
                return error;
        }

        return Errno.None;
    }

    /// <summary>
    /// Whether names of a directory of the source may be made and removed. Whoever runs the layer owns what is in it, so for ourselves the source's own mode decides.
    /// </summary>
    private Errno MayChange(ReadOnlySpan<byte> directory, GuestIdentity? who)
    {
        using var acting = GuestIdentity.Assume(who);
        return Sys.Error(Files.Access(Upper(directory).ForKernel(), 3, At.EAccess));
    }
}
