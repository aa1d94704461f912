using Vuos.Actors.Running;

namespace Vuos.Cli;

/// <summary>
/// The entry point behind <c>Main</c>. <c>run</c> and <c>umvu</c> have a parser of their own (<see cref="RunCommandLine"/>): what
/// follows the guest command must stay untouched, and System.CommandLine would add 20 ms to every start; the rest goes there.
/// </summary>
internal static class CommandLine
{
    /// <summary>Name of the command that starts a guest.</summary>
    public const string RunCommand = "run";

    /// <summary>Runs one command line and returns the exit status.</summary>
    public static int Run(string[] args, string invokedName)
    {
        if (invokedName == InvokedName.Umvu)
            return RunGuest(args, RunDialect.Umvu);
        if (args.Length > 0 && args[0] == RunCommand)
            return RunGuest(args[1..], RunDialect.VuosActors);
        return RootCommandLine.Run(args);
    }

    private static int RunGuest(string[] args, RunDialect dialect)
    {
        if (RunCommandLine.TryParse(args, dialect, RunSurroundings.OfThisProcess(), out var options, out var refusal))
            return Hypervisor.Run(options);
        StandardStreams.WriteLine(refusal.ToStandardOutput ? 1 : 2, refusal.Text);
        return refusal.Status;
    }
}
