using System.Runtime.InteropServices;

namespace Vuos.Guest.Syscalls;

/// <summary>Numbers of the few kernel calls the commands make (arch/x86/entry/syscalls/syscall_64.tbl; scripts/syscall.tbl for arm64).</summary>
internal static class SyscallNumbers
{
    public static int Read => X64 ? 0 : 63;

    public static int Write => X64 ? 1 : 64;

    public static int Close => X64 ? 3 : 57;

    public static int RtSigaction => X64 ? 13 : 134;

    public static int Uname => X64 ? 63 : 160;

    public static int Mount => X64 ? 165 : 40;

    public static int Umount2 => X64 ? 166 : 39;

    public static int ExitGroup => X64 ? 231 : 94;

    public static int Openat => X64 ? 257 : 56;

    private static bool X64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;
}
