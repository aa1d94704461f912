using CsCheck;
using Vuos.Native.Control;
using Vuos.Native.Seccomp;
using Vuos.Native.Syscalls;
using Xunit;

namespace Vuos.Native.Tests.Seccomp;

public class FilterBuilderTests
{
    private const int Fcntl = 72, Sendto = 44, Prctl = 157, Clone = 56;
    private const uint I386 = 0x4000_0003;

    private static readonly ulong[] Interesting =
        [0, 1, 2, 9, 22, 0xFFFF_FFFF, 0x1_0000_0000, 0x1_0000_0002, 0x80_0000, 0x7FFF_0000_0000, ulong.MaxValue];

    /// <summary>The filter of a run with a layer mounted, as the table gives it.</summary>
    private static FilterModel Full(SeccompAction hot) => new(
    [
        .. SyscallTable.All.Where(static s => s.Transport is Transport.Notification or Transport.Stop && s.Number is not (Sendto or Prctl))
            .Select(s => Rule(s.Number, s.Transport == Transport.Notification ? hot : SeccompAction.Trace(7))),
        .. SyscallTable.All.Where(static s => s.Decision == Decision.Unsupported)
            .Select(static s => Rule(s.Number, SeccompAction.Fail(s.Refusal))),
        new(Sendto, Sendto, ArgTest.NotZero(4), SeccompAction.Trace(7)),
        new(Fcntl, Fcntl, ArgTest.LowIn(1, 2, 9, 1024), SeccompAction.Trace(8)),
        new(Prctl, Prctl, ArgTest.LowIn(0, 22, 35, 38), SeccompAction.Trace(9)),
        new(Clone, Clone, ArgTest.AnyBit(0, 0x80_0000), SeccompAction.Trace(10)),
        new(ControlProtocol.Base, ControlProtocol.Base + ControlProtocol.Count - 1, null, SeccompAction.Trace(1)),
    ], SeccompAction.Allow);

    [Fact]
    public void The_filter_made_from_the_table_answers_every_call_as_the_table_says()
    {
        foreach (var hot in new[] { SeccompAction.Notify, SeccompAction.Trace(7) })
        {
            var model = Full(hot);
            Compare(model);
            Compare(model with { Allowed = (0x7FFF_F000_0000, 0x7FFF_F000_0FFF) });
        }
    }

    [Fact]
    public void It_stays_small_and_shallow()
    {
        var program = Full(SeccompAction.Notify).Build();
        Assert.InRange(program.Length, 1, 200);
        var machine = new BpfMachine(program);
        foreach (var number in Enumerable.Range(0, 500))
        {
            machine.Run(new(number));
            Assert.InRange(machine.Steps, 1, 20);
        }
    }

    [Fact]
    public void The_smallest_filter_traps_the_control_calls_only()
    {
        var program = new FilterBuilder()
            .On(ControlProtocol.Base, ControlProtocol.Base + ControlProtocol.Count - 1, SeccompAction.Trace(1)).Build();
        Assert.Equal(7, program.Length); // arch, its test, number, two tests, two answers
        var machine = new BpfMachine(program);
        Assert.Equal(SeccompAction.Trace(1).Value, machine.Run(new(ControlProtocol.Vuctl)));
        Assert.Equal(SeccompAction.RetAllow, machine.Run(new(ControlProtocol.Base + ControlProtocol.Count)));
        Assert.Equal(SeccompAction.RetAllow, machine.Run(new(ControlProtocol.Base - 1)));
    }

    [Fact]
    public void An_allowed_number_without_a_test_is_decided_by_number_and_architecture_alone()
    {
        var model = Full(SeccompAction.Notify) with { Allowed = (0x7FFF_F000_0000, 0x7FFF_F000_0FFF) };
        var tested = model.Rules.Where(static r => r.Test is not null).Select(static r => r.First).ToHashSet();
        var machine = new BpfMachine(model.Build());
        foreach (var number in Enumerable.Range(0, 500).Where(n => !tested.Contains(n)))
        {
            if (machine.Run(new(number)) == SeccompAction.RetAllow)
                Assert.Subset(new HashSet<uint> { SeccompData.Number, SeccompData.Arch }, machine.Looked);
        }
    }

