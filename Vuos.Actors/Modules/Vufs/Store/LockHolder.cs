using System.Buffers.Text;
using System.Text;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>Who holds a flock(2), from /proc/locks (proc_locks(5)).</summary>
internal static class LockHolder
{
    /// <summary>
    /// The process that holds the exclusive lock on an inode, or 0: it lives in another PID namespace, or the file system numbers its devices differently for stat(2)
    /// (btrfs).
    /// </summary>
    public static int Find(ReadOnlySpan<byte> locks, ulong device, ulong inode)
    {
        foreach (var range in locks.Split((byte)'\n'))
        {
            if (Parse(locks[range], device, inode) is > 0 and var pid)
                return pid;
        }

        return 0;
    }

    /// <summary>"process 1234 (name)", or "another process".</summary>
    public static string Describe(in KernelStat stat)
    {
        var pid = Find(Read("/proc/locks"), stat.Dev, stat.Ino);
        if (pid == 0)
            return "another process";
        var name = Encoding.UTF8.GetString(Read($"/proc/{pid}/comm")).TrimEnd('\n');
        var shown = name.Length > 0 ? $"process {pid} ({name})" : $"process {pid}";
        return pid == Environment.ProcessId ? $"another mount of this {shown}" : shown;
    }

    /// <summary>A line is <c>1: FLOCK  ADVISORY  WRITE 1234 fe:00:5678 0 EOF</c>: device in hexadecimal, inode in decimal; "->" marks one that waits.</summary>
    private static int Parse(ReadOnlySpan<byte> line, ulong device, ulong inode)
    {
        Span<Range> words = stackalloc Range[9];
        var count = 0;
        foreach (var word in line.Split((byte)' '))
        {
            if (word.Start.Value != word.End.Value && count < words.Length)
                words[count++] = word;
        }

        if (count < 6 || !line[words[1]].SequenceEqual("FLOCK"u8) || !line[words[3]].SequenceEqual("WRITE"u8))
            return 0;
        var place = line[words[5]];
        return Utf8Parser.TryParse(place, out uint major, out var first, 'x')
            && Utf8Parser.TryParse(place[Math.Min(first + 1, place.Length)..], out uint minor, out var second, 'x')
            && Utf8Parser.TryParse(place[Math.Min(first + second + 2, place.Length)..], out ulong number, out _)
            && DeviceNumber.Make(major, minor) == device && number == inode
            && Utf8Parser.TryParse(line[words[4]], out int pid, out _)
            ? pid
            : 0;
    }

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The holder ended meanwhile, or /proc is restricted: the sentence does without its name.
            return [];
        }
    }
}
