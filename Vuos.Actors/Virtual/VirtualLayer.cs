using System.Collections.Concurrent;
using System.Diagnostics;
using Akka.Actor;
using Vuos.Actors.Views;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual;

/// <summary>
/// The running instance of a file system at a mount point: its nodes as far as they are known. The tracer thread reads them, tasks of the layer change them.
/// </summary>
internal sealed partial class VirtualLayer : IInvalidation
{
    /// <summary>How long a name and what it stands for must be good to be asked for before somebody needs it.</summary>
    private static readonly TimeSpan WorthKeeping = TimeSpan.FromMilliseconds(100);

    private readonly IFileSystem files;
    private readonly MountRequest request;
    private readonly VirtualRun run;
    private readonly ConcurrentDictionary<ulong, VirtualNode> nodes = new();
    private FileSystemTraits? traits;
    private VirtualNode? root;
    private int ended;

    /// <summary>Names and attributes may be believed for some time, as the last that were found.</summary>
    private volatile bool keepsNames;

    /// <param name="make">The file system; what it is given is told of changes it makes by itself.</param>
    /// <param name="request">The mount.</param>
    /// <param name="run">What the file systems of the run share.</param>
    public VirtualLayer(Func<IInvalidation, IFileSystem> make, MountRequest request, VirtualRun run)
    {
        this.request = request;
        this.run = run;
        Device = DeviceNumber.Make(0, (uint)(0x80000 + run.NextDevice()));
        files = make(this);
    }

    public IFileSystem Files => files;

    /// <summary>Called when it is unmounted and its file system has ended: what served it ends too.</summary>
    public Func<ValueTask>? Ended { get; set; }

    /// <summary>
    /// How long attributes of directories, and of files with one name, are believed if the file system says shorter: nothing but this layer changes them. A file with more names may be several nodes, of which a
    /// change expires one.
    /// </summary>
    public TimeSpan AttributeTimeout { get; init; }

    /// <summary>The file system has been started; before that only <see cref="StartAsync"/> may be called.</summary>
    public bool IsStarted => Volatile.Read(ref traits) is not null;

    public FileSystemTraits Traits => Volatile.Read(ref traits) ?? throw new InvalidOperationException("the file system is not started");

    public VirtualNode Root => root ?? throw new InvalidOperationException("the file system is not started");

    /// <summary>Kernel's anonymous devices have major 0 as well; ours begin far above theirs.</summary>
    public ulong Device { get; }

    /// <summary>Who may use it without <see cref="FileSystemTraits.AllowOther"/>.</summary>
    public uint Owner => request.Caller.Uid;

    /// <summary>The layer's actor, once it runs; requests go to it directly.</summary>
    public IActorRef? Actor { get; set; }

    /// <summary>Cancelled when the layer is unmounted by force or gone.</summary>
    public CancellationTokenSource Gone { get; } = new();

    /// <summary>Content of a node changed in the file system: offset and length, 0 to the end.</summary>
    public event Action<VirtualNode, long, long>? Invalidated;

    public bool IsReadOnly => request.ReadOnly;

    public bool IsEnded => Volatile.Read(ref ended) != 0;

    /// <summary>True for the first caller.</summary>
    public bool End() => Interlocked.Exchange(ref ended, 1) == 0;

    /// <summary>The read-ahead of a directory's names; null where it is of no use: the file system wants to be asked for each name each time, or nobody wants it.</summary>
    public NameAhead? Ahead(VirtualNode directory) => keepsNames && run.Settings.NamesAhead > 0 ? directory.Ahead ??= new NameAhead(this, directory, run.Settings.NamesAhead) : null;

