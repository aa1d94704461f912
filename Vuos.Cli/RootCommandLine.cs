using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text;

namespace Vuos.Cli;

/// <summary>Everything that does not start a guest, on System.CommandLine.</summary>
internal static class RootCommandLine
{
    /// <summary>Parses and runs one command line; returns the exit status.</summary>
    public static int Run(string[] args)
    {
        var result = Build().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Action is PrintAction print)
            return print.Invoke(result);
        if (args.Length == 0)
        {
            StandardStreams.WriteLine(2, HelpText(result));
            return ExitStatus.Usage;
        }
        if (result.Errors.Count > 0)
        {
            StandardStreams.WriteLine(2, $"vuos-actors: {RunCommandLine.OneLine(Problem(result))} (see vuos-actors --help)");
            return ExitStatus.Usage;
        }
        return result.Invoke();
    }

    private static string Problem(ParseResult result)
    {
        if (result.UnmatchedTokens.Count == 0)
            return result.Errors[0].Message.TrimEnd('.');
        var token = result.UnmatchedTokens[0];
        return $"{token}: there is no such {(token.StartsWith('-') ? "option" : "command")}";
    }

    private static RootCommand Build()
    {
        var root = new RootCommand("Runs programs in a view of the system of their own.");
        root.Options.Clear();
        root.Options.Add(new Option<bool>("--version") { Description = "print the version and exit", Action = new PrintAction(static _ => Product.NameAndVersion) });
        root.Options.Add(new HelpOption("--help", "-h") { Description = "print help and exit", Action = new PrintAction(HelpText) });
        // Only named here: CommandLine takes `run` before it comes this far.
        root.Subcommands.Add(new Command(CommandLine.RunCommand, "run a command, and all it starts, in a view (see vuos-actors run --help)"));
        root.Subcommands.Add(SyscallsCommand.Build());
        return root;
    }

    /// <summary>Help of the command that was named, one line an option.</summary>
    private static string HelpText(ParseResult result)
    {
        var command = result.CommandResult.Command;
        var isRoot = command is RootCommand;
        var text = new StringBuilder();
        text.Append("Usage: vuos-actors ").Append(isRoot ? "COMMAND …" : $"{command.Name} [OPTION…]");
        foreach (var argument in command.Arguments)
            text.Append($" [{argument.HelpName ?? argument.Name}…]");
        text.Append("\n\n").Append(command.Description).Append('\n');
        Section(text, "Commands", command.Subcommands.Select(static c => (c.Name, c.Description)));
        Section(text, "Options", result.RootCommandResult.Command.Options.Where(o => isRoot || o is HelpOption).Concat(isRoot ? [] : command.Options)
            .Select(static o => (string.Join(", ", o.Aliases.Append(o.Name)) + (o.HelpName is null ? "" : " " + o.HelpName), o.Description)));
        return text.ToString().TrimEnd('\n');
    }

    private static void Section(StringBuilder text, string title, IEnumerable<(string Name, string? Description)> rows)
    {
        var all = rows.ToArray();
        if (all.Length == 0)
            return;
        var width = all.Max(static r => r.Name.Length);
        text.Append('\n').Append(title).Append(":\n");
        foreach (var (name, description) in all)
            text.Append("  ").Append(name.PadRight(width)).Append("  ").Append(description).Append('\n');
    }

    /// <summary>Prints a text and succeeds, whatever else is on the command line.</summary>
    private sealed class PrintAction(Func<ParseResult, string> text) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            StandardStreams.WriteLine(1, text(parseResult));
            return 0;
        }
    }
}
