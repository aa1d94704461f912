using System.Runtime.InteropServices;
using System.Text;

namespace Vuos.Actors.Running;

/// <summary>The environment for the first guest: ours, byte for byte, with the guest commands appended to PATH.</summary>
internal static unsafe class GuestEnvironment
{
    /// <summary>U+FFFD, which stands for bytes that are not UTF-8.</summary>
    private const char Lost = '\uFFFD';

    public static List<byte[]> Read(string? guestCommands)
    {
        var entries = new List<byte[]>();
        var found = false;
        for (var p = *(byte***)NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "environ"); *p != null; p++)
        {
            var entry = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(*p);
            if (guestCommands is not null && entry.StartsWith("PATH="u8))
            {
                found = true;
                entries.Add([.. entry, .. entry.Length > 5 ? ":"u8 : ""u8, .. Encoding.UTF8.GetBytes(guestCommands)]);
            }
            else
            {
                entries.Add(entry.ToArray());
            }
        }

        if (!found && guestCommands is not null)
            entries.Add(Encoding.UTF8.GetBytes("PATH=/usr/local/bin:/usr/bin:/bin:" + guestCommands));
        return entries;
    }

    /// <summary>
    /// The command byte for byte. The runtime decodes arguments as UTF-8 and loses what is not; where that happened they are taken from the end of /proc/self/cmdline.
    /// </summary>
    public static List<byte[]> Arguments(IReadOnlyList<string> command)
    {
        var decoded = command.Select(Bytes).ToList();
        if (!command.Any(static a => a.Contains(Lost)))
            return decoded;
        var line = File.ReadAllBytes("/proc/self/cmdline");
        var raw = new List<byte[]>();
        foreach (var range in line.AsSpan().TrimEnd((byte)0).Split((byte)0))
            raw.Add(line[range]);
        // Every argument ends with a NUL: empty ones at the end were trimmed.
        for (var i = line.Length - 2; i >= 0 && line[i] == 0; i--)
            raw.Add([]);
        if (raw.Count < command.Count)
            return decoded;
        raw.RemoveRange(0, raw.Count - command.Count);
        return Enumerable.Range(0, command.Count).All(i => command[i].Contains(Lost) || raw[i].AsSpan().SequenceEqual(decoded[i])) ? raw : decoded;
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string? Find(List<byte[]> environment, string name)
    {
        var prefix = Encoding.UTF8.GetBytes(name + "=");
        var entry = environment.Find(e => e.AsSpan().StartsWith(prefix));
        return entry is null ? null : Encoding.UTF8.GetString(entry.AsSpan(prefix.Length));
    }
}
