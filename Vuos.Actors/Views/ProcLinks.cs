using System.Buffers.Text;
using Vuos.Actors.Guests;

namespace Vuos.Actors.Views;

/// <summary>Which entry of /proc/PID a host path names.</summary>
internal enum ProcEntry : byte
{
    None, Self, ThreadSelf, Cwd, Root, Exe, Fd, Mounts, MountInfo, MountStats, Maps, Other,
}

/// <summary>
/// The links of /proc that the kernel resolves without text ("magic links", proc(5)) and those that mean the reader itself. They are answered from the view, because
/// their text on the host is not a view path, and /proc/self read by the hypervisor would be the hypervisor.
/// </summary>
internal static class ProcLinks
{
    private static readonly byte[] Slash = [(byte)'/'];

    /// <summary>Takes a host path apart. <paramref name="pid"/> is the process or thread named; 0 for /proc/self and /proc/thread-self.</summary>
    public static ProcEntry Parse(ReadOnlySpan<byte> host, out int pid, out int fd)
    {
        pid = 0;
        fd = -1;
        if (!host.StartsWith("/proc/"u8))
            return ProcEntry.None;
        var rest = host[6..];
        if (rest.SequenceEqual("self"u8))
            return ProcEntry.Self;
        if (rest.SequenceEqual("thread-self"u8))
            return ProcEntry.ThreadSelf;
        if (!TakeNumber(ref rest, out pid))
            return ProcEntry.None;
        if (rest.StartsWith("/task/"u8))
        {
            rest = rest[6..];
            if (!TakeNumber(ref rest, out pid))
                return ProcEntry.None;
        }

        if (!rest.IsEmpty && rest[0] != (byte)'/')
            return ProcEntry.None;

        if (rest.SequenceEqual("/cwd"u8))
            return ProcEntry.Cwd;
        if (rest.SequenceEqual("/root"u8))
            return ProcEntry.Root;
        if (rest.SequenceEqual("/exe"u8))
            return ProcEntry.Exe;
        if (rest.SequenceEqual("/mounts"u8))
            return ProcEntry.Mounts;
        if (rest.SequenceEqual("/mountinfo"u8))
            return ProcEntry.MountInfo;
        if (rest.SequenceEqual("/mountstats"u8))
            return ProcEntry.MountStats;
        if (rest.SequenceEqual("/maps"u8) || rest.SequenceEqual("/smaps"u8) || rest.SequenceEqual("/numa_maps"u8))
            return ProcEntry.Maps;
        if (rest.StartsWith("/fd/"u8))
        {
            rest = rest[4..];
            if (TakeNumber(ref rest, out fd) && rest.IsEmpty)
                return ProcEntry.Fd;
        }

        return ProcEntry.Other;
    }

    /// <summary>
    /// The text of a /proc link as <paramref name="reader"/> must see it while walking: its length in <paramref name="text"/>, or 0 when the host's own text serves.
    /// <paramref name="keep"/>: with 0, the link must stay as it is for the kernel to follow; with a length, the text is a view path from the true root.
    /// </summary>
    public static int TryExpand(ReadOnlySpan<byte> host, GuestThread reader, Func<int, GuestProcess?> findProcess, bool final, Span<byte> text,
        out bool keep)
    {
        keep = false;
        var entry = Parse(host, out var pid, out _);
        switch (entry)
        {
            case ProcEntry.Self:
                Utf8Formatter.TryFormat(reader.Process.Pid, text, out var length);
                return length;
            case ProcEntry.ThreadSelf:
                Utf8Formatter.TryFormat(reader.Process.Pid, text, out var first);
                "/task/"u8.CopyTo(text[first..]);
                Utf8Formatter.TryFormat(reader.Tid, text[(first + 6)..], out var second);
                return first + 6 + second;
            case ProcEntry.Cwd or ProcEntry.Root:
                if (findProcess(pid) is not { } process || (entry == ProcEntry.Cwd && process.Fs.Cwd is null))
                    return 0;
                var path = entry == ProcEntry.Cwd ? process.Fs.Cwd.AsSpan() : process.Fs.Root.AsSpan();
                keep = true;
                if (path.IsEmpty)
                    path = Slash;
                // Longer than any text of a link: the kernel follows it to the directory itself.
                if (path.Length > text.Length)
                    return 0;
                path.CopyTo(text);
                return path.Length;
            case ProcEntry.Exe or ProcEntry.Fd when final:
            case ProcEntry.Other when final:
                // Followed by the kernel: the object need not have a name at all.
                keep = entry != ProcEntry.Other || host.Contains("/ns/"u8) || host.Contains("/map_files/"u8);
                return 0;
            default:
                return 0;
        }
    }

    /// <summary>A number as the kernel writes it: no sign, no leading zero (proc(5) names are compared as text).</summary>
    private static bool TakeNumber(ref ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        if (text.IsEmpty || !char.IsAsciiDigit((char)text[0]) || (text[0] == (byte)'0' && text.Length > 1 && char.IsAsciiDigit((char)text[1])))
            return false;
        if (!Utf8Parser.TryParse(text, out number, out var used) || used == 0)
            return false;
        text = text[used..];
        return true;
    }
}

internal static class ByteSearch
{
    public static bool Contains(this ReadOnlySpan<byte> text, ReadOnlySpan<byte> part) => text.IndexOf(part) >= 0;
}
