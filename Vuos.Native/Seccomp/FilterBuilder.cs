namespace Vuos.Native.Seccomp;

/// <summary>
/// Builds a seccomp filter for x86-64 calls. A call of another architecture (int 0x80, 32-bit programs) is always allowed: its numbers mean
/// other calls. For a number without an argument test that is allowed, the program looks at the architecture and the number alone, so the
/// kernel caches the answer in its bitmap and does not run the filter again (kernel/seccomp.c, seccomp_is_const_allow).
/// </summary>
public sealed class FilterBuilder
{
    private readonly List<Rule> _rules = [];
    private SeccompAction _default = SeccompAction.Allow;
    private (ulong First, ulong Last)? _allowed;
    private int[] _allowedNumbers = [];

    /// <summary>
    /// Calls made from <paramref name="first"/>…<paramref name="last"/> (both included) are allowed, whatever their number or only with these <paramref name="numbers"/>. The address
    /// seccomp reports is the one after the <c>syscall</c> instruction.
    /// </summary>
    public FilterBuilder AllowInstructionRange(ulong first, ulong last, params int[] numbers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        _allowedNumbers = numbers;
        _allowed = _allowed is null ? (first, last) : throw new ArgumentException("a filter has one allowed range", nameof(first));
        return this;
    }

    /// <summary>What happens to calls without a rule; <see cref="SeccompAction.Allow"/> unless set.</summary>
    public FilterBuilder Default(SeccompAction action)
    {
        _default = action;
        return this;
    }

    /// <summary>A rule for one number. Beside rules with argument tests for the same number it says what happens when none of them applies.</summary>
    public FilterBuilder On(int number, SeccompAction action) => On(number, number, action);

    /// <summary>A rule for a range of numbers, both included.</summary>
    public FilterBuilder On(int first, int last, SeccompAction action)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        var rule = RuleFor(first, last);
        rule.Otherwise = rule.Otherwise is null ? action : throw Duplicate(first);
        return this;
    }

    /// <summary>A rule for one number where an argument passes a test. Of several tests for a number the first that passes decides.</summary>
    public FilterBuilder On(int number, ArgTest test, SeccompAction action)
    {
        var rule = RuleFor(number, number);
        if (rule.Tests.Exists(t => t.Test.Equals(test)))
            throw Duplicate(number);
        rule.Tests.Add(new Choice(test, action));
        return this;
    }

    /// <summary>The program for <c>seccomp(SECCOMP_SET_MODE_FILTER)</c>.</summary>
    /// <exception cref="InvalidOperationException">It would be longer than the kernel takes.</exception>
    public BpfInstruction[] Build()
    {
        var graph = new FilterGraph();
        var allow = graph.Return(SeccompAction.RetAllow);
        var search = new NumberSearch(graph, _allowedNumbers.Length == 0 ? Guarded(graph, graph.Return(_default.Value), allow) : graph.Return(_default.Value));
        foreach (var rule in _rules)
        {
            var node = graph.Return((rule.Otherwise ?? _default).Value);
            for (var i = rule.Tests.Count - 1; i >= 0; i--)
                node = rule.Tests[i].Test.Compile(graph, graph.Return(rule.Tests[i].Action.Value), node);
            if (_allowedNumbers.Length == 0 || (rule.First == rule.Last && Array.IndexOf(_allowedNumbers, rule.First) >= 0))
                node = Guarded(graph, node, allow);
            search.Add((uint)rule.First, (uint)rule.Last, node);
        }
        var numbers = graph.Load(SeccompData.Number, search.Compile());
        var root = graph.Load(SeccompData.Arch, graph.Test(BpfCode.JumpEqual, SeccompData.ArchX64, numbers, allow));
        var program = graph.Assemble(root);
        return program.Length <= BpfCode.MaxInstructions
            ? program
            : throw new InvalidOperationException($"a filter of {program.Length} instructions; the kernel takes {BpfCode.MaxInstructions}");
    }

    /// <summary>
    /// The node behind a look at the instruction pointer, if a range is allowed. It comes after the number: before it, it would keep the kernel
    /// from caching any answer.
    /// </summary>
    private int Guarded(FilterGraph graph, int node, int allow)
    {
        if (_allowed is not var (first, last) || node == allow)
            return node;
        var (firstHigh, firstLow) = ((uint)(first >> 32), (uint)first);
        var (lastHigh, lastLow) = ((uint)(last >> 32), (uint)last);
        const uint low = SeccompData.InstructionPointer, high = low + 4;
        int inside;
        if (firstHigh == lastHigh)
        {
            inside = graph.Test(BpfCode.JumpEqual, firstHigh, graph.Load(low, AtLeast(firstLow, NotAbove(lastLow, allow), node)), node);
        }
        else
        {
            var atFirst = graph.Load(low, AtLeast(firstLow, allow, node));
            var atLast = graph.Load(low, NotAbove(lastLow, allow));
            var atOrBelowLast = NotAbove(lastHigh, graph.Test(BpfCode.JumpEqual, lastHigh, atLast, allow));
            inside = graph.Test(BpfCode.JumpEqual, firstHigh, atFirst, AtLeast(firstHigh, atOrBelowLast, node));
        }
        return graph.Load(high, inside);

        int AtLeast(uint value, int yes, int no) => graph.Test(BpfCode.JumpAtLeast, value, yes, no);
        int NotAbove(uint value, int yes) => value == uint.MaxValue ? yes : AtLeast(value + 1, node, yes);
    }

    private Rule RuleFor(int first, int last)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        var rule = _rules.Find(r => r.First <= last && first <= r.Last);
        if (rule is null)
            _rules.Add(rule = new Rule(first, last));
        else if (rule.First != first || rule.Last != last || first != last)
            throw Duplicate(first);
        return rule;
    }

    private static ArgumentException Duplicate(int number) => new($"two rules for call {number}");

    private sealed class Rule(int first, int last)
    {
        public int First => first;

        public int Last => last;

        public List<Choice> Tests { get; } = [];

        public SeccompAction? Otherwise { get; set; }
    }

    private sealed record Choice(ArgTest Test, SeccompAction Action);
}
