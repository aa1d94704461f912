using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>The nodes that the hypervisor knows; names of one file are one node. May be used from any thread.</summary>
internal sealed class PassthroughNodes
{
    private readonly Lock gate = new();
    private readonly Dictionary<(ulong, ulong), PassthroughNode> byFile = [];
    private readonly HashSet<PassthroughNode> all = [];
    private readonly NodeTable<PassthroughNode> table;
    private readonly PassthroughDescriptors descriptors;
    private readonly TimeSpan valid;

    /// <param name="root">O_PATH descriptor of the source.</param>
    /// <param name="stat">Of the source.</param>
    /// <param name="valid">How long names and attributes may be remembered.</param>
    /// <param name="descriptors">Keeps the descriptors.</param>
    public PassthroughNodes(int root, in KernelStat stat, TimeSpan valid, PassthroughDescriptors descriptors)
    {
        (this.valid, this.descriptors) = (valid, descriptors);
        var node = new PassthroughNode(stat.Dev, stat.Ino) { Id = NodeTable<PassthroughNode>.Root };
        table = new NodeTable<PassthroughNode>(node, Gone);
        byFile.Add(node.Key, node);
        all.Add(node);
        // Never ended: the source is not looked for again.
        descriptors.Use(node, root);
    }

    public int Count => table.Count;

    /// <summary>
    /// Begins a use. ESTALE: there is no such node, or its descriptor was closed and it is not where it was seen last any more, as on NFS; or why it cannot be opened (EMFILE, EACCES, …).
    /// </summary>
    public PassthroughUse Use(ulong id)
    {
        if (table[id] is not { } node)
            return Errno.ESTALE;
        if (descriptors.TryUse(node))
            return new PassthroughUse(descriptors, node);
        // Up to what is open, then down again.
        var closed = new Stack<(PassthroughNode Node, byte[] Name)>();
        do
        {
            // Directories that were moved behind our back may seem to be in each other.
            if (node.Place is not { } place || closed.Count > table.Count)
                return Errno.ESTALE;
            closed.Push((node, place.Name));
            node = place.Parent;
        }
        while (!descriptors.TryUse(node));
        while (closed.TryPop(out var next))
        {
            var error = Reopen(node, next.Name, next.Node);
            descriptors.Release(node);
            if (error != Errno.None)
                return error;
            node = next.Node;
        }

        return new PassthroughUse(descriptors, node);
    }

    /// <summary>Opens a name of a directory: the descriptor, or a negated errno.</summary>
    public static long Open(int directory, byte[] name) =>
        Files.Open2(name, OpenFlag.Path | OpenFlag.NoFollow | OpenFlag.CloExec, OpenHow.Beneath | OpenHow.NoMagicLinks, directory);

    /// <summary>The entry of a file; takes over its O_PATH descriptor, also when that is an error.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="place">Where it was found; null: it has no name.</param>
    public Answer<NodeEntry> Enter(long descriptor, PassthroughPlace? place)
    {
        if (Sys.Failed(descriptor))
            return Sys.Error(descriptor);
        if (Sys.Error(Files.Stat(descriptor, out var stat)) is var error && error != Errno.None)
        {
            Files.Close(descriptor);
            return error;
        }

        lock (gate)
        {
            var known = byFile.TryGetValue((stat.Dev, stat.Ino), out var node) && descriptors.IsSame(node, descriptor);
            if (!known)
            {
                node = new PassthroughNode(stat.Dev, stat.Ino);
                node.Id = table.Add(node);
                all.Add(node);
                byFile[node.Key] = node;
            }

            // One that is new has no name yet, so this use goes on until it has one.
            descriptors.Use(node!, (int)descriptor);
            if (place is not null)
                Put(node!, place);
            table.LookedUp(node!.Id);
            if (known)
                descriptors.Release(node);
            else
                table.Drop(node.Id);
            return new NodeEntry(node.Id, 0, Attributes(stat), valid, valid);
        }
    }

