using Vuos.Actors.Guests;
using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs;

/// <summary>Owners and modes: the kernel's where it lets us, recorded where it does not.</summary>
internal sealed partial class UnionOperations
{
    private const uint ModeBits = 0xFFF;

    private Errno Change(ChangeAttributes request)
    {
        var rel = request.Rel;
        var host = new PathBuffer(512);
        var place = Locate(rel, host);
        if (place is not (Place.Upper or Place.Lower))
            return Errno.ENOENT;
        var recordOnly = place == Place.Lower && union.NoCopyOnChange;
        Errno error;
        if (!recordOnly && (error = CopyUp(rel, long.MaxValue)) != Errno.None)
            return error;
        Marks.TryReadAttributes(rel, out var record);
        var before = record;
        if (request.Mode is { } mode)
        {
            error = recordOnly ? Errno.EPERM : As(request.Who, path => FileChanges.SetMode(path, mode), rel);
            if (!Keeps(error, request.Who))
                return error;
            record = record with { Mode = error == Errno.None ? null : mode & ModeBits };
        }

        if (request.Uid is not null || request.Gid is not null)
        {
            error = recordOnly ? Errno.EPERM : As(request.Who, path => FileChanges.SetOwnerOfLink(path, request.Uid ?? FileChanges.KeepId, request.Gid ?? FileChanges.KeepId), rel);
            if (!Keeps(error, request.Who))
                return error;
            var refused = error != Errno.None;
            record = record with
            {
                Uid = request.Uid is null ? record.Uid : refused ? request.Uid : null,
                Gid = request.Gid is null ? record.Gid : refused ? request.Gid : null,
            };
        }

        return record == before ? Errno.None : Record(rel, recordOnly ? host : Upper(rel), record);
    }

    /// <summary>What the host refuses us is recorded; a guest with other ids than ours is refused as outside.</summary>
    private static bool Keeps(Errno error, GuestIdentity? who) => error == Errno.None || (who is null && error is Errno.EPERM or Errno.EACCES or Errno.EROFS);

    /// <summary>Only what differs from the stored file is written.</summary>
    private Errno Record(byte[] rel, PathBuffer stored, RecordedAttributes record)
    {
        if (Files.Stat(stored.ForKernel(), out var stat, At.SymlinkNoFollow) == 0)
        {
            record = record with
            {
                Mode = record.Mode == (stat.Mode & ModeBits) ? null : record.Mode,
                Uid = record.Uid == stat.Uid ? null : record.Uid,
                Gid = record.Gid == stat.Gid ? null : record.Gid,
                Ctime = null,
            };
        }

        if (!record.IsEmpty)
        {
            var now = DateTimeOffset.UtcNow;
            record = record with { Ctime = (now.ToUnixTimeSeconds(), now.Ticks % TimeSpan.TicksPerSecond * 100) };
        }

        return Recording(rel, () => Marks.WriteAttributes(rel, record));
    }

    private Errno MakeDevice(MakeDevice request)
    {
        var host = new PathBuffer(512);
        if (Locate(request.Rel, host) is Place.Upper or Place.Lower)
            return Errno.EEXIST;
        var error = Prepare(request.Rel);
        if (error != Errno.None || (error = MayChange(BytePath.Parent(request.Rel), request.Who)) != Errno.None)
            return error;
        error = As(request.Who, path => FileChanges.MakeNode(At.FdCwd, path, request.Mode, request.Device), request.Rel);
        return error == Errno.EPERM && request.Who is null
            ? Recording(request.Rel, () => Store.CopyUp.MakeDevice(Marks, request.Rel, request.Mode, request.Device))
            : error;
    }

    private delegate long PathCall(ReadOnlySpan<byte> path);

    private Errno As(GuestIdentity? who, PathCall call, byte[] rel)
    {
        using var acting = GuestIdentity.Assume(who);
        return Sys.Error(call(Upper(rel).ForKernel()));
    }
}
