using System.Text;

namespace Vuos.Cli;

/// <summary>
/// The name this program was called by. The runtime resolves symbolic links before managed code sees a path, so a link named
/// <c>umvu</c> shows only in the argument vector that the kernel keeps (proc_pid_cmdline(5)).
/// </summary>
internal static class InvokedName
{
    /// <summary>The alias with umvu's options.</summary>
    public const string Umvu = "umvu";

    /// <summary>Last component of <c>argv[0]</c>; empty when /proc cannot be read.</summary>
    public static string OfThisProcess()
    {
        try
        {
            return FromArgumentVector(File.ReadAllBytes("/proc/self/cmdline"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Last component of the first string of a NUL-separated argument vector; a login shell's leading dash is not part of it.</summary>
    internal static string FromArgumentVector(ReadOnlySpan<byte> vector)
    {
        var end = vector.IndexOf((byte)0);
        var first = end < 0 ? vector : vector[..end];
        return Encoding.UTF8.GetString(first[(first.LastIndexOf((byte)'/') + 1)..]).TrimStart('-');
    }
}
