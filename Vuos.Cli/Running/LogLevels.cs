namespace Vuos.Cli;

/// <summary>Names of log levels, and syslog's numbers for them (syslog(3)).</summary>
internal static class LogLevels
{
    public const string Default = "warning";

    private static readonly string[] Names = ["verbose", "debug", "information", "warning", "error", "fatal"];

    /// <summary>Accepts a name in any case and gives it in lower case.</summary>
    public static bool TryName(string text, out string level)
    {
        level = text.ToLowerInvariant();
        return Names.AsSpan().Contains(level);
    }

    /// <summary>Accepts one digit from 0 to 7.</summary>
    public static bool TryNumber(string text, out int number)
    {
        number = text.Length == 1 ? text[0] - '0' : -1;
        return number is >= 0 and <= 7;
    }

    /// <summary>emerg, alert, crit: fatal; err; warning; notice, info; debug.</summary>
    public static string OfNumber(int number) => number switch
    {
        <= 2 => "fatal",
        3 => "error",
        4 => "warning",
        <= 6 => "information",
        _ => "debug",
    };
}
