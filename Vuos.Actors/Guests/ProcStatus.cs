using System.Globalization;
using System.Text;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Guests;

/// <summary>The few lines of /proc/PID/status that matter (proc(5)).</summary>
internal static class ProcStatus
{
    /// <summary>SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU.</summary>
    private const ulong Stops = 0xFul << (19 - 1);

    /// <summary>Signals whose default action ends nothing (signal(7)): SIGCHLD, SIGCONT, those that stop, SIGURG, SIGWINCH.</summary>
    private const ulong NotFatal = (1ul << (17 - 1)) | (1ul << (18 - 1)) | Stops | (1ul << (23 - 1)) | (1ul << (28 - 1));

    /// <summary>Thread group and parent of a task; false when it is gone.</summary>
    public static bool TryRead(int tid, out int group, out int parent)
    {
        group = parent = 0;
        return Read(tid) is { } text && Number(text, "\nTgid:", out group) && Number(text, "\nPPid:", out parent);
    }

    /// <summary>What the signals that wait for a task, and that it does not block, will do to it.</summary>
    public static PendingSignals Pending(int tid)
    {
        if (Read(tid) is not { } text)
            return PendingSignals.None;
        var pending = (Mask(text, "\nSigPnd:") | Mask(text, "\nShdPnd:")) & ~(Mask(text, "\nSigBlk:") | Mask(text, "\nSigIgn:"));
        var caught = Mask(text, "\nSigCgt:");
        return (pending & ~caught & ~NotFatal) != 0 ? PendingSignals.Fatal : (pending & (caught | Stops)) != 0 ? PendingSignals.Handled : PendingSignals.None;
    }

    /// <summary>How many seccomp filters a task has; -1: the kernel does not tell (before 5.9), or it is gone.</summary>
    public static int FilterCount(int tid) => Read(tid) is { } text && Number(text, "\nSeccomp_filters:", out var count) ? count : -1;

    /// <summary>Null: it is gone.</summary>
    private static string? Read(int tid)
    {
        var fd = Files.Open(Encoding.ASCII.GetBytes($"/proc/{tid}/status\0"), OpenFlag.CloExec);
        if (fd < 0)
            return null;
        var buffer = new byte[4096];
        var length = Files.ReadAll(fd, buffer);
        Files.Close(fd);
        return length > 0 ? Encoding.ASCII.GetString(buffer, 0, (int)length) : null;
    }

    private static ulong Mask(string text, string label)
    {
        var at = text.IndexOf(label, StringComparison.Ordinal);
        var end = at < 0 ? -1 : text.IndexOf('\n', at + 1);
        return end > 0 && ulong.TryParse(text.AsSpan(at + label.Length, end - at - label.Length), NumberStyles.AllowHexSpecifier | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var mask)
            ? mask
            : 0;
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

/// <summary>What waits for a task.</summary>
internal enum PendingSignals
{
    /// <summary>Nothing, or only what will be ignored.</summary>
    None,

    /// <summary>A handler will run, or the task will stop.</summary>
    Handled,

    /// <summary>It will be killed.</summary>
    Fatal,
}
