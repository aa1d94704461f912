using Vuos.Native.Seccomp;

namespace Vuos.Native.Tests.Seccomp;

/// <summary>One rule as a test writes it: a range of numbers or a number with an argument test.</summary>
internal sealed record FilterRule(int First, int Last, ArgTest? Test, SeccompAction Action);

/// <summary>What a filter must answer, worked out the slow and obvious way; and the builder call for call from the same rules.</summary>
internal sealed record FilterModel(IReadOnlyList<FilterRule> Rules, SeccompAction Default, (ulong First, ulong Last)? Allowed = null)
{
    public uint Answer(SeccompCall call)
    {
        if (call.Arch != 0xC000003E)
            return SeccompAction.RetAllow;
        if (Allowed is var (first, last) && call.InstructionPointer >= first && call.InstructionPointer <= last)
            return SeccompAction.RetAllow;
        var matching = Rules.Where(r => call.Number >= r.First && call.Number <= r.Last).ToList();
        var tested = matching.Find(r => r.Test is { } test && test.Matches(call.Args.ElementAtOrDefault(test.Argument)));
        return (tested ?? matching.Find(static r => r.Test is null))?.Action.Value ?? Default.Value;
    }

    public BpfInstruction[] Build()
    {
        var builder = new FilterBuilder().Default(Default);
        if (Allowed is var (first, last))
            builder.AllowInstructionRange(first, last);
        foreach (var rule in Rules)
        {
            if (rule.Test is null)
                builder.On(rule.First, rule.Last, rule.Action);
            else
                builder.On(rule.First, rule.Test, rule.Action);
        }
        return builder.Build();
    }

    /// <summary>Numbers at and around every rule's edges, every number of the table, and some no kernel has.</summary>
    public IEnumerable<int> Numbers() =>
        Rules.SelectMany(static r => new[] { r.First - 1, r.First, r.First + 1, r.Last - 1, r.Last, r.Last + 1 })
            .Concat(Enumerable.Range(0, 500)).Concat([-1, int.MinValue, int.MaxValue, 0x4000_0000, 0x4000_0002]).Distinct();
}
