using Vuos.Actors.Guests;
using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs;

/// <summary>Removing, renaming and linking names.</summary>
internal sealed partial class UnionOperations
{
    private const uint NoReplace = 1, Exchange = 2;

    private Errno Remove(byte[] rel, bool directory, GuestIdentity? who)
    {
        var host = new PathBuffer(512);
        var place = Locate(rel, host);
        if (place is not (Place.Upper or Place.Lower))
            return Errno.ENOENT;
        var error = Sys.Error(Files.Stat(host.ForKernel(), out var stat, At.SymlinkNoFollow));
        if (error != Errno.None)
            return error;
        if (stat.IsDirectory != directory)
            return directory ? Errno.ENOTDIR : Errno.EISDIR;
        var parent = BytePath.Parent(rel);
        if ((error = CopyUpFolder(parent)) != Errno.None || (error = MayRemove(parent, stat, who)) != Errno.None)
            return error;
        if (directory && (error = IsEmpty(rel)) != Errno.None)
            return error;
        // While the source has the name the whiteout does not show, so nobody sees the target's between the two steps.
        if (ShinesThrough(rel, host) && (error = WhiteOut(rel)) != Errno.None)
            return error;
        if (place == Place.Upper)
        {
            using (GuestIdentity.Assume(who))
                error = Sys.Error(directory ? FileChanges.RemoveDirectory(At.FdCwd, Upper(rel).ForKernel()) : FileChanges.Unlink(At.FdCwd, Upper(rel).ForKernel()));
            if (error != Errno.None)
                return error;
            if (directory || stat.Nlink == 1)
                union.Origins.Remove(stat);
        }
        else
        {
            FileChanges.SetTimesNow(Upper(parent).ForKernel());
        }

        return Marks.DropAttributes(rel);
    }

    private Errno Rename(RenameName request)
    {
        var (from, to) = (request.From, request.To);
        if (request.Flags is not (0 or NoReplace or Exchange))
            return Errno.EINVAL;
        var exchange = request.Flags == Exchange;
        PathBuffer fromHost = new(512), toHost = new(512);
        if (Locate(from, fromHost) is not (Place.Upper or Place.Lower))
            return Folder(from) is var missing && missing == Errno.None && (missing = Folder(to)) == Errno.None ? Errno.ENOENT : missing;
        var toIsThere = Locate(to, toHost) is Place.Upper or Place.Lower;
        // What is wrong on the way to either comes before what is wrong with them.
        KernelStat target = default;
        var toError = toIsThere ? Sys.Error(Files.Stat(toHost.ForKernel(), out target, At.SymlinkNoFollow)) : Folder(to);
        if (toError is not (Errno.None or Errno.ENOENT))
            return toError;
        var error = Sys.Error(Files.Stat(fromHost.ForKernel(), out var stat, At.SymlinkNoFollow));
        if (error != Errno.None || (error = toError) != Errno.None)
            return error;
        if (toIsThere && request.Flags == NoReplace)
            return Errno.EEXIST;
        if (!toIsThere && exchange)
            return Errno.ENOENT;
        if (exchange && request.ToFolder && !target.IsDirectory)
            return Errno.ENOTDIR;
        if (BytePath.IsAtOrBelow(to, from) && to.Length > from.Length)
            return Errno.EINVAL;
        if (BytePath.IsAtOrBelow(from, to) && from.Length > to.Length)
            return exchange ? Errno.EINVAL : Errno.ENOTEMPTY;
        // One file under two names (or one name twice): nothing is done (rename(2)).
        if (toIsThere && stat.Dev == target.Dev && stat.Ino == target.Ino)
            return Errno.None;
        if ((error = CopyUpFolder(BytePath.Parent(from))) != Errno.None || (error = CopyUpFolder(BytePath.Parent(to))) != Errno.None)
            return error;
        if ((error = MayRemove(BytePath.Parent(from), stat, request.Who)) != Errno.None
            || (error = toIsThere ? MayRemove(BytePath.Parent(to), target, request.Who) : MayChange(BytePath.Parent(to), request.Who)) != Errno.None)
            return error;
        if (toIsThere && !exchange && (error = MayReplace(to, stat, target)) != Errno.None)
            return error;
        if ((error = CopyUpTree(from)) != Errno.None || (exchange && (error = CopyUpTree(to)) != Errno.None))
            return error;
        return Move(request, stat.IsDirectory, toIsThere && target.IsDirectory, toIsThere);
    }

    /// <summary>Whether the directory of a name is one.</summary>
    private Errno Folder(ReadOnlySpan<byte> rel)
    {
        var host = new PathBuffer(512);
        if (Locate(BytePath.Parent(rel), host) is not (Place.Upper or Place.Lower))
            return Errno.ENOENT;
        var error = Sys.Error(Files.Stat(host.ForKernel(), out var stat, At.SymlinkNoFollow));
        return error != Errno.None || stat.IsDirectory ? error : Errno.ENOTDIR;
    }

