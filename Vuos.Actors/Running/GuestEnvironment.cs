using System.Runtime.InteropServices;
using System.Text;

namespace Vuos.Actors.Running;

/// <summary>The environment for the first guest: ours, byte for byte, with the guest commands appended to PATH.</summary>
internal static unsafe class GuestEnvironment
{
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

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string? Find(List<byte[]> environment, string name)
    {
        var prefix = Encoding.UTF8.GetBytes(name + "=");
        var entry = environment.Find(e => e.AsSpan().StartsWith(prefix));
        return entry is null ? null : Encoding.UTF8.GetString(entry.AsSpan(prefix.Length));
    }
}
