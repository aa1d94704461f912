namespace Vuos.Benchmarks;

/// <summary>Numbers as a person reads them: three significant digits at most.</summary>
internal static class Numbers
{
    public static string Ratio(double value) => value < 10 ? $"{value:0.00}" : value < 100 ? $"{value:0.0}" : $"{value:0}";

    public static string Time(double ns) => ns switch
    {
        < 1e3 => $"{ns:0} ns",
        < 1e6 => $"{Ratio(ns / 1e3)} us",
        < 1e9 => $"{Ratio(ns / 1e6)} ms",
        _ => $"{Ratio(ns / 1e9)} s",
    };

    public static string Bytes(double bytes) => Math.Abs(bytes) switch
    {
        < 1e6 => $"{bytes / 1e3:0.0} KB",
        _ => $"{bytes / 1e6:0.0} MB",
    };
}
