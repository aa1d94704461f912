using System.Globalization;

namespace Vuos.Differential.Harness;

/// <summary>What the environment says about this run of the tests.</summary>
public static class Settings
{
    /// <summary>The hypervisor under test: <c>$VUOS_ACTORS</c>, or that of the repository, which is then built.</summary>
    public static Lazy<string> Actors { get; } = new(static () => Environment.GetEnvironmentVariable("VUOS_ACTORS") is { Length: > 0 } given ? given : Built());

    /// <summary>Transports to test, <c>$VUOS_TRANSPORTS</c>, separated by commas; the words of <c>run --transport</c>.</summary>
    public static string[] Transports { get; } = (Environment.GetEnvironmentVariable("VUOS_TRANSPORTS") ?? "ptrace,notify").Split(',');

    /// <summary>Seconds each storm lasts; <c>$VUOS_STRESS_SECONDS</c>.</summary>
    public static int StressSeconds { get; } = Number("VUOS_STRESS_SECONDS", 5);

    /// <summary>Every user and transport for the real programs too, not only the default ones; <c>$VUOS_DIFF_FULL=1</c>.</summary>
    public static bool Full { get; } = Environment.GetEnvironmentVariable("VUOS_DIFF_FULL") == "1";

    /// <summary>How many times each comparison is made; <c>$VUOS_DIFF_REPEAT</c>, to find what is not deterministic.</summary>
    public static int Repeat { get; } = Number("VUOS_DIFF_REPEAT", 1);

    /// <summary>Limit of one run of a small program, which takes a second or two; generous, as a busy machine is no failure.</summary>
    public static TimeSpan SmallTimeout { get; } = TimeSpan.FromSeconds(Number("VUOS_DIFF_TIMEOUT", 240));

    /// <summary>Limit of one thing that is waited for and takes no time at all on an idle machine.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(120);

    /// <summary>Whether root runs the tests: only then both users and a private mount namespace are available.</summary>
    public static bool IsRoot { get; } = Posix.EffectiveUserId() == 0;

    /// <summary>Where the C programs and scripts are.</summary>
    public static string Material { get; } = AppContext.BaseDirectory;

    /// <summary>A number from the environment.</summary>
    public static T Number<T>(string name, T otherwise)
        where T : IParsable<T> => T.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var n) ? n : otherwise;

    /// <summary>What the script of the repository runs. The script builds it when sources are newer, which takes its time and says so: no part of a run.</summary>
    private static string Built()
    {
        var dir = new DirectoryInfo(AppContext.BaseDirectory);
        while (dir != null && !File.Exists(Path.Combine(dir.FullName, "VuosActors.sln")))
            dir = dir.Parent;
        var root = dir?.FullName ?? throw new InvalidOperationException("the tests run outside the repository");
        Workspace.Tool(Path.Combine(root, "vuos-actors"), "--version");
        return Path.Combine(root, "out", "bin", "vuos-actors");
    }
}
