namespace Vuos.FileSystems.Examples;

/// <summary>
/// The names of a directory. Each has a number that grows in the order in which names are made; reading goes on after a number, so names that come and go meanwhile
/// neither hide others nor show them twice. Not locked: its file system is.
/// </summary>
internal sealed class MemoryDirectory(MemoryNode parent)
{
    /// <summary>Numbers of "." and "..".</summary>
    public const long Self = 1, Up = 2;

    private readonly Dictionary<byte[], Name> names = new(FileName.Comparer);
    private readonly List<Name> inOrder = [];
    private long last = Up;
    private int removed;

    /// <summary>What ".." is; the root's is itself.</summary>
    public MemoryNode Parent { get; set; } = parent;

    public int Count => names.Count;

    public MemoryNode? this[byte[] name] => names.GetValueOrDefault(name)?.Node;

    /// <summary>Adds a name, or gives it another node.</summary>
    public void Set(byte[] name, MemoryNode node)
    {
        if (names.TryGetValue(name, out var there))
        {
            there.Node = node;
            return;
        }

        var made = new Name(name, node, ++last);
        names.Add(name, made);
        inOrder.Add(made);
    }

    public void Remove(byte[] name)
    {
        if (!names.Remove(name, out var gone))
            return;
        gone.Removed = true;
        if (++removed > 64 && removed > inOrder.Count / 2)
        {
            inOrder.RemoveAll(static n => n.Removed);
            removed = 0;
        }
    }

    /// <summary>Up to <paramref name="most"/> names after a number, in order.</summary>
    public IEnumerable<(byte[] Name, MemoryNode Node, long Number)> After(long number, int most)
    {
        for (var i = IndexAfter(number); i < inOrder.Count && most > 0; i++)
        {
            if (inOrder[i] is not { Removed: false } name)
                continue;
            yield return (name.Text, name.Node, name.Number);
            most--;
        }
    }

    private int IndexAfter(long number)
    {
        var (low, high) = (0, inOrder.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (inOrder[middle].Number <= number)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }

    private sealed class Name(byte[] text, MemoryNode node, long number)
    {
        public readonly byte[] Text = text;
        public readonly long Number = number;
        public MemoryNode Node = node;
        public bool Removed;
    }
}
