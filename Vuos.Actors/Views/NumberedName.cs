using System.Buffers.Text;

namespace Vuos.Actors.Views;

/// <summary>
/// Names of numbered devices beside a device's own, as the kernel makes them (block/partitions/core.c): <c>hda</c> has <c>hda1</c>; a name that ends with a digit gets a
/// <c>p</c> before the number, <c>nbd0p1</c>.
/// </summary>
internal static class NumberedName
{
    private const int MostDigits = 5;

    /// <summary>The device a name, or a path, is numbered after; the name itself if there is no number.</summary>
    public static ReadOnlySpan<byte> Device(ReadOnlySpan<byte> name)
    {
        var device = name.TrimEnd("0123456789"u8);
        return device.Length < name.Length && device is [.., >= (byte)'0' and <= (byte)'9', (byte)'p'] ? device[..^1] : device;
    }

    /// <summary>The number behind a device's name; null: it is none. 0 is the device itself, and has no name like that.</summary>
    public static int? Number(ReadOnlySpan<byte> suffix)
    {
        if (suffix is [(byte)'p', ..])
            suffix = suffix[1..];
        return suffix is [not (byte)'0', ..] && suffix.Length <= MostDigits && !suffix.ContainsAnyExceptInRange((byte)'0', (byte)'9') && Utf8Parser.TryParse(suffix, out int number, out _)
            ? number
            : null;
    }
}
