using System.CommandLine;
using Vuos.Native.Syscalls;

namespace Vuos.Cli;

/// <summary><c>vuos-actors syscalls [--decision X] [NAME…]</c>: the table of system calls with what the hypervisor does about each.</summary>
internal static class SyscallsCommand
{
    /// <summary>The command for the parser.</summary>
    public static Command Build()
    {
        var decision = new Option<string?>("--decision")
        {
            Description = "only calls with this decision: " + string.Join(", ", Decisions()),
            HelpName = "DECISION",
        };
        var names = new Argument<string[]>("NAME") { Description = "only calls whose name contains one of these", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("syscalls", "print what is done about each system call");
        command.Options.Add(decision);
        command.Arguments.Add(names);
        command.SetAction(result => Run(result.GetValue(decision), result.GetValue(names) ?? []));
        return command;
    }

    private static int Run(string? decisionName, string[] names)
    {
        Decision? decision = null;
        if (decisionName is not null)
        {
            if (!Decisions().Contains(decisionName.ToLowerInvariant()))
                return Refuse($"--decision {decisionName}: the decision is one of {string.Join(", ", Decisions())}");
            decision = Enum.Parse<Decision>(decisionName, ignoreCase: true);
        }
        var text = SyscallList.Text(decision, names);
        if (text.Length == 0)
            return Refuse("no system call matches");
        StandardStreams.WriteLine(1, text);
        return 0;
    }

    private static IEnumerable<string> Decisions() => Enum.GetNames<Decision>().Select(static n => n.ToLowerInvariant());

    private static int Refuse(string sentence)
    {
        StandardStreams.WriteLine(2, "vuos-actors: syscalls: " + RunCommandLine.OneLine(sentence));
        return ExitStatus.Usage;
    }
}
