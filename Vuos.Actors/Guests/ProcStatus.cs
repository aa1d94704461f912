using System.Text;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Guests;

/// <summary>The few lines of /proc/PID/status that matter (proc(5)).</summary>
internal static class ProcStatus
{
    /// <summary>Thread group and parent of a task; false when it is gone.</summary>
    public static bool TryRead(int tid, out int group, out int parent)
    {
        group = parent = 0;
        var fd = Files.Open(Encoding.ASCII.GetBytes($"/proc/{tid}/status\0"), OpenFlag.CloExec);
        if (fd < 0)
            return false;
        var buffer = new byte[1024];
        var length = Files.ReadAll(fd, buffer);
        Files.Close(fd);
        if (length <= 0)
            return false;
        var text = Encoding.ASCII.GetString(buffer, 0, (int)length);
        return Number(text, "\nTgid:", out group) && Number(text, "\nPPid:", out parent);
    }

    private static bool Number(string text, string label, out int value)
    {
        value = 0;
        var at = text.IndexOf(label, StringComparison.Ordinal);
        if (at < 0)
            return false;
        var end = text.IndexOf('\n', at + 1);
        return end > 0 && int.TryParse(text.AsSpan(at + label.Length, end - at - label.Length), out value);
    }
}
