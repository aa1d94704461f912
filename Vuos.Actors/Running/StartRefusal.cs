using Vuos.Native;

namespace Vuos.Actors.Running;

/// <summary>One sentence for each way a start can be refused, with the remedy.</summary>
internal static class StartRefusal
{
    public static string Explain(string refused, Errno error) => refused switch
    {
        "ptrace" when YamaScope() >= 2 =>
            "ptrace is not permitted: kernel.yama.ptrace_scope is " + YamaScope() + "; set it to 1 (sysctl kernel.yama.ptrace_scope=1) or run as root",
        "ptrace" =>
            "ptrace is not permitted here; in a container start it with --cap-add=SYS_PTRACE (or a seccomp profile that allows ptrace)",
        "seccomp" => "seccomp filters are not permitted here; a kernel with CONFIG_SECCOMP_FILTER and a container profile that allows seccomp(2) are needed",
        _ => $"{(refused.Length > 0 ? refused : "starting the first process")}: {ErrnoText.Of(error)}",
    };

    private static int YamaScope()
    {
        try
        {
            return int.Parse(File.ReadAllText("/proc/sys/kernel/yama/ptrace_scope").Trim(), System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return 0;
        }
    }
}
