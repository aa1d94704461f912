using System.Runtime.InteropServices;

namespace Vuos.Native.Seccomp;

/// <summary>One classic BPF instruction in the kernel's layout, <c>struct sock_filter</c> (include/uapi/linux/filter.h).</summary>
/// <param name="Code">Operation; see <see cref="BpfCode"/>.</param>
/// <param name="JumpTrue">Instructions to skip when a test is true.</param>
/// <param name="JumpFalse">Instructions to skip when a test is false.</param>
/// <param name="Value">Operand: an offset to load, a value to compare with, a distance, a result.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct BpfInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Value);

/// <summary>The operations our filters are made of (include/uapi/linux/bpf_common.h), all on 32-bit words and constants.</summary>
public static class BpfCode
{
    /// <summary>BPF_LD | BPF_W | BPF_ABS: the accumulator becomes the word of <see cref="SeccompData"/> at that offset.</summary>
    public const ushort Load = 0x20;

    /// <summary>BPF_JMP | BPF_JA: skips as many instructions as the value says, up to 2^32.</summary>
    public const ushort Jump = 0x05;

    /// <summary>BPF_JMP | BPF_JEQ | BPF_K: is the accumulator equal to the value?</summary>
    public const ushort JumpEqual = 0x15;

    /// <summary>BPF_JMP | BPF_JGE | BPF_K: is the accumulator, unsigned, at least the value?</summary>
    public const ushort JumpAtLeast = 0x35;

    /// <summary>BPF_JMP | BPF_JSET | BPF_K: have the accumulator and the value a bit in common?</summary>
    public const ushort JumpAnyBit = 0x45;

    /// <summary>BPF_RET | BPF_K: ends with the value.</summary>
    public const ushort Return = 0x06;

    /// <summary>BPF_MAXINSNS: longest program the kernel takes.</summary>
    public const int MaxInstructions = 4096;
}

/// <summary>Byte offsets in what a filter sees of a call, <c>struct seccomp_data</c> (include/uapi/linux/seccomp.h), on a little-endian machine.</summary>
public static class SeccompData
{
    public const uint Number = 0, Arch = 4, InstructionPointer = 8, Arguments = 16;

    /// <summary>Bytes in all.</summary>
    public const uint Size = 64;

    /// <summary>AUDIT_ARCH_X86_64. x32 calls have it too, and bit 30 in their numbers.</summary>
    public const uint ArchX64 = 0xC000_003E;

    /// <summary>Offset of the low half of an argument.</summary>
    public static uint Low(int argument) => Arguments + 8 * (uint)argument;

    /// <summary>Offset of the high half of an argument.</summary>
    public static uint High(int argument) => Low(argument) + 4;
}
