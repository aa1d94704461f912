using System.Text;

namespace Vuos.FileSystems;

/// <summary>Names of files: bytes to the kernel, mostly UTF-8 to people.</summary>
public static class FileName
{
    /// <summary>Bytes of the longest name (NAME_MAX, include/uapi/linux/limits.h).</summary>
    public const int MaxLength = 255;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Compares names byte by byte, for dictionaries: <c>new Dictionary&lt;byte[], Node&gt;(FileName.Comparer)</c>.</summary>
    public static IEqualityComparer<byte[]> Comparer { get; } = new ByBytes();

    public static byte[] Bytes(string name) => Encoding.UTF8.GetBytes(name);

    /// <summary>The name as text; null when it is no UTF-8, so that two names never become one.</summary>
    public static string? Text(ReadOnlySpan<byte> name)
    {
        try
        {
            return Strict.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private sealed class ByBytes : IEqualityComparer<byte[]>
    {
        public bool Equals(byte[]? a, byte[]? b) => a.AsSpan().SequenceEqual(b);

        public int GetHashCode(byte[] name)
        {
            var hash = new HashCode();
            hash.AddBytes(name);
            return hash.ToHashCode();
        }
    }
}
