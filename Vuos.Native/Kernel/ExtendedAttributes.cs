namespace Vuos.Native.Kernel;

/// <summary>xattr(7) on NUL-terminated paths; links are followed.</summary>
public static unsafe class ExtendedAttributes
{
    /// <summary>Longest list of names and longest value (include/uapi/linux/limits.h).</summary>
    public const int ListMax = 65536, ValueMax = 65536;

    /// <summary>listxattr(2): the length of the names, each ended by a NUL, or a negated errno.</summary>
    public static long List(ReadOnlySpan<byte> path, Span<byte> names)
    {
        fixed (byte* p = path, n = names)
            return Sys.Call(Nr.Listxattr, (long)p, (long)n, names.Length);
    }

    /// <summary>getxattr(2): the length of the value, or a negated errno.</summary>
    public static long Get(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, Span<byte> value)
    {
        fixed (byte* p = path, n = name, v = value)
            return Sys.Call(Nr.Getxattr, (long)p, (long)n, (long)v, value.Length);
    }

    /// <summary>setxattr(2), creating or replacing; <paramref name="flags"/>: XATTR_CREATE (1), XATTR_REPLACE (2).</summary>
    public static long Set(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, uint flags = 0)
    {
        fixed (byte* p = path, n = name, v = value)
            return Sys.Call(Nr.Setxattr, (long)p, (long)n, (long)v, value.Length, flags);
    }

    /// <summary>removexattr(2).</summary>
    public static long Remove(ReadOnlySpan<byte> path, ReadOnlySpan<byte> name)
    {
        fixed (byte* p = path, n = name)
            return Sys.Call(Nr.Removexattr, (long)p, (long)n);
    }
}
