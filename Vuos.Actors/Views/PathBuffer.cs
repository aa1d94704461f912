namespace Vuos.Actors.Views;

/// <summary>
/// A reusable, growing byte string for building paths on the tracer thread without allocating per call. Canonical paths are kept without a trailing slash,
/// so the root is the empty string and every component is preceded by one slash.
/// </summary>
internal sealed class PathBuffer(int capacity = 8192)
{
    [ThreadStatic]
    private static Stack<PathBuffer>? idle;

    private byte[] data = new byte[capacity];

    /// <summary>A buffer for the time of a computation; give it back with <see cref="Return"/>. Allocates only until a thread has as many as it needs at once.</summary>
    public static PathBuffer Rent() => (idle ??= new()).TryPop(out var buffer) ? buffer : new PathBuffer();

    public static void Return(PathBuffer buffer)
    {
        buffer.Clear();
        idle!.Push(buffer);
    }

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => data.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Truncate(int length) => Length = length;

    public void Set(ReadOnlySpan<byte> value)
    {
        Length = 0;
        Append(value);
    }

    public void Append(ReadOnlySpan<byte> value)
    {
        Reserve(value.Length);
        value.CopyTo(data.AsSpan(Length));
        Length += value.Length;
    }

    /// <summary>Appends "/" and a component.</summary>
    public void Push(ReadOnlySpan<byte> component)
    {
        Reserve(component.Length + 1);
        data[Length++] = (byte)'/';
        component.CopyTo(data.AsSpan(Length));
        Length += component.Length;
    }

    /// <summary>Appends the components of a path, but for empty ones and "."; ".." is a component like any other.</summary>
    public void PushAll(ReadOnlySpan<byte> path)
    {
        foreach (var range in path.Split((byte)'/'))
        {
            var component = path[range];
            if (!component.IsEmpty && !component.SequenceEqual("."u8))
                Push(component);
        }
    }

    /// <summary>Puts <paramref name="prefix"/> in the place of the first <paramref name="length"/> bytes.</summary>
    public void ReplacePrefix(int length, ReadOnlySpan<byte> prefix)
    {
        var rest = Length - length;
        Reserve(Math.Max(0, prefix.Length - length));
        data.AsSpan(length, rest).CopyTo(data.AsSpan(prefix.Length));
        prefix.CopyTo(data);
        Length = prefix.Length + rest;
    }

    /// <summary>Removes the last component, but nothing of the first <paramref name="floor"/> bytes.</summary>
    public void Pop(int floor = 0)
    {
        if (Length <= floor)
            return;
        var slash = Span[floor..].LastIndexOf((byte)'/');
        Length = slash < 0 ? floor : floor + slash;
    }

    /// <summary>The path as the kernel takes it: "/" for the root, NUL-terminated (the NUL is part of the span).</summary>
    public ReadOnlySpan<byte> ForKernel()
    {
        Reserve(2);
        if (Length == 0)
        {
            data[0] = (byte)'/';
            data[1] = 0;
            return data.AsSpan(0, 2);
        }

        data[Length] = 0;
        return data.AsSpan(0, Length + 1);
    }

    private void Reserve(int more)
    {
        if (Length + more + 2 > data.Length)
            Array.Resize(ref data, Math.Max(data.Length * 2, Length + more + 2));
    }
}
