namespace Vuos.Guest.Text;

/// <summary>
/// Byte strings held in <see cref="string"/>: one char is one byte (0…255). Paths and names on Linux are bytes without an encoding, so
/// every argument is turned into this form at the start and goes out unchanged, be it valid UTF-8 or not.
/// </summary>
internal static unsafe class ByteText
{
    /// <summary>The UTF-8 bytes of an ordinary string, as a byte string.</summary>
    public static string FromUnicode(string text)
    {
        foreach (var c in text)
        {
            if (c >= 0x80)
            {
                return FromBytes(System.Text.Encoding.UTF8.GetBytes(text));
            }
        }

        return text;
    }

    /// <summary>Each byte as one char.</summary>
    public static string FromBytes(ReadOnlySpan<byte> bytes)
    {
        var result = new string('\0', bytes.Length);
        fixed (char* chars = result)
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                chars[i] = (char)bytes[i];
            }
        }

        return result;
    }

    /// <summary>The bytes up to the first NUL (or all of them), as a byte string.</summary>
    public static string FromTerminated(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return FromBytes(end < 0 ? bytes : bytes[..end]);
    }

    /// <summary>The bytes of a byte string, followed by a NUL.</summary>
    public static byte[] Terminated(string text)
    {
        var bytes = new byte[text.Length + 1];
        for (var i = 0; i < text.Length; i++)
        {
            bytes[i] = (byte)text[i];
        }

        return bytes;
    }
}
