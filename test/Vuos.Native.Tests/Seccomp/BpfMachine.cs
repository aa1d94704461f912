using System.Buffers.Binary;
using Vuos.Native.Seccomp;

namespace Vuos.Native.Tests.Seccomp;

/// <summary>What a filter sees of one call.</summary>
internal sealed record SeccompCall(int Number, params ulong[] Args)
{
    public uint Arch { get; init; } = SeccompData.ArchX64;

    public ulong InstructionPointer { get; init; } = 0x0000_7FFF_1234_5678;

    public byte[] Bytes()
    {
        var bytes = new byte[SeccompData.Size];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, Number);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Arch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(8), InstructionPointer);
        for (var i = 0; i < Args.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16 + 8 * i), Args[i]);
        return bytes;
    }

    public override string ToString() => $"call {Number}({string.Join(", ", Args.Select(static a => a.ToString("x")))}) arch {Arch:x} at {InstructionPointer:x}";
}

/// <summary>
/// All of classic BPF that seccomp permits (kernel/seccomp.c, seccomp_check_filter; net/core/filter.c, bpf_check_classic), written from the
/// kernel's rules and not from our builder, so that the two can disagree.
/// </summary>
internal sealed class BpfMachine
{
    private readonly BpfInstruction[] _program;

    /// <summary>Refuses what the kernel refuses: bad opcodes, jumps out of the program, loads out of the data, a path that does not return.</summary>
    public BpfMachine(BpfInstruction[] program)
    {
        _program = program;
        Require(program.Length is > 0 and <= 4096, 0, "length");
        for (var i = 0; i < program.Length; i++)
            Check(i);
        Require((program[^1].Code & 7) == 6, program.Length - 1, "the last instruction does not return");
    }

    /// <summary>Words of the call's data the last run looked at.</summary>
    public HashSet<uint> Looked { get; } = [];

    /// <summary>Instructions the last run took.</summary>
    public int Steps { get; private set; }

    /// <summary>The filter's answer.</summary>
    public uint Run(SeccompCall call)
    {
        var data = call.Bytes();
        var memory = new uint[16];
        uint a = 0, x = 0;
        Looked.Clear();
        Steps = 0;
        for (var pc = 0; ; pc++)
        {
            var (code, yes, no, k) = _program[pc];
            Steps++;
            var operand = (code & 8) != 0 ? x : k;
            switch (code & 7)
            {
                case 0: // LD
                    a = Source(code, k);
                    break;
                case 1: // LDX
                    x = Source(code, k);
                    break;
                case 2: // ST
                    memory[k] = a;
                    break;
                case 3: // STX
                    memory[k] = x;
                    break;
                case 4:
                    if (!Compute(code & 0xF0, operand, ref a))
                        return 0; // division by zero ends with 0
                    break;
                case 5 when (code & 0xF0) == 0: // JA
                    pc += (int)k;
                    break;
                case 5:
                    pc += (code & 0xF0) switch
                    {
                        0x10 => a == operand,
                        0x20 => a > operand,
                        0x30 => a >= operand,
                        _ => (a & operand) != 0,
                    } ? yes : no;
                    break;
                case 6:
                    return (code & 0x18) == 0x10 ? a : k;
                default: // MISC: TAX, TXA
                    if (code == 0x07)
                        x = a;
                    else
                        a = x;
                    break;
            }
        }

        uint Source(ushort code, uint k)
        {
            switch (code & 0xE0)
            {
                case 0x00:
                    return k;
                case 0x20:
                    Looked.Add(k);
                    return BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan((int)k));
                case 0x60:
                    return memory[k];
                default: // LEN
                    return SeccompData.Size;
            }
        }
    }

    private static bool Compute(int operation, uint operand, ref uint a)
    {
        switch (operation)
        {
            case 0x00:
                a += operand;
                break;
            case 0x10:
                a -= operand;
                break;
            case 0x20:
                a *= operand;
                break;
            case 0x30 when operand == 0:
                return false;
            case 0x30:
                a /= operand;
                break;
            case 0x40:
                a |= operand;
                break;
            case 0x50:
                a &= operand;
                break;
            case 0x60:
                a <<= (int)operand;
                break;
            case 0x70:
                a >>= (int)operand;
                break;
            case 0x80:
                a = (uint)-(int)a;
                break;
            default: // XOR
                a ^= operand;
                break;
        }
        return true;
    }

    private void Check(int i)
    {
        var (code, yes, no, k) = _program[i];
        switch (code)
        {
            case 0x20: // LD W ABS
                Require(k % 4 == 0 && k < SeccompData.Size, i, "load outside the data");
                break;
            case 0x00 or 0x01 or 0x80 or 0x81: // LD, LDX: IMM, LEN
                break;
            case 0x60 or 0x61 or 0x02 or 0x03: // LD, LDX, ST, STX with memory
                Require(k < 16, i, "memory cell");
                break;
            case 0x06 or 0x16 or 0x07 or 0x87: // RET, TAX, TXA
                break;
            case 0x34: // DIV K
                Require(k != 0, i, "division by zero");
                break;
            case 0x64 or 0x74: // shifts by K
                Require(k < 32, i, "shift");
                break;
            case 0x04 or 0x14 or 0x24 or 0x44 or 0x54 or 0x84 or 0xA4: // the other ALU operations with K, NEG
            case 0x0C or 0x1C or 0x2C or 0x3C or 0x4C or 0x5C or 0x6C or 0x7C or 0xAC: // ALU with X
                break;
            case 0x05: // JA
                Require(k < (uint)(_program.Length - i - 1), i, "jump out of the program");
                break;
            case 0x15 or 0x1D or 0x25 or 0x2D or 0x35 or 0x3D or 0x45 or 0x4D:
                Require(i + 1 + Math.Max(yes, no) < _program.Length, i, "jump out of the program");
                break;
            default:
                Require(false, i, "operation");
                break;
        }
    }

    private void Require(bool condition, int index, string what)
    {
        if (!condition)
            throw new InvalidOperationException($"{what} at {index} of {_program.Length}: {(index < _program.Length ? _program[index] : default)}");
    }
}
