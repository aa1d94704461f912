namespace Vuos.Cli;

/// <summary>One option of <c>run</c> or <c>umvu</c>.</summary>
/// <param name="Letter">Short name, or <see cref="NoLetter"/>.</param>
/// <param name="Long">Long name without its dashes.</param>
/// <param name="Value">Name of the value in the help; null for a switch.</param>
/// <param name="Help">One line for the help.</param>
/// <param name="Apply">Notes the option in the draft. Arguments: draft, value ("" for a switch), the argument as typed.
/// Returns what is wrong with the value, without a full stop, or null.</param>
internal sealed record RunOption(char Letter, string Long, string? Value, string Help, Func<RunDraft, string, string, string?> Apply)
{
    /// <summary><see cref="Letter"/> of an option that has only a long name.</summary>
    public const char NoLetter = '\0';

    /// <summary>The left column of the help, e.g. <c>-m, --module MODULE</c>.</summary>
    public string Usage => (Letter == NoLetter ? "    " : $"-{Letter}, ") + "--" + Long + (Value is null ? "" : " " + Value);
}
