namespace Vuos.FileSystems.Examples;

/// <summary>Content of a file in blocks; what was never written has none and reads as zeros. Not locked: its file system is.</summary>
internal sealed class SparseContent(BlockBudget budget)
{
    public const int BlockSize = 4096;

    private readonly Dictionary<long, byte[]> blocks = [];

    /// <summary>Bytes.</summary>
    public long Size { get; private set; }

    /// <summary>Blocks that exist.</summary>
    public long Count => blocks.Count;

    /// <summary>Bytes read: fewer than asked for only at the end.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        if (offset >= Size)
            return 0;
        buffer = buffer[..(int)Math.Min(buffer.Length, Size - offset)];
        for (var done = 0; done < buffer.Length;)
        {
            var (index, at, length) = Piece(offset + done, buffer.Length - done);
            var target = buffer.Slice(done, length);
            if (blocks.TryGetValue(index, out var block))
                block.AsSpan(at, length).CopyTo(target);
            else
                target.Clear();
            done += length;
        }

        return buffer.Length;
    }

    /// <summary>Bytes written: fewer than given when the budget is used up.</summary>
    public int Write(long offset, ReadOnlySpan<byte> data)
    {
        var done = 0;
        while (done < data.Length)
        {
            var (index, at, length) = Piece(offset + done, data.Length - done);
            if (!TryMake(index, out var block))
                break;
            data.Slice(done, length).CopyTo(block.AsSpan(at));
            done += length;
        }

        if (done > 0)
            Size = Math.Max(Size, offset + done);
        return done;
    }

    public void SetSize(long size)
    {
        if (size < Size)
            Punch(size, long.MaxValue - size);
        Size = size;
    }

    /// <summary>Gives a range blocks of its own; false: the budget is used up, and nothing changed.</summary>
    public bool Reserve(long offset, long length)
    {
        var made = new List<long>();
        for (var index = offset / BlockSize; index <= (offset + length - 1) / BlockSize; index++)
        {
            if (blocks.ContainsKey(index))
                continue;
            if (!TryMake(index, out _))
            {
                made.ForEach(Drop);
                return false;
            }

            made.Add(index);
        }

        return true;
    }

    /// <summary>Makes a range read as zeros, and gives back its whole blocks.</summary>
    public void Punch(long offset, long length)
    {
        var end = offset > long.MaxValue - length ? long.MaxValue : offset + length;
        var (first, last) = (offset / BlockSize, (end - 1) / BlockSize);
        // A hole of a terabyte has more numbers than blocks.
        var indexes = last - first < blocks.Count
            ? Enumerable.Range(0, (int)(last - first + 1)).Select(i => first + i).Where(blocks.ContainsKey)
            : blocks.Keys.Where(index => index >= first && index <= last);
        foreach (var index in indexes.ToArray())
        {
            var from = (int)Math.Max(0, offset - index * BlockSize);
            var to = (int)Math.Min(BlockSize, end - index * BlockSize);
            if (from == 0 && (to == BlockSize || end >= Size))
                Drop(index);
            else
                blocks[index].AsSpan(from, to - from).Clear();
        }
    }

    /// <summary>The first byte at or after <paramref name="offset"/> that has a block; null: there is none before the end.</summary>
    public long? NextData(long offset)
    {
        var index = offset / BlockSize;
        if (blocks.ContainsKey(index))
            return offset;
        var next = long.MaxValue;
        foreach (var other in blocks.Keys)
        {
            if (other > index)
                next = Math.Min(next, other);
        }

        return next == long.MaxValue || next * BlockSize >= Size ? null : next * BlockSize;
    }

    /// <summary>The first byte at or after <paramref name="offset"/> that has no block; the end of the file counts as one.</summary>
    public long NextHole(long offset)
    {
        var index = offset / BlockSize;
        if (!blocks.ContainsKey(index))
            return offset;
        while (blocks.ContainsKey(index))
            index++;
        return Math.Min(Size, index * BlockSize);
    }

    /// <summary>Gives everything back; the file is gone.</summary>
    public void Clear()
    {
        budget.Give(blocks.Count);
        blocks.Clear();
    }

    private static (long Index, int At, int Length) Piece(long offset, int left)
    {
        var at = (int)(offset % BlockSize);
        return (offset / BlockSize, at, Math.Min(left, BlockSize - at));
    }

    private bool TryMake(long index, out byte[] block)
    {
        if (blocks.TryGetValue(index, out block!))
            return true;
        if (!budget.Take())
            return false;
        blocks.Add(index, block = new byte[BlockSize]);
        return true;
    }

    private void Drop(long index)
    {
        blocks.Remove(index);
        budget.Give(1);
    }
}
