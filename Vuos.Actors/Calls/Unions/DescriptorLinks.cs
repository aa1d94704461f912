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
    /// Puts the name in a union in the place of a link to its descriptor. EROFS: the file is the target's, and its name means something else in the view (it was deleted or
    /// replaced), so there is nothing that may be changed.
    /// </summary>
    public Errno Follow(Resolution found) => TryParse(found, out var owner, out var pid, out var fd) ? Follow(owner, pid, fd, found) : Errno.None;

    /// <summary>The same for an argument of a call that changes or links what it names; an <paramref name="empty"/> path is linkat(2)'s for the descriptor.</summary>
    public Errno Follow(Call call, in PathArgument argument, bool empty, Resolution found)
    {
        if (argument.Use is not (PathUse.Modify or PathUse.LinkFrom))
            return Errno.None;
        if (empty)
            return argument is { Use: PathUse.LinkFrom, DirFd: >= 0 } ? Follow(call.Thread.Process, call.Thread.Tid, PathArguments.DirFd(call, argument), found) : Errno.None;
        return PathArguments.Follows(call, argument) ? Follow(found) : Errno.None;
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

    private Errno Follow(GuestProcess owner, int tid, long fd, Resolution found)
    {
        if (!descriptors.TryFind(owner, tid, fd, named))
            return Errno.None;
        if (!descriptors.IsStillItsName(tid, fd, named))
            return descriptors.IsBelow(tid, fd, named) ? Errno.EROFS : Errno.None;
        found.TakeName(named);
        return Errno.None;
    }
}
