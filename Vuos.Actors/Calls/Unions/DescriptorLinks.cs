using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Calls.Unions;

/// <summary>
/// /proc/PID/fd/N, and linkat(2) of a descriptor: the kernel goes to the open file itself, which may be the target's while the name stands for a copy by now, or will when the
/// call has made one. So a call that changes something is decided by the name. Tracer thread only.
/// </summary>
internal sealed class DescriptorLinks(UnionDescriptors descriptors, Func<int, GuestProcess?> findProcess)
{
    private readonly Resolution named = new();

    /// <summary>
    /// Puts the name in a union in the place of a link to its descriptor. EROFS, for a call that <paramref name="changes"/>: the file is the target's, and its name means
    /// something else in the view (it was deleted or replaced), so there is nothing that may be changed.
    /// </summary>
    public Errno Follow(Resolution found, bool changes) => TryParse(found, out var owner, out var pid, out var fd) ? Follow(owner, pid, fd, changes, found) : Errno.None;

    /// <summary>The same for an argument of a call that changes or links what it names; an <paramref name="empty"/> path is linkat(2)'s for the descriptor.</summary>
    public Errno Follow(Call call, in PathArgument argument, bool empty, Resolution found)
    {
        if (argument.Use is not (PathUse.Modify or PathUse.LinkFrom))
            return Errno.None;
        if (empty)
            return argument is { Use: PathUse.LinkFrom, DirFd: >= 0 } ? Follow(call.Thread.Process, call.Thread.Tid, PathArguments.DirFd(call, argument), changes: true, found)
                : Errno.None;
        return PathArguments.Follows(call, argument) ? Follow(found, changes: true) : Errno.None;
    }

    /// <summary>The process and descriptor behind a /proc link.</summary>
    public bool TryParse(Resolution found, out GuestProcess owner, out int pid, out int fd)
    {
        owner = null!;
        if (ProcLinks.Parse(found.Host.Span, out pid, out fd) != ProcEntry.Fd || findProcess(pid) is not { } process)
            return false;
        owner = process;
        return true;
    }

    private Errno Follow(GuestProcess owner, int tid, long fd, bool changes, Resolution found)
    {
        // A link's name would be followed.
        if (!descriptors.TryFind(owner, tid, fd, named) || descriptors.IsLink(tid, fd))
            return Errno.None;
        if (!descriptors.IsStillItsName(tid, fd, named))
            return changes && descriptors.IsOrphan(tid, fd, named) ? Errno.EROFS : Errno.None;
        found.TakeName(named);
        return Errno.None;
    }
}
