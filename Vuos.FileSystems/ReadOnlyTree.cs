using System.Collections.Concurrent;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems;

/// <summary>
/// The short way to a file system that only shows something: say what the nodes are, and this does ids, look-up counts and listings. What changes something answers EROFS.
/// </summary>
/// <typeparam name="T">What stands for a file or directory: an object, a record, a path. Equal values are the same file.</typeparam>
/// <remarks>The methods may be called on any thread and at the same time. Whoever has to wait for something (a network) implements <see cref="IFileSystem"/> itself.</remarks>
public abstract class ReadOnlyTree<T> : IFileSystem
    where T : class
{
    private readonly Lock gate = new();
    private readonly Dictionary<T, ulong> ids = [];
    private readonly ConcurrentDictionary<ulong, IReadOnlyList<DirectoryEntry>> listings = [];
    private readonly TimeSpec started = TimeSpec.Now;
    private NodeTable<T>? nodes;
    private ulong lastListing;

    /// <summary>How long names and attributes may be remembered; zero: they are asked for each time.</summary>
    protected virtual TimeSpan Valid => TimeSpan.FromSeconds(1);

    /// <summary>Called once. ENOENT, EINVAL, …: the mount is refused; <see cref="MountRequest.Say"/> tells the user why.</summary>
    /// <param name="request">Source and options of the mount.</param>
    /// <param name="root">The directory at the mount point.</param>
    protected abstract Errno Start(MountRequest request, out T root);

    /// <summary>
    /// <see cref="NodeAttributes.Directory"/>, <see cref="NodeAttributes.File"/> or <see cref="NodeAttributes.Link"/>, changed where needed. An inode number and times that are
    /// left out are made up.
    /// </summary>
    protected abstract NodeAttributes Describe(T node);

    /// <summary>The file of that name; null: there is none.</summary>
    protected abstract T? Find(T directory, string name);

    /// <summary>What is in a directory, without "." and "..".</summary>
    protected abstract IEnumerable<(string Name, T Node)> List(T directory);

    /// <summary>Fills <paramref name="buffer"/> from a file: bytes read, fewer than asked for only at the end of the file.</summary>
    protected abstract int Read(T file, long offset, Span<byte> buffer);

    /// <summary>Target of a symbolic link.</summary>
    protected virtual string? ReadLink(T link) => null;

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    public ValueTask<Answer<FileSystemTraits>> StartAsync(MountRequest request, CancellationToken cancel)
    {
        var error = Start(request, out var root);
        if (error != Errno.None)
            return (Answer<FileSystemTraits>)error;
        nodes = new NodeTable<T>(root);
        ids[root] = NodeTable<T>.Root;
        return (Answer<FileSystemTraits>)new FileSystemTraits { DefaultPermissions = true, ReadOnly = true };
    }

    public ValueTask<Answer<NodeEntry>> LookupAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        if (Node(parent) is not { } directory)
            return (Answer<NodeEntry>)Errno.ESTALE;
        return FileName.Text(name) is { } text && Find(directory, text) is { } found
            ? (Answer<NodeEntry>)Entry(found)
            : (Answer<NodeEntry>)Errno.ENOENT;
    }

    public void Forget(ulong node, ulong lookups)
    {
        lock (gate)
        {
            if (Node(node) is not { } value)
                return;
            nodes!.Forget(node, lookups);
            if (Node(node) is null)
                ids.Remove(value);
        }
    }

    public ValueTask<Answer<TimedAttributes>> GetAttributesAsync(ulong node, ulong? handle, Caller caller, CancellationToken cancel) =>
        Node(node) is { } value ? (Answer<TimedAttributes>)new TimedAttributes(Attributes(node, value), Valid) : (Answer<TimedAttributes>)Errno.ESTALE;

    public ValueTask<Answer<byte[]>> ReadLinkAsync(ulong node, Caller caller, CancellationToken cancel) =>
        Node(node) is { } value && ReadLink(value) is { } target ? (Answer<byte[]>)FileName.Bytes(target) : (Answer<byte[]>)Errno.EINVAL;

    public ValueTask<Answer<OpenResult>> OpenAsync(ulong node, int flags, Caller caller, CancellationToken cancel) =>
        (flags & OpenFlag.AccessMode) == 0 ? (Answer<OpenResult>)default(OpenResult) : (Answer<OpenResult>)Errno.EROFS;

    public ValueTask<Answer<int>> ReadAsync(ulong node, ulong handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel) =>
        Node(node) is { } value ? (Answer<int>)Read(value, offset, buffer.Span) : (Answer<int>)Errno.ESTALE;

    public ValueTask<Answer<OpenResult>> OpenDirectoryAsync(ulong node, int flags, Caller caller, CancellationToken cancel)
    {
        if (Node(node) is not { } directory)
            return (Answer<OpenResult>)Errno.ESTALE;
        // The names as they are now: a reader sees each once, whatever comes and goes meanwhile.
        var listing = new List<DirectoryEntry>();
        foreach (var (name, child) in List(directory))
        {
            var attributes = Describe(child);
            listing.Add(new DirectoryEntry(FileName.Bytes(name), attributes.Inode == 0 ? 1 : attributes.Inode, attributes.Mode & FileType.Mask, listing.Count + 1));
        }

        var handle = Interlocked.Increment(ref lastListing);
        listings[handle] = listing;
        return (Answer<OpenResult>)new OpenResult(handle);
    }

    public ValueTask<Answer<IReadOnlyList<DirectoryEntry>>> ReadDirectoryAsync(ulong node, ulong handle, long offset, bool plus, Caller caller, CancellationToken cancel)
    {
        if (!listings.TryGetValue(handle, out var listing))
            return (Answer<IReadOnlyList<DirectoryEntry>>)Errno.EBADF;
        return (Answer<IReadOnlyList<DirectoryEntry>>)listing.Skip((int)Math.Min(offset, int.MaxValue)).ToArray();
    }

    public ValueTask<Errno> ReleaseDirectoryAsync(ulong node, ulong handle)
    {
        listings.TryRemove(handle, out _);
        return ValueTask.FromResult(Errno.None);
    }

    public ValueTask<Answer<FileSystemStatus>> StatusAsync(ulong node, Caller caller, CancellationToken cancel) =>
        (Answer<FileSystemStatus>)new FileSystemStatus { BlockSize = 4096, FragmentSize = 4096, NameLength = FileName.MaxLength };

    public ValueTask<Answer<TimedAttributes>> SetAttributesAsync(ulong node, ulong? handle, AttributeChange change, Caller caller, CancellationToken cancel) =>
        (Answer<TimedAttributes>)Errno.EROFS;

    public ValueTask<Answer<NodeEntry>> MakeNodeAsync(ulong parent, byte[] name, uint mode, uint device, Caller caller, CancellationToken cancel) => (Answer<NodeEntry>)Errno.EROFS;

    public ValueTask<Answer<NodeEntry>> MakeDirectoryAsync(ulong parent, byte[] name, uint mode, Caller caller, CancellationToken cancel) => (Answer<NodeEntry>)Errno.EROFS;

    public ValueTask<Answer<NodeEntry>> MakeLinkAsync(ulong parent, byte[] name, byte[] target, Caller caller, CancellationToken cancel) => (Answer<NodeEntry>)Errno.EROFS;

    public ValueTask<Answer<NodeEntry>> LinkAsync(ulong node, ulong newParent, byte[] newName, Caller caller, CancellationToken cancel) => (Answer<NodeEntry>)Errno.EROFS;

    public ValueTask<Errno> UnlinkAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.EROFS);

    public ValueTask<Errno> RemoveDirectoryAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.EROFS);

    public ValueTask<Errno> RenameAsync(ulong parent, byte[] name, ulong newParent, byte[] newName, uint flags, Caller caller, CancellationToken cancel) =>
        ValueTask.FromResult(Errno.EROFS);

    private T? Node(ulong id) => nodes?[id];

    private NodeEntry Entry(T node)
    {
        lock (gate)
        {
            if (!ids.TryGetValue(node, out var id))
            {
                id = nodes!.Add(node);
                ids.Add(node, id);
                nodes.LookedUp(id);
                // What stands for a file lives as long as somebody looks at it; there is no name that holds it.
                nodes.Drop(id);
            }
            else
            {
                nodes!.LookedUp(id);
            }

            return new NodeEntry(id, 0, Attributes(id, node), Valid, Valid);
        }
    }

    private NodeAttributes Attributes(ulong id, T node)
    {
        var attributes = Describe(node);
        if (attributes.Inode == 0)
            attributes.Inode = id;
        if (attributes.ModifyTime == default)
            attributes.ModifyTime = started;
        if (attributes.ChangeTime == default)
            attributes.ChangeTime = attributes.ModifyTime;
        if (attributes.AccessTime == default)
            attributes.AccessTime = attributes.ModifyTime;
        return attributes;
    }
}
