namespace Vuos.Native.Kernel;

/// <summary>RLIMIT_NOFILE (getrlimit(2)): how many files a process may have open. RLIM_INFINITY is the greatest number.</summary>
public static unsafe class DescriptorLimits
{
    private const int Prlimit64 = 302, NoFile = 7;

    /// <summary>Of a process or thread, 0 is the caller. False: it is gone (ESRCH), or not ours to ask (EPERM).</summary>
    public static bool TryRead(int pid, out ulong soft, out ulong hard)
    {
        var limits = stackalloc ulong[2];
        var known = !Sys.Failed(Sys.Call(Prlimit64, pid, NoFile, 0, (long)limits));
        (soft, hard) = known ? (limits[0], limits[1]) : (0, 0);
        return known;
    }

    public static void Set(int pid, ulong soft, ulong hard)
    {
        var limits = stackalloc ulong[2] { soft, hard };
        Sys.Call(Prlimit64, pid, NoFile, (long)limits);
    }
}
