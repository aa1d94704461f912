using System.Diagnostics.CodeAnalysis;
using System.Text;
using Vuos.Actors.Running;

namespace Vuos.Cli;

/// <summary>
/// Parses the arguments of <c>vuos-actors run</c> and <c>umvu</c> as getopt_long(3) does in POSIX mode: parsing stops at the first
/// operand or after <c>--</c>, and everything from there on belongs to the guest, untouched.
/// </summary>
internal static class RunCommandLine
{
    /// <summary>Makes options of arguments, checked as far as they can be without a guest; else says why there is nothing to run.</summary>
    public static bool TryParse(IReadOnlyList<string> args, RunDialect dialect, RunSurroundings surroundings,
        [NotNullWhen(true)] out RunOptions? options, [NotNullWhen(false)] out RunRefusal? refusal)
    {
        options = null;
        var draft = new RunDraft { Surroundings = surroundings };
        refusal = Scan(args, dialect, draft, out var first);
        if (draft.Help)
            refusal = new(dialect.HelpStatus, RunHelp.Text(dialect), ToStandardOutput: dialect.HelpStatus == 0);
        if (refusal is not null)
            return false;
        if (first == args.Count)
        {
            refusal = Refuse(dialect, ExitStatus.Usage, "no command is given, and one is needed: " + dialect.Synopsis);
            return false;
        }

        var command = args.Skip(first).ToArray();
        var rcFiles = new List<string>();
        if (RunChecks.Problem(draft, rcFiles) is { } problem)
        {
            refusal = Refuse(dialect, ExitStatus.Failure, problem);
            return false;
        }
        if (draft.Mounts.Count == 0 && rcFiles.Count == 0 && !CommandSearch.MayExist(command[0], surroundings))
        {
            refusal = new(ExitStatus.NotFound, $"{OneLine(command[0])}: No such file or directory");
            return false;
        }
        options = Finish(draft, command, rcFiles);
        return true;
    }

    private static RunRefusal? Scan(IReadOnlyList<string> args, RunDialect dialect, RunDraft draft, out int first)
    {
        for (first = 0; first < args.Count && !draft.Help; first++)
        {
            var arg = args[first];
            if (arg == "--")
            {
                first++;
                return null;
            }
            if (arg.Length < 2 || arg[0] != '-')
                return null;
            var refusal = arg[1] == '-' ? Long(args, ref first, dialect, draft) : Letters(args, ref first, dialect, draft);
            if (refusal is not null)
                return refusal;
        }
        return null;
    }

    private static RunRefusal? Long(IReadOnlyList<string> args, ref int index, RunDialect dialect, RunDraft draft)
    {
        var arg = args[index];
        var equals = arg.IndexOf('=');
        var name = equals < 0 ? arg : arg[..equals];
        if (dialect.FindLong(name.AsSpan(2)) is not { } option)
            return Refuse(dialect, ExitStatus.Usage, $"{name}: there is no such option (see --help)");
        if (option.Value is null)
            return equals < 0 ? Apply(dialect, draft, option, "", arg) : Refuse(dialect, ExitStatus.Usage, $"{arg}: {name} takes no value");
        if (equals < 0 && index + 1 == args.Count)
            return Refuse(dialect, ExitStatus.Usage, $"{name}: {option.Value} is missing after it");
        var value = equals < 0 ? args[++index] : arg[(equals + 1)..];
        return Apply(dialect, draft, option, value, $"{name} {value}");
    }

    /// <summary>One argument of letters: switches may share it, and the first option with a value takes the rest of it.</summary>
    private static RunRefusal? Letters(IReadOnlyList<string> args, ref int index, RunDialect dialect, RunDraft draft)
    {
        var arg = args[index];
        for (var i = 1; i < arg.Length; i++)
        {
            var letter = arg[i];
            if (dialect.FindLetter(letter) is not { } option)
                return Refuse(dialect, ExitStatus.Usage, $"-{letter}: there is no such option (see --help)");
            if (option.Value is not null)
            {
                if (i + 1 == arg.Length && index + 1 == args.Count)
                    return Refuse(dialect, ExitStatus.Usage, $"-{letter}: {option.Value} is missing after it");
                var value = i + 1 < arg.Length ? arg[(i + 1)..] : args[++index];
                return Apply(dialect, draft, option, value, $"-{letter} {value}");
            }
            if (Apply(dialect, draft, option, "", "-" + letter) is { } refusal)
                return refusal;
        }
        return null;
    }

    private static RunRefusal? Apply(RunDialect dialect, RunDraft draft, RunOption option, string value, string origin) =>
        option.Apply(draft, value, origin) is { } problem ? Refuse(dialect, ExitStatus.Failure, $"{origin}: {problem}") : null;

    private static RunRefusal Refuse(RunDialect dialect, int status, string sentence) => new(status, $"{dialect.ProgramName}: {OneLine(sentence)}");

    /// <summary>Keeps a message on one line, whatever the arguments in it hold.</summary>
    internal static string OneLine(string text)
    {
        if (!text.Any(char.IsControl))
            return text;
        var line = new StringBuilder(text.Length + 8);
        foreach (var c in text)
            _ = c switch
            {
                '\n' => line.Append("\\n"),
                '\t' => line.Append("\\t"),
                '\r' => line.Append("\\r"),
                _ when char.IsControl(c) => line.Append($"\\x{(int)c:x2}"),
                _ => line.Append(c),
            };
        return line.ToString();
    }

    private static RunOptions Finish(RunDraft draft, IReadOnlyList<string> command, IReadOnlyList<string> rcFiles) => new()
    {
        Command = command,
        Modules = draft.Modules,
        Mounts = draft.Mounts,
        RcFiles = rcFiles,
        ViewName = draft.Name ?? draft.NameFromView,
        NoNesting = draft.NoNesting,
        KillOnExit = draft.KillOnExit,
        Seal = draft.Seal,
        Stats = draft.Stats,
        Transport = draft.Transport,
        InGuestAfter = draft.InGuestAfter,
        LogLevel = draft.LogLevel,
        LogFile = draft.LogFile is null ? null : draft.Surroundings.Absolute(draft.LogFile),
        DebugTags = draft.DebugTags,
        DebugColours = draft.DebugColours,
        SyslogLevel = draft.SyslogLevel,
        GuestCommands = draft.Surroundings.GuestCommands,
        ConfigFile = draft.ConfigFile,
    };
}
