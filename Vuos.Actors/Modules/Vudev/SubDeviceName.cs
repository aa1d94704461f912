using System.Buffers.Text;
using System.Text;

namespace Vuos.Actors.Modules.Vudev;

/// <summary>
/// Names of numbered devices beside the mount point, as the kernel makes them (block/partitions/core.c): <c>hda</c> has <c>hda1</c>; a name that ends with a digit gets a
/// <c>p</c> before the number, <c>nbd0p1</c>. <c>hda0</c> is <c>hda</c> itself.
/// </summary>
internal static class SubDeviceName
{
    /// <summary>The number a name stands for beside a device's; null: it is no such name, or the device's own.</summary>
    public static int? Parse(ReadOnlySpan<byte> device, ReadOnlySpan<byte> name)
    {
        if (device.IsEmpty || !name.StartsWith(device))
            return null;
        var digits = name[device.Length..];
        if (char.IsAsciiDigit((char)device[^1]))
        {
            if (digits.IsEmpty || digits[0] != (byte)'p')
                return null;
            digits = digits[1..];
        }

        if (digits.IsEmpty || digits.Length > 5 || (digits[0] == (byte)'0' && digits.Length > 1) || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9'))
            return null;
        return Utf8Parser.TryParse(digits, out int number, out _) ? number : null;
    }

    /// <summary>The name of a number; of 0 the device's own.</summary>
    public static byte[] Of(ReadOnlySpan<byte> device, int number)
    {
        if (number == 0 || device.IsEmpty)
            return device.ToArray();
        var separator = char.IsAsciiDigit((char)device[^1]) ? "p" : "";
        return [.. device, .. Encoding.ASCII.GetBytes($"{separator}{number}")];
    }
}