    [Fact]
    public void Without_an_allowed_range_every_number_without_a_test_is()
    {
        var model = Full(SeccompAction.Notify);
        var tested = model.Rules.Where(static r => r.Test is not null).Select(static r => r.First).ToHashSet();
        var machine = new BpfMachine(model.Build());
        foreach (var number in Enumerable.Range(0, 500).Where(n => !tested.Contains(n)))
        {
            machine.Run(new(number));
            Assert.Equal([SeccompData.Arch, SeccompData.Number], machine.Looked);
        }
    }

    [Fact]
    public void A_call_of_another_architecture_is_allowed()
    {
        var machine = new BpfMachine(Full(SeccompAction.Notify).Build());
        foreach (var number in Enumerable.Range(0, 500))
            Assert.Equal(SeccompAction.RetAllow, machine.Run(new(number, 1, 2, 3, 4, 5, 6) { Arch = I386 }));
        Assert.Equal(SeccompAction.RetAllow, new BpfMachine(new FilterBuilder().Default(SeccompAction.Trace()).Build()).Run(new(1) { Arch = I386 }));
    }

    [Theory]
    [InlineData(0x1000ul, 0x1FFFul)]
    [InlineData(0x7FFF_F000_0000ul, 0x7FFF_F000_0FFFul)]
    [InlineData(0x1_FFFF_F000ul, 0x2_0000_0FFFul)] // over a 4 GiB border
    [InlineData(0x1_FFFF_F000ul, 0x9_0000_0FFFul)] // over several
    [InlineData(0x1_0000_0000ul, 0x1_FFFF_FFFFul)] // exactly one
    [InlineData(0ul, ulong.MaxValue)]
    [InlineData(0ul, 0xFFFF_FFFFul)]
    [InlineData(0x5_0000_0005ul, 0x5_0000_0005ul)]
    [InlineData(0xFFFF_FFFF_0000_0001ul, ulong.MaxValue)]
    public void Calls_from_the_allowed_range_are_allowed_and_no_others(ulong first, ulong last)
    {
        var model = new FilterModel([Rule(5, SeccompAction.Notify), new(6, 6, ArgTest.NotZero(0), SeccompAction.Trace())],
            SeccompAction.Allow, (first, last));
        var machine = new BpfMachine(model.Build());
        ulong[] bases = [0, 0xFFFF_FFFF, 0x1_0000_0000, 0x3_0000_0000, 0x5_8000_0000, first, last, first ^ (1ul << 40), last ^ (1ul << 33), ulong.MaxValue];
        foreach (var address in bases.SelectMany(static b => new[] { b - 1, b, b + 1 }))
        {
            foreach (var call in new SeccompCall[] { new(5), new(6, 1), new(6), new(7) })
            {
                var at = call with { InstructionPointer = address };
                Assert.True(model.Answer(at) == machine.Run(at), at.ToString());
            }
        }
    }

    [Fact]
    public void The_range_may_be_for_some_numbers_only()
    {
        var builder = new FilterBuilder().AllowInstructionRange(0x1000, 0x1FFF, 5, 7).On(5, SeccompAction.Notify).On(6, SeccompAction.Notify).On(7, 9, SeccompAction.Notify);
        var machine = new BpfMachine(builder.Default(SeccompAction.Trace()).Build());
        Assert.Equal(SeccompAction.RetAllow, machine.Run(new(5) { InstructionPointer = 0x1800 }));
        Assert.Equal(SeccompAction.RetUserNotif, machine.Run(new(5) { InstructionPointer = 0x2000 }));
        Assert.Equal(SeccompAction.RetUserNotif, machine.Run(new(6) { InstructionPointer = 0x1800 }));
        // One of a range of numbers is not that number.
        Assert.Equal(SeccompAction.RetUserNotif, machine.Run(new(7) { InstructionPointer = 0x1800 }));
        Assert.Equal(SeccompAction.RetTrace, machine.Run(new(4) { InstructionPointer = 0x1800 }));
    }