    /// <summary>Begins a use of what has a name now, in a directory that is in use. ENOENT: that is no node.</summary>
    public PassthroughUse Named(PassthroughNode directory, byte[] name)
    {
        if (Sys.Failed(Files.Stat(name, out var stat, At.SymlinkNoFollow, directory.Descriptor)))
            return Errno.ENOENT;
        lock (gate)
        {
            if (!byFile.TryGetValue((stat.Dev, stat.Ino), out var node) || node.Id == NodeTable<PassthroughNode>.Root)
                return Errno.ENOENT;
            return descriptors.TryUse(node) || Reopen(directory, name, node) == Errno.None ? new PassthroughUse(descriptors, node) : Errno.ENOENT;
        }
    }

    /// <summary>A node has another name from now on.</summary>
    public void Move(PassthroughNode node, PassthroughPlace place)
    {
        lock (gate)
            Put(node, place);
    }

    /// <summary>A node lost a name. If it is the one it would be found by, its descriptor stays until it is forgotten or seen under another.</summary>
    public void Lose(in PassthroughUse use, PassthroughNode parent, byte[] name)
    {
        lock (gate)
        {
            if (use.Node.Place is not { } place || !place.Is(parent, name))
                return;
            use.Keep();
            use.Node.Place = null;
            table.Drop(parent.Id);
        }
    }

    /// <summary>A file of a node in use is opened: the node keeps its descriptor until <see cref="Closed"/>, and so stays that file whatever happens to its names.</summary>
    public void Opened(ulong id)
    {
        if (table[id] is { } node)
            descriptors.TryUse(node);
    }

    /// <summary>An open file of the node is closed.</summary>
    public void Closed(ulong id)
    {
        if (table[id] is { } node)
            descriptors.Release(node);
    }

    public void Forget(ulong id, ulong lookups)
    {
        lock (gate)
            table.Forget(id, lookups);
    }

    public void Close()
    {
        lock (gate)
        {
            foreach (var node in all)
                descriptors.Drop(node);
            all.Clear();
            byFile.Clear();
        }
    }

    public static NodeAttributes Attributes(in KernelStat stat) => new()
    {
        Inode = stat.Ino,
        Size = stat.Size,
        Blocks = stat.Blocks,
        AccessTime = new TimeSpec(stat.Atime, (uint)stat.AtimeNsec),
        ModifyTime = new TimeSpec(stat.Mtime, (uint)stat.MtimeNsec),
        ChangeTime = new TimeSpec(stat.Ctime, (uint)stat.CtimeNsec),
        Mode = stat.Mode,
        Links = (uint)stat.Nlink,
        Uid = stat.Uid,
        Gid = stat.Gid,
        Device = (uint)stat.Rdev,
        BlockSize = (uint)stat.BlkSize,
    };

    /// <summary>Opens a node again and begins its use. ESTALE: what has the name is another file.</summary>
    private Errno Reopen(PassthroughNode directory, byte[] name, PassthroughNode node)
    {
        var descriptor = Open(directory.Descriptor, name);
        if (Sys.Failed(descriptor))
            return Sys.Error(descriptor) is Errno.ENOENT or Errno.ENOTDIR ? Errno.ESTALE : Sys.Error(descriptor);
        if (!Sys.Failed(Files.Stat(descriptor, out var stat)) && node.Key == (stat.Dev, stat.Ino) && descriptors.IsSame(node, descriptor))
        {
            descriptors.Use(node, (int)descriptor);
            return Errno.None;
        }

        Files.Close(descriptor);
        return Errno.ESTALE;
    }

    /// <summary>Directories of nodes stay nodes. One that had no name may have its descriptor closed from now on. Runs inside the lock.</summary>
    private void Put(PassthroughNode node, PassthroughPlace place)
    {
        if (node.Id == NodeTable<PassthroughNode>.Root || node == place.Parent)
            return;
        table.Hold(place.Parent.Id);
        var old = node.Place;
        node.Place = place;
        if (old is not null)
            table.Drop(old.Parent.Id);
        else
            descriptors.Release(node);
    }

    /// <summary>Runs inside the lock, in <see cref="Forget"/> and whatever else drops a node.</summary>
    private void Gone(PassthroughNode node)
    {
        if (byFile.GetValueOrDefault(node.Key) == node)
            byFile.Remove(node.Key);
        all.Remove(node);
        descriptors.Drop(node);
        if (node.Place is { } place)
            table.Drop(place.Parent.Id);
    }
}
