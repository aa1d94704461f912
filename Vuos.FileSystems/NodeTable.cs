namespace Vuos.FileSystems;

/// <summary>
/// The nodes of a file system by id, and when one may go: a node stays while the hypervisor knows it (look-ups it has not forgotten) and while something else holds it
/// (a name, an open file). May be used from any thread.
/// </summary>
/// <remarks>Ids are never used twice, so <see cref="NodeEntry.Generation"/> may stay 0. The root has <see cref="Root"/> and always stays.</remarks>
public sealed class NodeTable<T>
    where T : class
{
    /// <summary>Id of the root (FUSE_ROOT_ID), the default of <see cref="FileSystemTraits.Root"/>.</summary>
    public const ulong Root = 1;

    private readonly Lock gate = new();
    private readonly Dictionary<ulong, Slot> slots = [];
    private readonly Action<T>? gone;
    private ulong last = Root;

    /// <param name="root">The node of <see cref="Root"/>.</param>
    /// <param name="gone">Called with each node that goes, after it has left the table.</param>
    public NodeTable(T root, Action<T>? gone = null)
    {
        this.gone = gone;
        slots.Add(Root, new Slot(root) { Holds = 1 });
    }

    public int Count
    {
        get
        {
            lock (gate)
                return slots.Count;
        }
    }

    /// <summary>The node; null: there is none of that id (ESTALE).</summary>
    public T? this[ulong id]
    {
        get
        {
            lock (gate)
                return slots.GetValueOrDefault(id)?.Node;
        }
    }

    /// <summary>A new node, with one hold.</summary>
    public ulong Add(T node)
    {
        lock (gate)
        {
            slots.Add(++last, new Slot(node) { Holds = 1 });
            return last;
        }
    }

    /// <summary>To be called for each <see cref="NodeEntry"/> that is given out.</summary>
    public void LookedUp(ulong id)
    {
        lock (gate)
        {
            if (slots.TryGetValue(id, out var slot))
                slot.Lookups++;
        }
    }

    /// <summary><see cref="IFileSystem.Forget"/>. More than there were counts as all of them.</summary>
    public void Forget(ulong id, ulong lookups) => Release(id, slot => slot.Lookups -= Math.Min(lookups, slot.Lookups));

    /// <summary>One more name or open file.</summary>
    public void Hold(ulong id)
    {
        lock (gate)
        {
            if (slots.TryGetValue(id, out var slot))
                slot.Holds++;
        }
    }

    /// <summary>One name or open file less.</summary>
    public void Drop(ulong id) => Release(id, static slot => slot.Holds -= Math.Min(1, slot.Holds));

    private void Release(ulong id, Action<Slot> change)
    {
        Slot? slot;
        lock (gate)
        {
            if (!slots.TryGetValue(id, out slot))
                return;
            change(slot);
            if (slot.Holds > 0 || slot.Lookups > 0 || id == Root)
                return;
            slots.Remove(id);
        }

        gone?.Invoke(slot.Node);
    }

    private sealed class Slot(T node)
    {
        public readonly T Node = node;
        public ulong Lookups, Holds;
    }
}
