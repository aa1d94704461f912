using System.Runtime.InteropServices;
using Vuos.Native.Kernel;

namespace Vuos.Native.Tracing;

/// <summary><c>struct seccomp_notif</c> (include/uapi/linux/seccomp.h), 80 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct SeccompNotification
{
    public ulong Id;
    public int Tid;
    public uint Flags;
    public int Number;
    public uint Arch;
    public ulong InstructionPointer;
    public fixed long Args[6];
}

/// <summary><c>struct seccomp_notif_resp</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SeccompResponse
{
    public ulong Id;
    public long Value;
    public int Error;
    public uint Flags;

    public const uint Continue = 1;
}

/// <summary><c>struct seccomp_notif_addfd</c>, 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct SeccompAddFd
{
    public ulong Id;
    public uint Flags, SourceFd, NewFd, NewFdFlags;
}

/// <summary>One listener of seccomp user notifications (seccomp_unotify(2)).</summary>
public static unsafe class SeccompListener
{
    private const long IoctlReceive = unchecked((int)0xC0502100), IoctlSend = unchecked((int)0xC0182101), IoctlAddFd = 0x40182103,
        IoctlSetFlags = 0x40082104;

    public const uint FilterFlagTsync = 1, FilterFlagNewListener = 8, FilterFlagTsyncEsrch = 16, FilterFlagWaitKillable = 32;

    /// <summary>Takes the next notification; does not block when the listener polled readable. ENOENT: the caller was killed meanwhile.</summary>
    public static Errno Receive(int listener, out SeccompNotification notification)
    {
        notification = default;
        fixed (SeccompNotification* p = &notification)
            return Sys.Error(Sys.Call(Nr.Ioctl, listener, IoctlReceive & 0xFFFFFFFF, (long)p));
    }

    /// <summary>Lets the kernel run the call as it is.</summary>
    public static void Continue(int listener, ulong id) => Send(listener, id, 0, 0, SeccompResponse.Continue);

    /// <summary>Answers with a value, or with an error (positive errno or a kernel restart code).</summary>
    public static void Answer(int listener, ulong id, long value, Errno error) => Send(listener, id, value, -(int)error, 0);

    /// <summary>Puts a copy of <paramref name="sourceFd"/> into the caller's table: the new number or a negated errno.</summary>
    public static long AddFd(int listener, ulong id, int sourceFd, bool closeOnExec)
    {
        var add = new SeccompAddFd { Id = id, SourceFd = (uint)sourceFd, NewFdFlags = closeOnExec ? (uint)OpenFlag.CloExec : 0 };
        return Ask(listener, IoctlAddFd, &add);
    }

    /// <summary>SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (kernel 6.6): false when the kernel does not know it.</summary>
    public static bool SetSyncWakeUp(int listener) => Sys.Call(Nr.Ioctl, listener, IoctlSetFlags, 1) == 0;

    private static void Send(int listener, ulong id, long value, int error, uint flags)
    {
        var response = new SeccompResponse { Id = id, Value = value, Error = error, Flags = flags };
        // ENOENT means the caller was killed: its exit is reported by wait.
        Ask(listener, IoctlSend & 0xFFFFFFFF, &response);
    }

    /// <summary>
    /// EINTR: a signal came while another held the listener's lock (kernel/seccomp.c, seccomp_notify_send), such as those by which the runtime stops its threads; an answer that is lost then leaves
    /// the caller waiting for ever.
    /// </summary>
    private static long Ask(int listener, long request, void* argument)
    {
        long result;
        do
            result = Sys.Fast(Nr.Ioctl, listener, request, (long)argument);
        while (result == -(long)Errno.EINTR);
        return result;
    }
}
