namespace Vuos.Cli;

/// <summary>Why a command line does not start a guest, and what to print instead.</summary>
/// <param name="Status">Exit status, one of <see cref="ExitStatus"/> or 0/1 for help.</param>
/// <param name="Text">One sentence, or the help text.</param>
/// <param name="ToStandardOutput">Help that was asked for goes to standard output, everything else to standard error.</param>
internal sealed record RunRefusal(int Status, string Text, bool ToStandardOutput = false);

/// <summary>Exit statuses the command line itself gives; 126 and others come from the hypervisor.</summary>
internal static class ExitStatus
{
    /// <summary>The command line cannot be understood: unknown option, missing value, no command.</summary>
    public const int Usage = 2;

    /// <summary>The command line is understood but what it asks for cannot be done.</summary>
    public const int Failure = 125;

    /// <summary>The guest command does not exist.</summary>
    public const int NotFound = 127;
}
