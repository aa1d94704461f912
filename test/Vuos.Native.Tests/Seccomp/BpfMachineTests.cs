using Vuos.Native.Seccomp;
using Xunit;

namespace Vuos.Native.Tests.Seccomp;

/// <summary>The interpreter must refuse what the kernel refuses, or a green test would mean nothing.</summary>
public class BpfMachineTests
{
    private static readonly BpfInstruction Allow = new(BpfCode.Return, 0, 0, SeccompAction.RetAllow);

    public static TheoryData<string, BpfInstruction[]> Bad() => new()
    {
        { "empty", [] },
        { "does not return", [new(BpfCode.Load, 0, 0, 0)] },
        { "jumps out when true", [new(BpfCode.JumpEqual, 1, 0, 0), Allow] },
        { "jumps out when false", [new(BpfCode.JumpEqual, 0, 1, 0), Allow] },
        { "jumps out always", [new(BpfCode.Jump, 0, 0, 1), Allow] },
        { "jumps back", [Allow, new(BpfCode.Jump, 0, 0, uint.MaxValue), Allow] },
        { "loads behind the data", [new(BpfCode.Load, 0, 0, 64), Allow] },
        { "loads an odd offset", [new(BpfCode.Load, 0, 0, 2), Allow] },
        { "loads a half word", [new(0x28, 0, 0, 0), Allow] },
        { "is an unknown operation", [new(0xFFFF, 0, 0, 0), Allow] },
        { "too long", Enumerable.Repeat(Allow, 4097).ToArray() },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void A_program_the_kernel_would_refuse_is_refused(string why, BpfInstruction[] program) =>
        Assert.True(Record.Exception(() => new BpfMachine(program)) is InvalidOperationException, why);

    [Fact]
    public void Arithmetic_memory_and_jumps_work()
    {
        // x = nr * 3; M[2] = x; a = (M[2] - 1) ^ 0xF; return a > 20 ? a : 7
        var machine = new BpfMachine(
        [
            new(0x20, 0, 0, 0), new(0x24, 0, 0, 3), new(0x07, 0, 0, 0), new(0x03, 0, 0, 2), new(0x60, 0, 0, 2), new(0x14, 0, 0, 1),
            new(0xA4, 0, 0, 0xF), new(0x25, 0, 1, 20), new(0x16, 0, 0, 0), new(0x06, 0, 0, 7),
        ]);
        Assert.Equal(((10u * 3) - 1) ^ 0xF, new BpfMachine([new(0x00, 0, 0, 18), new(0x16, 0, 0, 0)]).Run(new(0)));
        Assert.Equal(7u, machine.Run(new(10))); // 29 ^ 15 = 18
        Assert.Equal(59u ^ 0xF, machine.Run(new(20)));
        Assert.Equal(9, machine.Steps);
    }
}
