using Vuos.Actors.Guests;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual;

/// <summary>What the kernel's generic_permission (fs/namei.c) allows by owner, group and mode, for file systems that leave it to us (<c>default_permissions</c>).</summary>
internal static class Permissions
{
    public const uint Search = 1, Execute = 1, Write = 2, Read = 4;

    private const uint Sticky = 0x200;

    private static readonly Lazy<uint[]> OwnGroups = new(static () => GuestIdentity.Of(Environment.ProcessId)?.Groups ?? []);

    /// <summary>What opening with these flags asks for; O_TRUNC is the caller's to add.</summary>
    public static uint ToOpen(int flags) => (flags & OpenFlag.AccessMode) switch { 0 => Read, OpenFlag.WrOnly => Write, _ => Read | Write };

    /// <summary>EACCES, or None. <paramref name="mask"/>: Read, Write, Execute (Search); <paramref name="groups"/> null: our own.</summary>
    public static Errno Check(in NodeAttributes attributes, uint uid, uint gid, uint[]? groups, uint mask)
    {
        var mode = attributes.Mode;
        if (uid == 0)
        {
            // CAP_DAC_OVERRIDE: everything, but only what somebody may execute can be executed.
            var executes = (mask & Execute) != 0 && (mode & FileType.Mask) != FileType.Directory;
            return executes && (mode & 0x49) == 0 ? Errno.EACCES : Errno.None;
        }

        if (attributes.Uid == uid)
            mode >>= 6;
        else if (attributes.Gid == gid || (groups ?? OwnGroups.Value).Contains(attributes.Gid))
            mode >>= 3;
        return (mask & ~mode & 7) == 0 ? Errno.None : Errno.EACCES;
    }

    /// <summary>Whether a name of <paramref name="directory"/> may be made or removed (fs/namei.c, may_create and may_delete): EACCES, or EPERM in a sticky directory.</summary>
    public static Errno CheckName(in GuestCaller caller, VirtualNode directory, VirtualNode? removed)
    {
        if (caller.Check(directory, Write | Search) is var refused && refused != Errno.None)
            return refused;
        return removed is not null && ((directory.Attributes?.Value.Mode ?? 0) & Sticky) != 0 && !caller.Owns(directory) && !caller.Owns(removed) ? Errno.EPERM : Errno.None;
    }

    /// <summary>Whether attributes may be changed (fs/attr.c, setattr_prepare): EPERM, or EACCES for what any writer may do.</summary>
    public static Errno CheckChange(in GuestCaller caller, VirtualNode node, AttributeChange change)
    {
        if (change.Size is not null && caller.Check(node, Write) is var refused && refused != Errno.None)
            return refused;
        if (caller.Plain().Uid == 0)
            return Errno.None;
        if (change.Mode is not null && !caller.Owns(node))
            return Errno.EPERM;
        if (change.Uid is { } uid && (!caller.Owns(node) || uid != node.Attributes?.Value.Uid))
            return Errno.EPERM;
        if (change.Gid is { } gid && (!caller.Owns(node) || !caller.IsMember(gid)))
            return Errno.EPERM;
        var setsTime = (change.AccessTime is not null && !change.AccessNow) || (change.ModifyTime is not null && !change.ModifyNow);
        if (setsTime)
            return caller.Owns(node) ? Errno.None : Errno.EPERM;
        return (change.AccessNow || change.ModifyNow) && !caller.Owns(node) ? caller.Check(node, Write) : Errno.None;
    }
}
