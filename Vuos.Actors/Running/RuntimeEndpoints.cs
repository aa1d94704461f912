using System.Globalization;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Running;

/// <summary>
/// The .NET runtime puts its debugger pipes and diagnostics socket into the temporary directory and removes them when it ends in good order. A hypervisor that is killed would leave
/// them behind, so their names go at once; their names are made of the pid and the process's start time.
/// </summary>
internal static unsafe class RuntimeEndpoints
{
    public static void Remove()
    {
        if (StartTime() is not { } start)
            return;
        var directory = Environment.GetEnvironmentVariable("TMPDIR") is { Length: > 0 } tmp ? tmp.TrimEnd('/') : "/tmp";
        var key = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{start}");
        foreach (var name in (string[])[$"clr-debug-pipe-{key}-in", $"clr-debug-pipe-{key}-out", $"dotnet-diagnostic-{key}-socket"])
        {
            fixed (byte* path = System.Text.Encoding.UTF8.GetBytes($"{directory}/{name}\0"))
                Sys.Call(Nr.Unlink, (long)path);
        }
    }

    /// <summary>Field 22 of /proc/self/stat, counted behind the command's closing bracket (proc(5)).</summary>
    private static string? StartTime()
    {
        var stat = File.ReadAllText("/proc/self/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return fields.Length > 19 ? fields[19] : null;
    }
}
