using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vuos.Native.Seccomp;
using Vuos.Native.Tests.Abi;
using Xunit;

namespace Vuos.Native.Tests.Seccomp;

/// <summary>Built filters, installed for real by a small C program that then makes calls and prints errno, or 0 for success.</summary>
public class FilterInKernelTests
{
    private const string Program = """
        #include <errno.h>
        #include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/prctl.h>
        #include <unistd.h>

        static struct sock_filter filter[4096];

        int main(int argc, char **argv)
        {
            size_t count = strlen(argv[1]) / 16;
            unsigned char *bytes = (unsigned char *)filter;
            unsigned value;
            for (size_t i = 0; i < count * 8; i++) {
                if (sscanf(argv[1] + 2 * i, "%2x", &value) != 1)
                    return 2;
                bytes[i] = value;
            }
            struct sock_fprog program = { (unsigned short)count, filter };
            if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) {
                printf("refused: %d\n", errno);
                return 0;
            }
            for (int i = 2; i < argc; i++) {
                unsigned long a[7] = { 0 };
                sscanf(argv[i], "%lx,%lx,%lx,%lx,%lx,%lx,%lx", a, a + 1, a + 2, a + 3, a + 4, a + 5, a + 6);
                errno = 0;
                syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
                printf("%d\n", errno);
            }
            return 0;
        }
        """;

    private const int GetPid = 39, GetPpid = 110, Fcntl = 72, Sendto = 44, SchedYield = 24, Control = 0x3675_7501;

    [Fact]
    public void Rules_apply_to_the_calls_they_name_and_to_no_others()
    {
        var filter = new FilterBuilder()
            .On(GetPpid, SeccompAction.Fail(Errno.EXDEV))
            .On(Fcntl, ArgTest.LowIn(1, 1), SeccompAction.Fail(Errno.ENOTTY))
            .On(Sendto, ArgTest.NotZero(4), SeccompAction.Fail(Errno.EPROTO))
            .On(Control, Control + 5, SeccompAction.Fail(Errno.EUSERS))
            .Build();
        Assert.Equal(
            ["0", "18", "0", "0", "25", "25", "9", "71", "71", "87", "38"],
            Run(filter,
                Call(GetPid), Call(GetPpid), Call(SchedYield),
                Call(Fcntl, 0, 3), Call(Fcntl, 0, 1), Call(Fcntl, 0, 0x1_0000_0001),
                Call(Sendto, 999), Call(Sendto, 999, 0, 0, 0, 1), Call(Sendto, 999, 0, 0, 0, 1ul << 40),
                Call(Control), Call(Control + 6)));
    }

    [Fact]
    public void Calls_from_the_allowed_range_run()
    {
        var rules = new FilterBuilder().On(GetPpid, SeccompAction.Fail(Errno.EXDEV));
        Assert.Equal(["0"], Run(rules.AllowInstructionRange(0, 0x7FFF_FFFF_FFFF).Build(), Call(GetPpid)));
        Assert.Equal(["18"], Run(new FilterBuilder().On(GetPpid, SeccompAction.Fail(Errno.EXDEV)).AllowInstructionRange(0, 0xFFFF).Build(), Call(GetPpid)));
    }

    [Fact]
    public void The_kernel_takes_a_filter_with_long_jumps()
    {
        // Numbers from 600 on, which no kernel has, so ENOSYS where no rule answers; and 4096 instructions are nearly used up.
        var builder = new FilterBuilder();
        for (var i = 0; i < 1100; i++)
            builder.On(600 + 2 * i, SeccompAction.Fail((Errno)(1 + i)));
        var filter = builder.Build();
        Assert.InRange(filter.Length, 2500, BpfCode.MaxInstructions);
        int[] asked = [600, 602, 1200, 1700, 1702, 2798];
        Assert.Equal(
            [.. asked.Select(static n => $"{1 + (n - 600) / 2}"), "38", "38", "0"],
            Run(filter, [.. asked.Select(static n => Call(n)), Call(1201), Call(2799), Call(GetPid)]));
    }

    [Fact]
    public void The_kernel_refuses_what_the_interpreter_refuses() =>
        Assert.Equal(["refused: 22"], Run([new(BpfCode.JumpEqual, 9, 9, 0), new(BpfCode.Return, 0, 0, SeccompAction.RetAllow)]));

    private static string Call(int number, params ReadOnlySpan<ulong> args)
    {
        var text = $"{number:x}";
        foreach (var arg in args)
            text += $",{arg:x}";
        return text;
    }

    private static string[] Run(BpfInstruction[] filter, params string[] calls)
    {
        var bytes = MemoryMarshal.AsBytes(filter.AsSpan());
        Assert.Equal(filter[0].Code, BinaryPrimitives.ReadUInt16LittleEndian(bytes));
        return Compiler.BuildAndRun(Program, [Convert.ToHexString(bytes), .. calls]).TrimEnd('\n').Split('\n');
    }
}
