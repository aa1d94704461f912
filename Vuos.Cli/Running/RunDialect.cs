namespace Vuos.Cli;

/// <summary>One of the two spellings of "run a guest": its name in messages, its options, its help.</summary>
internal sealed class RunDialect
{
    private RunDialect(string programName, string synopsis, string summary, IReadOnlyList<RunOption> options, int helpStatus)
    {
        ProgramName = programName;
        Synopsis = synopsis;
        Summary = summary;
        Options = options;
        HelpStatus = helpStatus;
    }

    /// <summary><c>vuos-actors run</c>.</summary>
    public static RunDialect VuosActors { get; } = new("vuos-actors", "vuos-actors run [OPTION…] [--] COMMAND [ARGUMENT…]",
        "Runs COMMAND, and everything it starts, in a view of the system that modules and mounts can change.", RunOptionTable.VuosActors, helpStatus: 0);

    /// <summary><c>umvu</c>: its help goes to standard error with status 1, as it always did.</summary>
    public static RunDialect Umvu { get; } = new("umvu", "umvu [OPTION…] COMMAND [ARGUMENT…]",
        "The same as `vuos-actors run`, with the options of VUOS's umvu.", RunOptionTable.Umvu, helpStatus: 1);

    /// <summary>Prefix of every message.</summary>
    public string ProgramName { get; }

    /// <summary>First line of the help.</summary>
    public string Synopsis { get; }

    /// <summary>What it does, in one sentence.</summary>
    public string Summary { get; }

    /// <summary>All options, in the order of the help.</summary>
    public IReadOnlyList<RunOption> Options { get; }

    /// <summary>Exit status of <c>--help</c>.</summary>
    public int HelpStatus { get; }

    /// <summary>The option with this long name, or null.</summary>
    public RunOption? FindLong(ReadOnlySpan<char> name)
    {
        foreach (var option in Options)
            if (option.Long is not null && name.SequenceEqual(option.Long))
                return option;
        return null;
    }

    /// <summary>The option with this letter, or null.</summary>
    public RunOption? FindLetter(char letter)
    {
        foreach (var option in Options)
            if (option.Letter == letter)
                return option;
        return null;
    }
}
