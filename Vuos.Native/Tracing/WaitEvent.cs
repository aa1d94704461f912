using System.Runtime.InteropServices;

namespace Vuos.Native.Tracing;

/// <summary>The <c>siginfo_t</c> that waitid(2) fills for a child (128 bytes; include/uapi/asm-generic/siginfo.h).</summary>
[StructLayout(LayoutKind.Explicit, Size = 128)]
public struct ChildSigInfo
{
    [FieldOffset(0)] public int Signal;
    [FieldOffset(8)] public int Code;
    [FieldOffset(16)] public int Pid;
    [FieldOffset(20)] public int Uid;
    [FieldOffset(24)] public int Status;

    public const int Exited = 1, Killed = 2, Dumped = 3, Trapped = 4, Stopped = 5, Continued = 6;
}

/// <summary>One wait event of a tracee.</summary>
/// <param name="Tid">The thread.</param>
/// <param name="Code">CLD_EXITED, CLD_KILLED, CLD_DUMPED, or CLD_TRAPPED for every ptrace stop.</param>
/// <param name="Status">Exit status, or killing signal, or stop signal with the event in the second byte.</param>
public readonly record struct WaitEvent(int Tid, int Code, int Status)
{
    public bool IsEnd => Code is ChildSigInfo.Exited or ChildSigInfo.Killed or ChildSigInfo.Dumped;

    /// <summary>The stop signal.</summary>
    public int StopSignal => Status & 0xFF;

    /// <summary>The ptrace event, see <see cref="PtraceEvent"/>.</summary>
    public int Event => Status >> 8;

    /// <summary>What a shell reports: the exit status, or 128 + signal.</summary>
    public int ShellStatus => Code == ChildSigInfo.Exited ? Status : 128 + Status;
}
