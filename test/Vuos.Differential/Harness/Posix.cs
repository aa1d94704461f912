using System.Runtime.InteropServices;
using System.Text;

namespace Vuos.Differential.Harness;

/// <summary>The few calls of the C library that the harness needs, and what /proc says about processes.</summary>
public static partial class Posix
{
    private const int SIGKILL = 9;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillRaw(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int ChownRaw(string path, uint uid, uint gid);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GeteuidRaw();

    /// <summary>geteuid(2).</summary>
    public static uint EffectiveUserId() => GeteuidRaw();

    /// <summary>SIGKILL to a process, or to a process group when <paramref name="pid"/> is negative; one that is gone is no error.</summary>
    public static void Kill(int pid) => _ = KillRaw(pid, SIGKILL);

    /// <summary>Gives a file to a user and the group of the same number.</summary>
    public static void Give(string path, uint id)
    {
        if (ChownRaw(path, id, id) != 0)
            throw new IOException($"chown {path}: errno {Marshal.GetLastPInvokeError()}");
    }

    /// <summary>Processes (zombies excepted) whose environment holds <paramref name="marker"/>; it finds daemons too, which no process group does.</summary>
    public static List<int> Marked(string marker)
    {
        var found = new List<int>();
        var wanted = Encoding.UTF8.GetBytes(marker);
        foreach (var dir in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(dir), out var pid))
                continue;
            try
            {
                if (File.ReadAllBytes(dir + "/environ").AsSpan().IndexOf(wanted) >= 0 && Status(pid, "State")?[0] is not ('Z' or 'X'))
                    found.Add(pid);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Gone meanwhile, or another user's.
            }
        }
        return found;
    }

    /// <summary>One field of /proc/PID/status, or null when the process is gone.</summary>
    public static string? Status(int pid, string field)
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/{pid}/status"))
            {
                if (line.StartsWith(field + ":", StringComparison.Ordinal))
                    return line[(field.Length + 1)..].Trim();
            }
        }
        catch (IOException)
        {
            // Gone.
        }
        return null;
    }

    /// <summary>The process that traces a process with <paramref name="marker"/>, or 0.</summary>
    public static int TracerOf(string marker)
    {
        foreach (var pid in Marked(marker))
        {
            if (int.TryParse(Status(pid, "TracerPid"), out var thread) && thread != 0 && int.TryParse(Status(thread, "Tgid"), out var process))
                return process;
        }
        return 0;
    }
}
