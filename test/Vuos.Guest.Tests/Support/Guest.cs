using Vuos.Guest.Commands;

namespace Vuos.Guest.Tests.Support;

/// <summary>Runs a command against a <see cref="FakeKernel"/>.</summary>
internal static class Guest
{
    /// <summary>The command line is split at spaces; use the array form for anything else.</summary>
    public static int Run(FakeKernel kernel, string line) => Run(kernel, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    public static int Run(FakeKernel kernel, params string[] line) =>
        CommandTable.Run(new CommandContext(kernel), "/usr/bin/" + line[0], line[1..]);
}
