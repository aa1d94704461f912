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

    public static long Position(long own) => Sys.Call(Nr.Lseek, own, 0, SeekCurrent);

    public static long MoveTo(long own, long position) => Sys.Call(Nr.Lseek, own, position, SeekSet);
}
