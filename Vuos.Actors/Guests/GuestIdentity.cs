using System.Globalization;
using System.Text;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Guests;

/// <summary>
/// File-system ids of a guest thread whose ids may differ from ours, so that the kernel can judge what is done for it: <see cref="Assume"/> gives them to the calling
/// thread (setfsuid(2), setfsgid(2) and setgroups(2) as raw calls change one thread only).
/// </summary>
internal sealed record GuestIdentity(uint Uid, uint Gid, uint[] Groups)
{
    /// <summary>From /proc/TID/status (proc(5)), or null when the thread is gone.</summary>
    public static GuestIdentity? Of(int tid)
    {
        uint? uid = null, gid = null;
        uint[] groups = [];
        try
        {
            foreach (var line in File.ReadLines($"/proc/{tid}/status", Encoding.Latin1))
            {
                var colon = line.IndexOf(':');
                var words = colon < 0 ? [] : line[(colon + 1)..].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
                switch (colon < 0 ? "" : line[..colon])
                {
                    // Real, effective, saved, file system.
                    case "Uid":
                        uid = uint.Parse(words[3], CultureInfo.InvariantCulture);
                        break;
                    case "Gid":
                        gid = uint.Parse(words[3], CultureInfo.InvariantCulture);
                        break;
                    case "Groups":
                        groups = [.. words.Select(static w => uint.Parse(w, CultureInfo.InvariantCulture))];
                        break;
                }
            }
        }
        catch (IOException)
        {
            return null;
        }

        return uid is { } u && gid is { } g ? new GuestIdentity(u, g, groups) : null;
    }

    /// <summary>The file mode creation mask of a thread (umask(2)), or 0 when it is gone.</summary>
    public static uint Umask(int tid)
    {
        try
        {
            var line = File.ReadLines($"/proc/{tid}/status").FirstOrDefault(static l => l.StartsWith("Umask:", StringComparison.Ordinal));
            return line is null ? 0 : Convert.ToUInt32(line[6..].Trim(), 8);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>The calling thread acts as this guest until the result is disposed of, on the same thread; null acts as ourselves.</summary>
    public static Assumed Assume(GuestIdentity? identity) => new(identity);

    internal readonly ref struct Assumed
    {
        private readonly long uid = -1, gid = -1;
        private readonly uint[]? groups;

        public unsafe Assumed(GuestIdentity? identity)
        {
            if (identity is null)
                return;
            var count = Sys.Call(Nr.Getgroups, 0, 0);
            groups = new uint[Math.Max(0, count)];
            fixed (uint* own = groups)
                Sys.Call(Nr.Getgroups, groups.Length, (long)own);
            fixed (uint* theirs = identity.Groups)
                Sys.Call(Nr.Setgroups, identity.Groups.Length, (long)theirs);
            gid = Sys.Call(Nr.Setfsgid, identity.Gid);
            // Last: leaving 0 drops the capabilities that override file permissions.
            uid = Sys.Call(Nr.Setfsuid, identity.Uid);
        }

        public unsafe void Dispose()
        {
            if (groups is null)
                return;
            Sys.Call(Nr.Setfsuid, uid);
            Sys.Call(Nr.Setfsgid, gid);
            fixed (uint* own = groups)
                Sys.Call(Nr.Setgroups, groups.Length, (long)own);
        }
    }
}
