namespace Vuos.Cli;

/// <summary>What the meaning of a command line depends on, besides the command line. A value, so that tests need no machine of their own.</summary>
internal sealed record RunSurroundings
{
    /// <summary>Directory relative names start from.</summary>
    public required string CurrentDirectory { get; init; }

    /// <summary>Home directory with <c>.vurc</c>; null: none.</summary>
    public string? Home { get; init; }

    /// <summary>The rc file of the machine.</summary>
    public string SystemRc { get; init; } = "/etc/vurc";

    /// <summary>PATH; null: unset.</summary>
    public string? SearchPath { get; init; }

    /// <summary>Directory with the guest commands; null: none was installed.</summary>
    public string? GuestCommands { get; init; }

    /// <summary>The surroundings of the calling process.</summary>
    public static RunSurroundings OfThisProcess() => new()
    {
        CurrentDirectory = Environment.CurrentDirectory,
        Home = Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : null,
        SearchPath = Environment.GetEnvironmentVariable("PATH"),
        GuestCommands = Cli.GuestCommands.Locate(AppContext.BaseDirectory),
    };

    /// <summary>A name as the kernel would see it from <see cref="CurrentDirectory"/>; <c>..</c> is left to the kernel, since links decide it.</summary>
    public string Absolute(string path) => Path.Combine(CurrentDirectory, path);
}