    /// <summary>Looks a name up and takes in what is said: the entry, which is the directory's from now on. ENOENT: there is no such name.</summary>
    public async ValueTask<Answer<VirtualEntry>> LookUpAsync(VirtualNode directory, byte[] name, Caller caller, CancellationToken cancel)
    {
        var (version, asked) = (directory.Version, Stopwatch.GetTimestamp());
        var found = await files.LookupAsync(directory.Id, name, caller, cancel).ConfigureAwait(false);
        if (found.Failed && found.Error != Errno.ENOENT)
            return found.Error;
        var entry = found.Failed ? new NodeEntry(0, 0, default, default, default) : found.Value;
        // The directory was changed meanwhile, so it is good for who asked, and for nobody after.
        if (directory.Version != version)
            entry = entry with { EntryValid = default };
        else if (entry.Node != 0)
            keepsNames = entry.EntryValid >= WorthKeeping && (entry.AttributesValid >= WorthKeeping || AttributeTimeout >= WorthKeeping);
        var known = Learn(directory, name, entry, asked);
        return found.Failed ? Errno.ENOENT : known;
    }

    /// <summary>Takes in what a look-up said that was asked then, and counts it. The entry is the directory's from now on.</summary>
    public VirtualEntry Learn(VirtualNode parent, byte[] name, in NodeEntry found, long asked)
    {
        if (found.Node == 0)
            return Put(parent, name, new VirtualEntry(null, Freshness.For(found.EntryValid)));
        var node = Learn(found, asked);
        node.CountLookup();
        node.Parent = parent;
        node.Name = name;
        node.IsUnlinked = false;
        return Put(parent, name, new VirtualEntry(node, Freshness.For(found.EntryValid)));
    }

    /// <summary>Takes in what a call made. What was asked of the directory before that is old.</summary>
    public VirtualEntry LearnMade(VirtualNode parent, byte[] name, in NodeEntry made)
    {
        parent.NameChanged();
        return Learn(parent, name, made, Stopwatch.GetTimestamp());
    }

    /// <summary>A file without a name (O_TMPFILE).</summary>
    public VirtualNode LearnNameless(in NodeEntry found)
    {
        var node = Learn(found, Stopwatch.GetTimestamp());
        node.CountLookup();
        node.IsUnlinked = true;
        return node;
    }

    /// <summary>The name does not exist, as of now.</summary>
    public void LearnMissing(VirtualNode parent, byte[] name) => Put(parent, name, new VirtualEntry(null, Freshness.For(TimeSpan.Zero)));

    /// <param name="asked">When, on the stopwatch. If the node was changed since, they are good for who asked, and for nobody after (fs/fuse/inode.c, attr_version).</param>
    public void LearnAttributes(VirtualNode node, in TimedAttributes known, long asked)
    {
        var valid = known.Valid < AttributeTimeout && ((known.Attributes.Mode & FileType.Mask) == FileType.Directory || known.Attributes.Links == 1) ? AttributeTimeout : known.Valid;
        node.Attributes = new KnownAttributes(known.Attributes, Freshness.For(node.ExpiredAt >= asked ? TimeSpan.Zero : valid));
    }

    /// <summary>The name is gone: removed, or replaced by a rename.</summary>
    public VirtualNode? Remove(VirtualNode parent, ReadOnlySpan<byte> name)
    {
        var key = name.ToArray();
        parent.NameChanged();
        parent.Children.TryRemove(key, out var old);
        LearnMissing(parent, key);
        if (old?.Node is not { } node)
            return null;
        if (node.Parent == parent && node.Name.AsSpan().SequenceEqual(key) && (node.IsDirectory || (node.Attributes?.Value.Links ?? 0) <= 1))
            node.IsUnlinked = true;
        if (node.IsUnlinked)
            Places.Drop(node);
        // The file system cannot be asked about a directory that is gone; who is in it still sees it (fs/fuse/dir.c, fuse_entry_unlinked).
        if (node is { IsUnlinked: true, IsDirectory: true, Attributes: { } known })
            node.Attributes = new KnownAttributes(known.Value with { Links = 0 }, Freshness.For(TimeSpan.MaxValue));
        else
            Expire(node);
        return node;
    }

