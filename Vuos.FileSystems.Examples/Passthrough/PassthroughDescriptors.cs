using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>
/// The O_PATH descriptors of nodes. One per node would be too many for a large tree (RLIMIT_NOFILE; EMFILE for everything in this process): those that no operation uses are
/// closed, the longest unused first, when there are more than <paramref name="most"/>. Safe from any thread.
/// </summary>
internal sealed class PassthroughDescriptors(int most)
{
    private const int Greatest = 16_384;

    private readonly Lock gate = new();
    private readonly LinkedList<PassthroughNode> idle = new();

    /// <summary>Those of all such file systems of the process: a quarter of what it may open, as the rest of it opens files too.</summary>
    public static PassthroughDescriptors Shared { get; } = new((int)Math.Clamp((DescriptorLimits.TryRead(0, out var limit, out _) ? limit : 1024) / 4, 16, Greatest));

    /// <summary>Descriptors that are open and not in use.</summary>
    public int IdleCount
    {
        get
        {
            lock (gate)
                return idle.Count;
        }
    }

    /// <summary>Begins a use, if the node has a descriptor.</summary>
    public bool TryUse(PassthroughNode node)
    {
        lock (gate)
        {
            if (node.Descriptor < 0)
                return false;
            Begin(node);
            return true;
        }
    }

    /// <summary>Begins a use, with a descriptor of the node that has just been opened: it is the node's now, or closed if there is another.</summary>
    public void Use(PassthroughNode node, int descriptor)
    {
        lock (gate)
        {
            if (node.Descriptor < 0)
                node.Descriptor = descriptor;
            else
                Files.Close(descriptor);
            Begin(node);
        }
    }

    /// <summary>Whether an open file is the node, whose numbers it has: numbers are given again once a file is gone, which it cannot be while there is a descriptor of it.</summary>
    public bool IsSame(PassthroughNode node, long descriptor)
    {
        lock (gate)
            return node.Descriptor >= 0 || node.Birth == OpenFiles.Birth(descriptor);
    }

    /// <summary>Ends a use.</summary>
    public void Release(PassthroughNode node)
    {
        lock (gate)
        {
            if (--node.Users > 0 || node.Descriptor < 0)
                return;
            node.Idle = idle.AddLast(node);
            while (idle.Count > most)
            {
                var oldest = idle.First!.Value;
                oldest.Birth = OpenFiles.Birth(oldest.Descriptor);
                Close(oldest);
            }
        }
    }

    /// <summary>The node is gone.</summary>
    public void Drop(PassthroughNode node)
    {
        lock (gate)
        {
            if (node.Descriptor >= 0)
                Close(node);
        }
    }

    private void Begin(PassthroughNode node)
    {
        node.Users++;
        if (node.Idle is not { } place)
            return;
        idle.Remove(place);
        node.Idle = null;
    }

    private void Close(PassthroughNode node)
    {
        if (node.Idle is { } place)
            idle.Remove(place);
        node.Idle = null;
        Files.Close(node.Descriptor);
        node.Descriptor = -1;
    }
}
