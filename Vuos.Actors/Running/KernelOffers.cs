using Vuos.Native.Kernel;

namespace Vuos.Actors.Running;

/// <summary>What the running kernel lets us do, found out by asking rather than by version.</summary>
internal static unsafe class KernelOffers
{
    /// <summary>
    /// Notifications with WAIT_KILLABLE_RECV (5.19). The kernel checks flags before the program, so a filter at address 0 gives EFAULT when the flags are known and EINVAL when not.
    /// </summary>
    public static bool SyncNotifications()
    {
        const int SetModeFilter = 1, NewListener = 8, WaitKillable = 32;
        return Sys.Call(Nr.Seccomp, SetModeFilter, NewListener | WaitKillable, 0) == -(long)Native.Errno.EFAULT;
    }

    /// <summary>CAP_SYS_ADMIN (bit 21) is effective: filters can be installed without giving up set-user-id programs.</summary>
    public static bool FiltersWithoutNoNewPrivileges()
    {
        const int Capget = 125, Version3 = 0x20080522, SysAdmin = 21;
        var header = stackalloc int[2] { Version3, 0 };
        var data = stackalloc uint[6];
        return Sys.Call(Capget, (long)header, (long)data) == 0 && (data[0] & (1u << SysAdmin)) != 0;
    }
}
