using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>
/// A file system in memory, as tmpfs is: everything that names, files and attributes can do. Gone when it is unmounted. Options: <c>size=</c> (bytes, or with k, m, g, t, %;
/// half of the memory), <c>mode=</c> (1777), <c>uid=</c>, <c>gid=</c>.
/// </summary>
/// <remarks>One lock guards it all: operations are short. Access times are those of making and of utimensat; reading does not change them (noatime).</remarks>
[FileSystem("vufusememory", Description = "a file system in memory")]
public sealed partial class MemoryFileSystem : IFileSystem
{
    /// <summary>Nobody but the hypervisor changes anything, so it may remember what it has seen.</summary>
    private static readonly TimeSpan Valid = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private NodeTable<MemoryNode> nodes = null!;
    private BlockBudget budget = null!;

    /// <summary>Nodes that exist; for tests.</summary>
    internal int NodeCount => nodes.Count;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async ValueTask<Answer<FileSystemTraits>> StartAsync(MountRequest request, CancellationToken cancel)
    {
        if (MemoryOptions.Parse(request, out var problem) is not { } options)
        {
            request.Say(problem);
            return Errno.EINVAL;
        }

        budget = new BlockBudget(options.Blocks);
        var root = new MemoryNode(FileType.Directory | options.Mode, new Caller(options.Uid, options.Gid, 0, 0)) { Id = NodeTable<MemoryNode>.Root };
        root.Directory = new MemoryDirectory(root);
        nodes = new NodeTable<MemoryNode>(root, Gone);
        return new FileSystemTraits { DefaultPermissions = true, MaxRead = 1 << 20, MaxWrite = 1 << 20 };
    }

    public async ValueTask<Answer<NodeEntry>> LookupAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            var error = Directory(parent, name, out var directory);
            if (error != Errno.None)
                return error;
            return directory.Directory![name] is { } node ? Entry(node) : Errno.ENOENT;
        }
    }

    public void Forget(ulong node, ulong lookups) => nodes.Forget(node, lookups);

    public async ValueTask<Answer<TimedAttributes>> GetAttributesAsync(ulong node, ulong? handle, Caller caller, CancellationToken cancel)
    {
        lock (gate)
            return nodes[node] is { } found ? new TimedAttributes(found.Attributes, Valid) : Errno.ESTALE;
    }

    public async ValueTask<Answer<TimedAttributes>> SetAttributesAsync(ulong node, ulong? handle, AttributeChange change, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            if (nodes[node] is not { } found)
                return Errno.ESTALE;
            if (change.Size is { } size)
            {
                if (found.Content is null)
                    return found.Directory is null ? Errno.EINVAL : Errno.EISDIR;
                if (size < 0)
                    return Errno.EINVAL;
                found.Content.SetSize(size);
                found.ModifyTime = TimeSpec.Now;
                if (caller.Uid != 0)
                    found.DropPrivileges();
            }

            if (change.Uid is not null || change.Gid is not null)
            {
                found.Uid = change.Uid ?? found.Uid;
                found.Gid = change.Gid ?? found.Gid;
                found.DropPrivileges();
            }

            if (change.Mode is { } mode)
                found.Mode = (found.Mode & FileType.Mask) | (mode & ~FileType.Mask);
            found.AccessTime = change.AccessNow ? TimeSpec.Now : change.AccessTime ?? found.AccessTime;
            found.ModifyTime = change.ModifyNow ? TimeSpec.Now : change.ModifyTime ?? found.ModifyTime;
            found.ChangeTime = change.ChangeTime ?? TimeSpec.Now;
            return new TimedAttributes(found.Attributes, Valid);
        }
    }

    public async ValueTask<Answer<byte[]>> ReadLinkAsync(ulong node, Caller caller, CancellationToken cancel)
    {
        lock (gate)
            return nodes[node] is not { } found ? Errno.ESTALE : found.Target is { } target ? target : Errno.EINVAL;
    }

    public async ValueTask<Answer<FileSystemStatus>> StatusAsync(ulong node, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            return new FileSystemStatus
            {
                BlockSize = SparseContent.BlockSize,
                FragmentSize = SparseContent.BlockSize,
                Blocks = budget.Limit,
                FreeBlocks = budget.Free,
                AvailableBlocks = budget.Free,
                Files = nodes.Count + budget.Free,
                FreeFiles = budget.Free,
                NameLength = FileName.MaxLength,
            };
        }
    }

    public ValueTask<Errno> SyncAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.None);

    public ValueTask<Errno> SyncDirectoryAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.None);

    public ValueTask<Errno> SyncAllAsync(CancellationToken cancel) => ValueTask.FromResult(Errno.None);

    private void Gone(MemoryNode node)
    {
        lock (gate)
            node.Content?.Clear();
    }

    /// <summary>The directory in which a name is to be looked for.</summary>
    private Errno Directory(ulong id, byte[] name, out MemoryNode directory)
    {
        directory = nodes[id]!;
        if (directory is null)
            return Errno.ESTALE;
        if (directory.Directory is null)
            return Errno.ENOTDIR;
        return name.Length > FileName.MaxLength ? Errno.ENAMETOOLONG : Errno.None;
    }

    private NodeEntry Entry(MemoryNode node)
    {
        nodes.LookedUp(node.Id);
        return new NodeEntry(node.Id, 0, node.Attributes, Valid, Valid);
    }
}
