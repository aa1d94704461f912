using System.Text;

namespace Vuos.Actors.Views;

/// <summary>Helpers on canonical byte paths (no trailing slash; the root is empty).</summary>
internal static class BytePath
{
    /// <summary>Whether <paramref name="path"/> is <paramref name="prefix"/> or lies below it, by whole components.</summary>
    public static bool IsAtOrBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> prefix) =>
        path.StartsWith(prefix) && (path.Length == prefix.Length || path[prefix.Length] == (byte)'/');

    /// <summary>The last component, empty for the root.</summary>
    public static ReadOnlySpan<byte> Name(ReadOnlySpan<byte> path) => path[(path.LastIndexOf((byte)'/') + 1)..];

    /// <summary>The parent; the root is its own.</summary>
    public static ReadOnlySpan<byte> Parent(ReadOnlySpan<byte> path) => path[..Math.Max(0, path.LastIndexOf((byte)'/'))];

    public static byte[] FromString(string path) => Encoding.UTF8.GetBytes(path);

    /// <summary>For people: "/" for the root; invalid UTF-8 is shown with replacement characters.</summary>
    public static string Display(ReadOnlySpan<byte> path) => path.IsEmpty ? "/" : Encoding.UTF8.GetString(path);

    /// <summary>Drops trailing slashes of an absolute path, doubled slashes and "." components; ".." is left alone.</summary>
    public static byte[] Tidy(ReadOnlySpan<byte> path)
    {
        var buffer = new PathBuffer(path.Length + 2);
        buffer.PushAll(path);
        return buffer.Span.ToArray();
    }

    /// <summary>A path without its trailing "/" or "/.".</summary>
    public static ReadOnlySpan<byte> WithoutTail(ReadOnlySpan<byte> path)
    {
        if (path.EndsWith("/."u8))
            path = path[..^2];
        return path.EndsWith("/"u8) ? path[..^1] : path;
    }
}

/// <summary>Byte-wise equality of byte paths, with look-ups by span.</summary>
internal sealed class BytePathComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static readonly BytePathComparer Instance = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

    public int GetHashCode(ReadOnlySpan<byte> span)
    {
        var hash = PathHash.Start;
        foreach (var b in span)
            hash = PathHash.Add(hash, b);
        return (int)hash;
    }
}

/// <summary>FNV-1a, extended one byte at a time so that every prefix of a path is hashed in one pass.</summary>
internal static class PathHash
{
    public const uint Start = 2166136261;

    public static uint Add(uint hash, byte b) => (hash ^ b) * 16777619;
}
