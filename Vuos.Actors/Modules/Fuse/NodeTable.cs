using System.Runtime.InteropServices;
using Vuos.Native.Fuse;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>
/// What is known of the server's nodes: their type, which may not change, and how many look-ups the server counts. A server that is told to forget more than it gave out would crash
/// or free what is in use, so this is the last place that sees to it.
/// </summary>
internal sealed class NodeTable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, (uint Type, ulong Lookups)> _nodes = [];

    public NodeTable(uint rootMode) => _nodes[FuseProtocol.RootId] = (rootMode & FileType.Mask, 0);

    /// <summary>One look-up more. A node of another type under an old id is a new node: the server has used the id again.</summary>
    public void Count(ulong node, uint mode)
    {
        lock (_lock)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_nodes, node, out _);
            known = (mode & FileType.Mask, known.Lookups + 1);
        }
    }

    /// <summary>How many of <paramref name="lookups"/> the server has to be told of.</summary>
    public ulong Forget(ulong node, ulong lookups)
    {
        lock (_lock)
        {
            if (node == FuseProtocol.RootId || !_nodes.TryGetValue(node, out var known))
                return 0;
            var told = Math.Min(lookups, known.Lookups);
            if (known.Lookups == told)
                _nodes.Remove(node);
            else
                _nodes[node] = known with { Lookups = known.Lookups - told };
            return told;
        }
    }

    /// <summary>Type bits of st_mode; 0: not known.</summary>
    public uint Type(ulong node)
    {
        lock (_lock)
            return _nodes.TryGetValue(node, out var known) ? known.Type : 0;
    }

    public bool IsDirectory(ulong node) => Type(node) == FileType.Directory;

    /// <summary>inode_wrong_type: attributes of another type than the node has.</summary>
    public bool WrongType(ulong node, uint mode) => Type(node) is > 0 and var type && type != (mode & FileType.Mask);
}