    [Fact]
    public void More_rules_than_a_jump_reaches_are_split_into_long_jumps()
    {
        // Different answers for alternating numbers: nothing can be joined, and the halves of the search are far apart.
        var model = new FilterModel([.. Enumerable.Range(0, 700).Select(static i => Rule(2 * i, SeccompAction.Trace((ushort)(i + 1))))], SeccompAction.Allow);
        var program = model.Build();
        Assert.Contains(program, static i => i.Code == BpfCode.Jump && i.Value > byte.MaxValue);
        Compare(model);
    }

    [Fact]
    public void A_program_longer_than_the_kernel_takes_is_refused_here()
    {
        var builder = new FilterBuilder();
        for (var i = 0; i < 4000; i++)
            builder.On(2 * i, SeccompAction.Trace((ushort)i));
        Assert.Contains("4096", Assert.Throws<InvalidOperationException>(builder.Build).Message);
    }

    [Fact]
    public void Of_several_tests_of_a_number_the_first_that_passes_decides()
    {
        var model = new FilterModel(
        [
            new(Fcntl, Fcntl, ArgTest.LowIn(1, 2), SeccompAction.Trace(1)),
            new(Fcntl, Fcntl, ArgTest.LowIn(1, 2, 9), SeccompAction.Trace(2)),
            new(Fcntl, Fcntl, ArgTest.AnyBit(2, 0x8000_0000_0000_0001), SeccompAction.Notify),
            Rule(Fcntl, SeccompAction.Fail(Errno.EPERM)),
        ], SeccompAction.Allow);
        Compare(model);
        var machine = new BpfMachine(model.Build());
        Assert.Equal(SeccompAction.Trace(1).Value, machine.Run(new(Fcntl, 0, 0xDEAD_0000_0002, 1)));
        Assert.Equal(SeccompAction.Notify.Value, machine.Run(new(Fcntl, 0, 3, 1ul << 63)));
        Assert.Equal(SeccompAction.RetErrno | 1, machine.Run(new(Fcntl, 0, 3, 2)));
    }

    [Fact]
    public void Two_rules_for_one_call_are_refused()
    {
        Assert.Throws<ArgumentException>(static () => new FilterBuilder().On(1, SeccompAction.Notify).On(1, SeccompAction.Trace()));
        Assert.Throws<ArgumentException>(static () => new FilterBuilder().On(1, 9, SeccompAction.Notify).On(9, SeccompAction.Trace()));
        Assert.Throws<ArgumentException>(static () => new FilterBuilder().On(5, SeccompAction.Notify).On(1, 9, SeccompAction.Trace()));
        Assert.Throws<ArgumentException>(static () => new FilterBuilder().On(1, 9, SeccompAction.Notify).On(3, ArgTest.NotZero(0), SeccompAction.Trace()));
        Assert.Throws<ArgumentException>(static () => new FilterBuilder().On(1, 9, SeccompAction.Notify).On(1, 9, SeccompAction.Notify));
        Assert.Throws<ArgumentException>(static () =>
            new FilterBuilder().On(1, ArgTest.LowIn(0, 1, 2), SeccompAction.Notify).On(1, ArgTest.LowIn(0, 2, 1, 1), SeccompAction.Trace()));
        Assert.Throws<ArgumentException>(static () => new FilterBuilder().AllowInstructionRange(1, 2).AllowInstructionRange(3, 4));
    }