    /// <summary>A name became another one.</summary>
    public void Move(VirtualNode parent, byte[] name, VirtualNode newParent, byte[] newName)
    {
        parent.NameChanged();
        parent.Children.TryRemove(name, out var entry);
        LearnMissing(parent, name);
        if (newParent.Find(newName)?.Node is { } replaced && replaced != entry?.Node)
            Remove(newParent, newName);
        if (entry?.Node is { } node)
            Place(node, newParent, newName, entry);
    }

    /// <summary>Two names changed places.</summary>
    public void Exchange(VirtualNode parent, byte[] name, VirtualNode newParent, byte[] newName)
    {
        if (parent.Find(name) is not { Node: { } one } first || newParent.Find(newName) is not { Node: { } other } second)
            return;
        Place(one, newParent, newName, first);
        Place(other, parent, name, second);
    }

    private static void Place(VirtualNode node, VirtualNode parent, byte[] name, VirtualEntry entry)
    {
        parent.NameChanged();
        (node.Parent, node.Name, node.IsUnlinked) = (parent, name, false);
        parent.Children[name] = entry;
    }

    /// <summary>What is known of attributes may be wrong from now on.</summary>
    public static void Expire(VirtualNode node)
    {
        node.ExpiredAt = Stopwatch.GetTimestamp();
        if (node.Attributes is { } known)
            node.Attributes = known with { Freshness = default };
    }

    public static void ExpireEntry(VirtualNode parent, ReadOnlySpan<byte> name)
    {
        parent.NameChanged();
        if (parent.Find(name) is { } entry)
            parent.Children[name.ToArray()] = entry with { Freshness = default };
    }

    /// <summary>Told to the file system when nobody can mean the node any more: no name is known, nothing is open.</summary>
    public void ForgetIfUnused(VirtualNode node)
    {
        if (node == Root || !node.IsUnlinked || node.Open is not null || node.HasChildren || !nodes.TryRemove(new(node.Id, node)))
            return;
        if (node.TakeLookups() is var count && count > 0)
            files.Forget(node.Id, count);
    }

    /// <summary>Drops what nobody looked at for a while when too much is known: leaves without an open file whose time is over, and what is known of listings.</summary>
    public void Trim()
    {
        if (nodes.Count <= run.Settings.MostNodes)
            return;
        foreach (var node in nodes.Values)
        {
            node.Ahead = null;
            if (node.Open is not null || node.Place is not null || node.HasChildren || node.Parent is not { } parent || node.Attributes is not { } known || known.Freshness.IsUsable(0))
                continue;
            if (parent.Find(node.Name) is not { } entry || entry.Node != node || entry.Freshness.IsUsable(0) || !parent.Children.TryRemove(new(node.Name, entry)))
                continue;
            node.IsUnlinked = true;
            ForgetIfUnused(node);
        }
    }

    void IInvalidation.Node(ulong id, long offset, long length)
    {
        if (Known(id) is not { } node)
            return;
        Expire(node);
        node.Target = null;
        if (offset >= 0)
            Invalidated?.Invoke(node, offset, length);
    }

    void IInvalidation.Entry(ulong parent, ReadOnlySpan<byte> name)
    {
        if (Known(parent) is { } node)
            ExpireEntry(node, name);
    }

    /// <summary>The node of this id, if it is known.</summary>
    public VirtualNode? Known(ulong id) => id == Root.Id ? Root : nodes.GetValueOrDefault(id);

    private static VirtualEntry Put(VirtualNode parent, byte[] name, VirtualEntry entry) => parent.Children[name] = entry;

    private VirtualNode Learn(in NodeEntry found, long asked)
    {
        var (id, generation) = (found.Node, found.Generation);
        if (id == Root.Id)
            return Root;
        var node = nodes.AddOrUpdate(id, static (key, g) => new VirtualNode(key, g), static (key, old, g) => old.Generation == g ? old : new VirtualNode(key, g), generation);
        // Another type under the same number: another file.
        if (node.Type != 0 && node.Type != (found.Attributes.Mode & FileType.Mask))
            nodes[id] = node = new VirtualNode(id, generation);
        LearnAttributes(node, new TimedAttributes(found.Attributes, found.AttributesValid), asked);
        return node;
    }
}
