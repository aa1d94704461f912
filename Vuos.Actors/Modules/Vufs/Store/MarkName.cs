namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>
/// Names for *at calls below a layer's root or its marks, made in a caller's buffer. A name that is too long comes out without a NUL and PATH_MAX bytes long, so that
/// the kernel itself answers ENAMETOOLONG.
/// </summary>
internal static class MarkName
{
    /// <summary>PATH_MAX (include/uapi/linux/limits.h), the size every buffer must have.</summary>
    public const int Capacity = 4096;

    /// <summary>DEL, which umvu puts behind the name of an object for its attribute file.</summary>
    public const byte RecordEnd = 0x7F;

    /// <summary>The object at <paramref name="rel"/>; "." for the root.</summary>
    public static Span<byte> Of(ReadOnlySpan<byte> rel, Span<byte> buffer) => rel.IsEmpty ? Terminate("."u8, buffer, 1) : Copy(rel[1..], buffer, 0);

    /// <summary>The attribute file of <paramref name="rel"/>.</summary>
    public static Span<byte> Record(ReadOnlySpan<byte> rel, Span<byte> buffer) => Copy(rel.IsEmpty ? rel : rel[1..], buffer, 1);

    private static Span<byte> Copy(ReadOnlySpan<byte> text, Span<byte> buffer, int ends)
    {
        var length = Math.Min(text.Length, Capacity);
        text[..length].CopyTo(buffer);
        if (length + ends >= Capacity)
        {
            buffer[length..Capacity].Fill(RecordEnd);
            return buffer[..Capacity];
        }

        if (ends == 1)
            buffer[length] = RecordEnd;
        buffer[length + ends] = 0;
        return buffer[..(length + ends + 1)];
    }

    private static Span<byte> Terminate(ReadOnlySpan<byte> text, Span<byte> buffer, int length)
    {
        text.CopyTo(buffer);
        buffer[length] = 0;
        return buffer[..(length + 1)];
    }
}
