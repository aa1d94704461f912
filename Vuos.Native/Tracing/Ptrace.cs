using System.Runtime.InteropServices;
using Vuos.Native.Kernel;

namespace Vuos.Native.Tracing;

/// <summary>ptrace(2) requests and options (include/uapi/linux/ptrace.h).</summary>
public static class PtraceRequest
{
    public const int PokeUser = 6, PeekUser = 3, PokeData = 5, Cont = 7, Kill = 8, SingleStep = 9, GetRegs = 12, SetRegs = 13, Detach = 17, Syscall = 24,
        SetOptions = 0x4200, GetEventMsg = 0x4201, GetSigInfo = 0x4202, SetSigInfo = 0x4203, Seize = 0x4206, Interrupt = 0x4207,
        Listen = 0x4208, GetSyscallInfo = 0x420e;

    public const long OptionSysGood = 1, OptionFork = 2, OptionVfork = 4, OptionClone = 8, OptionExec = 0x10, OptionSeccomp = 0x80,
        OptionExitKill = 0x100000, OptionSuspendSeccomp = 0x200000;
}

/// <summary>Ptrace events, the third byte of a stop's status (include/uapi/linux/ptrace.h).</summary>
public static class PtraceEvent
{
    public const int None = 0, Fork = 1, Vfork = 2, Clone = 3, Exec = 4, VforkDone = 5, Exit = 6, Seccomp = 7, Stop = 128;
}

/// <summary><c>struct user_regs_struct</c> (arch/x86/include/asm/user_64.h), 216 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct UserRegs
{
    public long R15, R14, R13, R12, Rbp, Rbx, R11, R10, R9, R8, Rax, Rcx, Rdx, Rsi, Rdi, OrigRax, Rip, Cs, Eflags, Rsp, Ss, FsBase, GsBase, Ds,
        Es, Fs, Gs;

    /// <summary>Byte offset of the register of argument <paramref name="index"/> (0…5), for PTRACE_POKEUSER.</summary>
    public static int ArgumentOffset(int index) => index switch { 0 => 14 * 8, 1 => 13 * 8, 2 => 12 * 8, 3 => 7 * 8, 4 => 9 * 8, _ => 8 * 8 };

    public const int RaxOffset = 10 * 8, OrigRaxOffset = 15 * 8, RipOffset = 16 * 8;

    public void SetArguments(long a, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0) =>
        (Rdi, Rsi, Rdx, R10, R8, R9) = (a, b, c, d, e, f);
}

/// <summary><c>struct ptrace_syscall_info</c> at a seccomp stop (include/uapi/linux/ptrace.h), 88 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct PtraceSyscallInfo
{
    public byte Op;
    private fixed byte pad[3];
    public uint Arch;
    public ulong InstructionPointer, StackPointer;
    public long Number;
    public fixed long Args[6];
    public uint RetData;
    private readonly uint pad2;

    public const byte OpNone = 0, OpEntry = 1, OpExit = 2, OpSeccomp = 3;
}

/// <summary>ptrace(2), raw. Every method returns 0 or a value, or a negated errno (ESRCH: the tracee died or is not stopped).</summary>
public static unsafe class Ptrace
{
    public static long Request(int request, int tid, long address = 0, long data = 0) =>
        Sys.Fast(Nr.Ptrace, request, tid, address, data);

    public static long GetRegs(int tid, out UserRegs regs)
    {
        regs = default;
        fixed (UserRegs* p = &regs)
            return Sys.Fast(Nr.Ptrace, PtraceRequest.GetRegs, tid, 0, (long)p);
    }

    public static long SetRegs(int tid, in UserRegs regs)
    {
        fixed (UserRegs* p = &regs)
            return Sys.Fast(Nr.Ptrace, PtraceRequest.SetRegs, tid, 0, (long)p);
    }

    public static long GetSyscallInfo(int tid, out PtraceSyscallInfo info)
    {
        info = default;
        fixed (PtraceSyscallInfo* p = &info)
            return Sys.Fast(Nr.Ptrace, PtraceRequest.GetSyscallInfo, tid, sizeof(PtraceSyscallInfo), (long)p);
    }

    /// <summary>PTRACE_GETEVENTMSG, or 0 if the tracee is gone.</summary>
    public static long EventMessage(int tid)
    {
        long message = 0;
        Sys.Fast(Nr.Ptrace, PtraceRequest.GetEventMsg, tid, 0, (long)&message);
        return message;
    }

    /// <summary>Reads one word of the tracee's user area.</summary>
    public static long PeekUser(int tid, int offset)
    {
        long word = 0;
        Sys.Fast(Nr.Ptrace, PtraceRequest.PeekUser, tid, offset, (long)&word);
        return word;
    }

    public static long PokeUser(int tid, int offset, long value) => Sys.Fast(Nr.Ptrace, PtraceRequest.PokeUser, tid, offset, value);
}
