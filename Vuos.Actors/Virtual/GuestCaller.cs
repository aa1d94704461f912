using Vuos.Actors.Guests;
using Vuos.FileSystems;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual;

/// <summary>Who makes a call, noted on the tracer thread and looked up where time does not matter.</summary>
internal readonly record struct GuestCaller(int Tid, bool OwnCredentials)
{
    private static readonly uint OwnUid = (uint)Sys.Call(Nr.Geteuid), OwnGid = (uint)Sys.Call(Nr.Getegid);

    public static GuestCaller Of(GuestThread thread) => new(thread.Tid, thread.Process.OwnCredentials);

    /// <summary>With the umask, for calls that make something.</summary>
    public Caller WithMask() => Plain() with { Umask = GuestIdentity.Umask(Tid) };

    public Caller Plain() => OwnCredentials && GuestIdentity.Of(Tid) is { } who ? new Caller(who.Uid, who.Gid, Tid, 0) : new Caller(OwnUid, OwnGid, Tid, 0);

    /// <summary>Whether the file system's mode and owner allow it; see <see cref="Permissions"/>.</summary>
    public Native.Errno Check(VirtualNode node, uint mask)
    {
        if (node.Attributes is not { } known)
            return Native.Errno.None;
        var who = OwnCredentials ? GuestIdentity.Of(Tid) : null;
        return Permissions.Check(known.Value, who?.Uid ?? OwnUid, who?.Gid ?? OwnGid, who?.Groups, mask);
    }

    public bool Owns(VirtualNode node)
    {
        var uid = Plain().Uid;
        return uid == 0 || node.Attributes?.Value.Uid == uid;
    }

    public bool IsMember(uint gid) => GuestIdentity.Of(Tid) is { } who && (who.Gid == gid || who.Groups.Contains(gid));
}
