using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vuos.Specs.Terminal;

namespace Vuos.Specs.Running;

/// <summary>Finds the processes that a spec started and that did not end with it.</summary>
internal static unsafe class Leftovers
{
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Gives what is still dying a moment, then kills the rest and returns a line about each: processes in the spec's mount
    /// namespace, or with <paramref name="marker"/> (<c>NAME=value</c>) in their environment.
    /// </summary>
    public static IReadOnlyList<string> Remove(MountNamespace space, string marker)
    {
        List<string> left = [];
        Stopwatch clock = Stopwatch.StartNew();
        foreach (int pid in Find(space, marker))
        {
            string what = Describe(pid);
            if (EndsWithin(pid, _grace - clock.Elapsed))
                continue;
            left.Add(what);
            _ = Libc.Kill(pid, Libc.KillSignal);
        }

        return left;
    }

    private static List<int> Find(MountNamespace space, string marker)
    {
        List<int> found = [];
        byte[] wanted = Encoding.UTF8.GetBytes(marker + "\0");
        foreach (string directory in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out int pid) || pid == space.HolderId || pid == Environment.ProcessId)
                continue;
            bool inside = space.Id.Length > 0 && MountNamespace.IdOf(pid) == space.Id;
            if (inside || Read(pid, "environ").AsSpan().IndexOf(wanted) >= 0)
                found.Add(pid);
        }

        return found;
    }

    private static bool EndsWithin(int pid, TimeSpan limit)
    {
        int fd = Libc.OpenProcess(pid);
        if (fd < 0)
            return true;
        Libc.PollFd wait = new() { Fd = fd, Events = Libc.PollIn };
        bool ended = Libc.Poll(&wait, 1, Math.Max(0, (int)limit.TotalMilliseconds)) > 0;
        Libc.Close(fd);
        return ended;
    }

    private static string Describe(int pid) => $"process {pid} is left: {Encoding.UTF8.GetString(Read(pid, "cmdline")).Replace('\0', ' ').Trim()}";

    private static byte[] Read(int pid, string file)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{pid}/{file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
