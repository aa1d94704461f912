using System.Text;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>A file of the host, by an O_PATH descriptor: it stays the same file whatever happens to its names.</summary>
internal sealed class PassthroughNode(int descriptor, ulong device, ulong inode)
{
    public int Descriptor { get; } = descriptor;

    public (ulong Device, ulong Inode) Key => (device, inode);

    /// <summary>A path, with its NUL, for calls that take no such descriptor. It leads to the file itself, also when that is a symbolic link.</summary>
    public byte[] Path { get; } = Encoding.ASCII.GetBytes($"/proc/self/fd/{descriptor}\0");
}

/// <summary>The nodes in use; names of one file are one node. May be used from any thread.</summary>
internal sealed class PassthroughNodes
{
    private readonly Lock gate = new();
    private readonly Dictionary<(ulong, ulong), ulong> byFile = [];
    private readonly NodeTable<PassthroughNode> table;
    private readonly TimeSpan valid;

    /// <param name="root">O_PATH descriptor of the source.</param>
    /// <param name="stat">Of the source.</param>
    /// <param name="valid">How long names and attributes may be remembered.</param>
    public PassthroughNodes(int root, in KernelStat stat, TimeSpan valid)
    {
        this.valid = valid;
        table = new NodeTable<PassthroughNode>(new PassthroughNode(root, stat.Dev, stat.Ino), Gone);
        byFile.Add((stat.Dev, stat.Ino), NodeTable<PassthroughNode>.Root);
    }

    public int Count => table.Count;

    public PassthroughNode? this[ulong id] => table[id];

    /// <summary>The entry of a file; takes over its O_PATH descriptor, also when that is an error.</summary>
    public Answer<NodeEntry> Enter(long descriptor)
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
            var known = byFile.TryGetValue((stat.Dev, stat.Ino), out var id);
            if (!known)
            {
                id = table.Add(new PassthroughNode((int)descriptor, stat.Dev, stat.Ino));
                byFile.Add((stat.Dev, stat.Ino), id);
            }

            table.LookedUp(id);
            if (known)
                Files.Close(descriptor);
            else
                table.Drop(id);
            return new NodeEntry(id, 0, Attributes(stat), valid, valid);
        }
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
            foreach (var id in byFile.Values)
            {
                if (table[id] is { } node)
                    Files.Close(node.Descriptor);
            }

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

    /// <summary>Runs inside <see cref="Forget"/>'s lock.</summary>
    private void Gone(PassthroughNode node)
    {
        byFile.Remove(node.Key);
        Files.Close(node.Descriptor);
    }
}
