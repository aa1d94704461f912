namespace Vuos.Actors.Tracing;

/// <summary>The strings and pointer arrays of one execve(2), laid out to be written into a guest in one piece.</summary>
internal sealed class ProgramImage
{
    private readonly byte[] image;
    private readonly List<int> pointers = [];

    public ProgramImage(ReadOnlySpan<byte> path, IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> environment)
    {
        var strings = path.Length + 1 + arguments.Sum(static a => a.Length + 1) + environment.Sum(static e => e.Length + 1);
        strings = (strings + 7) & ~7;
        image = new byte[strings + ((arguments.Count + environment.Count + 2) * 8)];
        path.CopyTo(image);
        var at = path.Length + 1;
        var slot = strings;
        Arguments = slot;
        Add(arguments, ref at, ref slot);
        Environment = slot;
        Add(environment, ref at, ref slot);
    }

    public int Length => image.Length;

    /// <summary>Offset of argv.</summary>
    public int Arguments { get; }

    /// <summary>Offset of envp.</summary>
    public int Environment { get; }

    /// <summary>The bytes for a place in memory; called once.</summary>
    public byte[] At(long address)
    {
        foreach (var pointer in pointers)
            BitConverter.TryWriteBytes(image.AsSpan(pointer), address + BitConverter.ToInt64(image, pointer));
        return image;
    }

    private void Add(IReadOnlyList<byte[]> strings, ref int at, ref int slot)
    {
        foreach (var text in strings)
        {
            text.CopyTo(image, at);
            BitConverter.TryWriteBytes(image.AsSpan(slot), (long)at);
            pointers.Add(slot);
            at += text.Length + 1;
            slot += 8;
        }

        slot += 8;
    }
}
