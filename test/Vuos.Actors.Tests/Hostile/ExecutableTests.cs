using CsCheck;
using Vuos.Actors.Calls;
using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Hostile;

/// <summary>Files a guest executes are read by the hypervisor: whatever is in them, it neither throws nor hangs.</summary>
public sealed class ExecutableTests
{
    [Fact]
    public void The_loader_of_a_real_program_is_found()
    {
        Assert.True(ElfHeader.TryReadInterpreter("/bin/sh\0"u8, File.ReadAllBytes("/bin/sh"), out var interpreter));
        Assert.True(File.Exists(Make.Text(interpreter)), Make.Text(interpreter));
    }

    [Fact]
    public void A_damaged_program_is_read_or_refused()
    {
        using var folder = new TempDirectory();
        var good = File.ReadAllBytes("/bin/sh")[..1024];
        var path = Make.Bytes(folder.At("program") + "\0");
        var damage = Gen.Select(Gen.Int[0, 200], Gen.OneOf(Gen.Byte, Gen.OneOf<byte>(0, 1, 0x7F, 0x80, 0xFF)));
        Gen.Select(damage.Array[0, 12], Gen.Int[0, 1024]).Sample(
            (changes, length) =>
            {
                var bytes = good[..length];
                foreach (var (at, value) in changes)
                {
                    if (at < bytes.Length)
                        bytes[at] = value;
                }

                folder.File("program", bytes);
                if (ElfHeader.TryReadInterpreter(path, bytes.AsSpan(0, Math.Min(256, length)), out var interpreter))
                    Assert.InRange(interpreter.Length, 1, 4096);
                else
                    Assert.Empty(interpreter);
            },
            iter: 3000,
            threads: 1);
    }

    [Theory]
    [InlineData("#!/bin/sh\n", "/bin/sh", null)]
    [InlineData("#! /bin/sh -e \nrest", "/bin/sh", "-e")]
    [InlineData("#!\t/usr/bin/env python3 -u\n", "/usr/bin/env", "python3 -u")]
    [InlineData("#!/bin/sh", "/bin/sh", null)]
    [InlineData("#!/bin/sh\0junk -x\n", "/bin/sh", null)]
    [InlineData("#!/bin/sh -e\0junk\n", "/bin/sh", "-e")]
    public void A_first_line_names_an_interpreter_and_at_most_one_option(string line, string name, string? option)
    {
        Assert.True(ExecCalls.ParseFirstLine(Make.Bytes(line), out var interpreter, out var found));
        Assert.Equal(name, Make.Text(interpreter));
        Assert.Equal(option, found is null ? null : Make.Text(found));
    }

    [Theory]
    [InlineData("#!")]
    [InlineData("#!\n")]
    [InlineData("#!  \t \n/bin/sh")]
    public void A_first_line_without_a_name_is_the_kernels_to_refuse(string line) => Assert.False(ExecCalls.ParseFirstLine(Make.Bytes(line), out _, out _));

    [Fact]
    public void A_name_cut_off_by_the_kernels_buffer_is_not_executed()
    {
        var line = Make.Bytes("#!/" + new string('x', 300))[..256];
        Assert.False(ExecCalls.ParseFirstLine(line, out _, out _));
        line[255] = (byte)'\n';
        Assert.True(ExecCalls.ParseFirstLine(line, out _, out _));
    }

    [Fact]
    public void No_first_line_makes_it_throw_or_give_a_name_with_a_blank() => Gen.OneOf(Gen.Byte, Gen.OneOf<byte>(0, 9, 10, 32, 47)).Array[0, 254].Sample(static rest =>
        !ExecCalls.ParseFirstLine([(byte)'#', (byte)'!', .. rest], out var interpreter, out var option)
        || (interpreter.Length > 0 && interpreter.AsSpan().IndexOfAny([(byte)0, (byte)' ', (byte)'\t', (byte)'\n']) < 0
            && (option is null || option.AsSpan().IndexOfAny((byte)0, (byte)'\n') < 0)));
}
