using System.Globalization;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls;

/// <summary>A line of /proc/PID/maps that is of a file (proc(5)): addresses, and the device and inode number of what is mapped.</summary>
internal readonly record struct MapLine(ulong Begin, ulong End, ulong Device, ulong Inode)
{
    /// <summary>False: it is of no file, or not understood.</summary>
    public static bool TryParse(ReadOnlySpan<char> line, out MapLine map)
    {
        const NumberStyles Hex = NumberStyles.AllowHexSpecifier;
        map = default;
        Span<Range> fields = stackalloc Range[6];
        if (line.Split(fields, ' ', StringSplitOptions.RemoveEmptyEntries) < 5)
            return false;
        var addresses = line[fields[0]];
        var device = line[fields[3]];
        var (dash, colon) = (addresses.IndexOf('-'), device.IndexOf(':'));
        if (dash < 0 || colon < 0
            || !ulong.TryParse(addresses[..dash], Hex, CultureInfo.InvariantCulture, out var begin)
            || !ulong.TryParse(addresses[(dash + 1)..], Hex, CultureInfo.InvariantCulture, out var end)
            || !uint.TryParse(device[..colon], Hex, CultureInfo.InvariantCulture, out var major)
            || !uint.TryParse(device[(colon + 1)..], Hex, CultureInfo.InvariantCulture, out var minor)
            || !ulong.TryParse(line[fields[4]], CultureInfo.InvariantCulture, out var inode))
            return false;
        map = new MapLine(begin, end, DeviceNumber.Make(major, minor), inode);
        return inode != 0;
    }
}
