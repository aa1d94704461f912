using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls;

/// <summary>A descriptor of a guest, borrowed: the same open file description in our own table (pidfd_getfd(2)), so its position and flags can be read and set.</summary>
internal static class GuestDescriptor
{
    private const int SeekSet = 0, SeekCurrent = 1;

    /// <summary>Our number for it, to be closed; or a negated errno.</summary>
    public static long Borrow(int pid, long fd)
    {
        var process = Sys.Call(Nr.PidfdOpen, pid, 0);
        if (process < 0)
            return process;
        var own = Sys.Call(Nr.PidfdGetfd, process, fd, 0);
        Files.Close(process);
        return own;
    }

    /// <summary>Where a guest's next call on its descriptor begins: the position, or the end for one that appends; negative: that cannot be told.</summary>
    public static long NextOffset(int pid, long fd, bool writes)
    {
        var own = Borrow(pid, fd);
        if (own < 0)
            return -1;
        const int GetFlags = 3, Append = 0x400;
        var atEnd = writes && (Sys.Fast(Nr.Fcntl, own, GetFlags) & Append) != 0;
        var position = atEnd && Files.Stat(own, out var stat) == 0 ? stat.Size : Position(own);
        Files.Close(own);
        return position;
    }

    public static long Position(long own) => Sys.Call(Nr.Lseek, own, 0, SeekCurrent);

    public static long MoveTo(long own, long position) => Sys.Call(Nr.Lseek, own, position, SeekSet);
}
