using System.Diagnostics;

namespace Vuos.Benchmarks;

/// <summary>What a reader must know of the machine to compare numbers.</summary>
internal static class Machine
{
    public static string Describe()
    {
        var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static l => l.StartsWith("model name", StringComparison.Ordinal));
        var kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        return $"{Environment.ProcessorCount} cores, {model?.Split(':')[^1].Trim() ?? "unknown processor"}, Linux {kernel}, "
            + $".NET {Environment.Version}, load {load} at the end; {Version("proot", "--version")}; {Version("strace", "-V")}; "
            + Version("fuse-overlayfs", "--version");
    }

    private static string Version(string program, string option)
    {
        if (!Programs.OnPath(program))
            return $"{program} not on PATH";
        using var process = Process.Start(new ProcessStartInfo(program, [option]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        // proot prints its version at the end of a drawing, strace at the end of its first line, fuse-overlayfs behind that of a helper.
        var word = output[Math.Max(0, output.IndexOf($"{program}: ", StringComparison.Ordinal))..].Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)
            .FirstOrDefault(static w => w.Length > 1 && char.IsAsciiDigit(w[0]) && w.Contains('.'));
        return $"{program} {word ?? "of unknown version"}";
    }
}