    /// <summary>Both names are wholly in the source (or free): hide what would show through, rename, and take the marks along.</summary>
    private Errno Move(RenameName request, bool fromIsDirectory, bool toIsDirectory, bool toIsThere)
    {
        var (from, to, exchange) = (request.From, request.To, request.Flags == Exchange);
        var lower = new PathBuffer(512);
        // A directory must not be joined by what the target has at its new name, and a name that is left must not be taken by it.
        var hideTo = fromIsDirectory && ShinesThrough(to, lower);
        var hideFrom = (!exchange || toIsDirectory) && ShinesThrough(from, lower);
        Errno error;
        if (hideTo && toIsThere && (error = CopyUp(to, 0)) != Errno.None)
            return error;
        // What is replaced is empty, whatever is marked below it.
        if ((hideTo && (error = exchange ? Hide(to) : WhiteOut(to)) != Errno.None) || (hideFrom && (error = Hide(from)) != Errno.None))
            return error;
        if ((error = Sys.Error(Files.Stat(Upper(from).ForKernel(), out var stat, At.SymlinkNoFollow))) != Errno.None)
            return error;
        var kind = (hideFrom ? MoveKind.HidingFrom : MoveKind.Plain) | (exchange ? MoveKind.Exchange : MoveKind.Plain) | (exchange && hideTo ? MoveKind.HidingTo : MoveKind.Plain);
        if ((error = Marks.BeginMove(new MoveNote(from, to, kind, stat.Ino), LowerNames, out var noted)) != Errno.None)
            return error;
        using (GuestIdentity.Assume(request.Who))
            error = Sys.Error(FileChanges.Rename(At.FdCwd, Upper(from).ForKernel(), At.FdCwd, Upper(to).ForKernel(), (int)request.Flags));
        var followed = noted is { } note ? Marks.FinishMove(note, error == Errno.None) : Errno.None;
        return error == Errno.None ? followed : error;
    }

    /// <summary>
    /// Hides what the target has at a name, while the source has it. Where attributes recorded below a directory must stay, that is done one by one: a whiteout of all would
    /// take their place.
    /// </summary>
    private Errno Hide(byte[] rel) => Marks.AnyAttributes && Marks.HasMarksBelow(rel) ? WhiteOutEach(rel) : WhiteOut(rel);

    private Errno Link(byte[] from, byte[] to, GuestIdentity? who)
    {
        var host = new PathBuffer(512);
        var error = CopyUp(from, long.MaxValue);
        if (error != Errno.None || (error = Prepare(to)) != Errno.None)
            return error;
        if (Locate(to, host) is Place.Upper or Place.Lower)
            return Errno.EEXIST;
        // The record comes first: of a name that is not there it says nothing.
        if ((error = Recording(to, () => Marks.LinkAttributes(from, to))) != Errno.None)
            return error;
        using (GuestIdentity.Assume(who))
            error = Sys.Error(FileChanges.Link(At.FdCwd, Upper(from).ForKernel(), At.FdCwd, Upper(to).ForKernel()));
        if (error != Errno.None)
            Marks.DropAttributes(to);
        return error;
    }

    private Errno MayReplace(byte[] to, in KernelStat from, in KernelStat target)
    {
        if (from.IsDirectory != target.IsDirectory)
            return from.IsDirectory ? Errno.ENOTDIR : Errno.EISDIR;
        return from.IsDirectory ? IsEmpty(to) : Errno.None;
    }

    /// <summary>A directory that others may write in, with the sticky bit: only who owns the name or the directory may remove it. We own what is in our layer.</summary>
    private Errno MayRemove(ReadOnlySpan<byte> directory, in KernelStat victim, GuestIdentity? who)
    {
        const uint Sticky = 0x200;
        var error = MayChange(directory, who);
        if (error != Errno.None || who is null or { Uid: 0 } || Files.Stat(Upper(directory).ForKernel(), out var stat) < 0)
            return error;
        return (stat.Mode & Sticky) != 0 && who.Uid != stat.Uid && who.Uid != victim.Uid ? Errno.EPERM : Errno.None;
    }

    private Errno WhiteOut(byte[] rel) => Recording(rel, () => Marks.Whiteout(rel));

    private Errno WhiteOutEach(byte[] rel)
    {
        foreach (var name in LowerNames(rel))
        {
            byte[] child = [.. rel, (byte)'/', .. name];
            // A whiteout takes what is recorded below it away.
            if ((Marks.HasMarksBelow(child) ? WhiteOutEach(child) : WhiteOut(child)) is var error && error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    /// <summary>A mark below a whiteout file needs that to become a directory first.</summary>
    private Errno Recording(byte[] rel, Func<Errno> mark)
    {
        var error = mark();
        return error == Errno.ENOTDIR && Marks.ExpandAbove(rel, LowerNames) == Errno.None ? mark() : error;
    }
}