    [Fact]
    public void Senseless_rules_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(static () => new FilterBuilder().On(-1, SeccompAction.Notify));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new FilterBuilder().On(2, 1, SeccompAction.Notify));
        Assert.Throws<ArgumentOutOfRangeException>(static () => new FilterBuilder().AllowInstructionRange(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(static () => ArgTest.NotZero(6));
        Assert.Throws<ArgumentException>(static () => ArgTest.LowIn(0));
        Assert.Throws<ArgumentException>(static () => ArgTest.AnyBit(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(static () => SeccompAction.Fail(Errno.None));
    }

    [Fact]
    public void Random_rules_answer_as_the_naive_model()
    {
        var action = Gen.OneOf(
            Gen.Const(SeccompAction.Allow), Gen.Const(SeccompAction.Notify), Gen.UShort.Select(SeccompAction.Trace),
            Gen.Int[1, 133].Select(static e => SeccompAction.Fail((Errno)e)));
        var test = Gen.OneOf(
            Gen.Select(Gen.Int[0, 5], Gen.OneOf(Gen.UInt[0, 30], Gen.UInt).Array[1, 12], static (a, v) => ArgTest.LowIn(a, v)),
            Gen.Select(Gen.Int[0, 5], Gen.ULong[1, ulong.MaxValue], static (a, m) => ArgTest.AnyBit(a, m)),
            Gen.Int[0, 5].Select(ArgTest.NotZero));
        var tests = Gen.Select(test, action).Array[0, 3];
        // Steps from one rule to the next, so that ranges never overlap; a length of one number may have tests and an answer beside them.
        var rule = Gen.Select(Gen.Int[1, 9], Gen.Frequency((3, Gen.Const(1)), (1, Gen.Int[2, 40])), action, tests);
        var allowed = Gen.Select(Gen.ULong, Gen.ULong, static (a, b) => ((ulong, ulong)?)(Math.Min(a, b), Math.Max(a, b)));
        Gen.Select(rule.Array[0, 90], action, Gen.OneOf(Gen.Const(default((ulong, ulong)?)), allowed), Gen.OneOf(Gen.Const(0ul), Gen.ULong).Array[6])
            .Sample((rules, other, range, args) => Compare(new(Lay(rules), other, range), args), iter: 300);

        static IReadOnlyList<FilterRule> Lay((int Gap, int Length, SeccompAction Action, (ArgTest, SeccompAction)[] Tests)[] rules)
        {
            var laid = new List<FilterRule>();
            var next = -1;
            foreach (var (gap, length, action, tests) in rules)
            {
                var first = next + gap;
                next = first + length;
                if (length == 1)
                    laid.AddRange(tests.DistinctBy(static t => t.Item1).Select(t => new FilterRule(first, first, t.Item1, t.Item2)));
                if (length > 1 || tests.Length != 1)
                    laid.Add(new(first, next - 1, null, action));
            }
            return laid;
        }
    }

    private static FilterRule Rule(int number, SeccompAction action) => new(number, number, null, action);

    /// <summary>Runs the model's own filter and the model over all numbers, interesting arguments, architectures and addresses.</summary>
    private static void Compare(FilterModel model, ulong[]? args = null)
    {
        var machine = new BpfMachine(model.Build());
        var tested = model.Rules.Where(static r => r.Test is not null).Select(static r => (r.First, r.Test!.Argument)).ToLookup(static r => r.First, static r => r.Argument);
        foreach (var number in model.Numbers())
        {
            Same(new(number, args ?? []));
            Same(new(number, args ?? []) { Arch = I386 });
            if (model.Allowed is var (first, last))
            {
                foreach (var address in new[] { first - 1, first, last, last + 1 })
                    Same(new(number, args ?? []) { InstructionPointer = address });
            }
            foreach (var argument in tested[number])
            {
                foreach (var value in Interesting)
                {
                    var call = new SeccompCall(number, args is null ? new ulong[6] : [.. args]);
                    call.Args[argument] = value;
                    Same(call);
                }
            }
        }

        void Same(SeccompCall call)
        {
            var expected = model.Answer(call);
            var answer = machine.Run(call);
            if (expected != answer)
                Assert.Fail($"{call}: {answer:x} instead of {expected:x}");
        }
    }
}
