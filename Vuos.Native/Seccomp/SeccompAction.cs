namespace Vuos.Native.Seccomp;

/// <summary>What a filter answers: an action in the high half, data for it in the low one (seccomp(2)).</summary>
/// <param name="Value">The word a program returns.</param>
public readonly record struct SeccompAction(uint Value)
{
    /// <summary>SECCOMP_RET_*; of several filters the numerically lowest wins (as a signed number), so an ERRNO beats a notification,
    /// which beats a trace.</summary>
    public const uint RetKillProcess = 0x8000_0000, RetKillThread = 0x0000_0000, RetTrap = 0x0003_0000, RetErrno = 0x0005_0000,
        RetUserNotif = 0x7FC0_0000, RetTrace = 0x7FF0_0000, RetLog = 0x7FFC_0000, RetAllow = 0x7FFF_0000;

    /// <summary>SECCOMP_RET_ACTION_FULL and SECCOMP_RET_DATA: the two halves.</summary>
    public const uint ActionMask = 0xFFFF_0000, DataMask = 0x0000_FFFF;

    /// <summary>The call runs.</summary>
    public static SeccompAction Allow { get; } = new(RetAllow);

    /// <summary>The call waits for the listener's answer; ENOSYS if there is none.</summary>
    public static SeccompAction Notify { get; } = new(RetUserNotif);

    /// <summary>A ptrace stop before the call; the tracer gets the data by PTRACE_GETEVENTMSG. ENOSYS if there is no tracer.</summary>
    public static SeccompAction Trace(ushort data = 0) => new(RetTrace | data);

    /// <summary>The call fails with this errno without running.</summary>
    public static SeccompAction Fail(Errno errno)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero((int)errno);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((int)errno, 4095); // MAX_ERRNO: the kernel cuts larger ones down
        return new(RetErrno | (uint)errno);
    }
}
