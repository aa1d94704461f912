using System.Collections.Concurrent;
using Vuos.Actors.Views;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vudev;

/// <summary>One of the device nodes of a mount that exist now.</summary>
/// <param name="Number">0: the mount point; else the number its name ends with (<see cref="NumberedName"/>).</param>
/// <param name="Node">To be given to the operations of the file system.</param>
internal readonly record struct SubDevice(int Number, ulong Node);

/// <summary>
/// A device as a file system: its root is not a directory but the node of a device, and there may be more of them, beside it and numbered. What the nodes look like
/// (mode, owner, times) is kept here, and a change of it changes nothing else. The hypervisor checks permissions.
/// </summary>
internal abstract class DeviceFileSystem(DeviceOptions options) : IFileSystem
{
    /// <summary>Node of number 0; that of number N is N more.</summary>
    public const ulong Root = 1;

    // Nobody but this file system changes them; a partition that is gone is known by its name, which the layer asks for.
    private static readonly TimeSpan s_valid = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<int, NodeAttributes> _attributes = new();
    private readonly NodeAttributes _fresh = new()
    {
        Mode = (options.Block ? FileType.Block : FileType.Char) | options.Mode,
        Uid = options.Uid,
        Gid = options.Gid,
        Links = 1,
        BlockSize = 4096,
        AccessTime = TimeSpec.Now,
        ModifyTime = TimeSpec.Now,
        ChangeTime = TimeSpec.Now,
    };

    /// <summary>The nodes of this device also are behind every other device node with their numbers (<c>devid</c>).</summary>
    public bool EveryNode => options.EveryNode;

    /// <summary>Those that exist now, in the order of their numbers; the first is the mount point.</summary>
    public virtual IReadOnlyList<SubDevice> SubDevices => [new SubDevice(0, Root)];

    /// <summary>Called after <see cref="SubDevices"/> changed, from any thread.</summary>
    public virtual Action? SubDevicesChanged { get; set; }

    /// <summary>Bytes; st_size of a device is 0, so the layer asks here for SEEK_END. Null: it has no length (/dev/null).</summary>
    public abstract long? LengthOf(ulong node);

    public ValueTask<Answer<FileSystemTraits>> StartAsync(MountRequest request, CancellationToken cancel) => (Answer<FileSystemTraits>)new FileSystemTraits
    {
        Root = Root,
        MaxRead = 1 << 20,
        MaxWrite = 1 << 20,
        DefaultPermissions = true,
        AtomicTruncate = true, // O_TRUNC does nothing to a device
    };

    /// <summary>The device whose name is that of the mount point with <paramref name="name"/> behind it. Asked each time: partitions come and go.</summary>
    public ValueTask<Answer<NodeEntry>> LookupAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        if (parent != Root)
            return (Answer<NodeEntry>)Errno.ENOTDIR;
        if (NumberedName.Number(name) is not { } number || !Exists(number))
            return (Answer<NodeEntry>)Errno.ENOENT;
        return (Answer<NodeEntry>)new NodeEntry(Root + (ulong)number, 0, _attributes.GetOrAdd(number, Fresh), TimeSpan.Zero, s_valid);
    }

    public ValueTask<Answer<TimedAttributes>> GetAttributesAsync(ulong node, ulong? handle, Caller caller, CancellationToken cancel)
    {
        var number = NumberOf(node);
        return Exists(number) ? (Answer<TimedAttributes>)Timed(_attributes.GetOrAdd(number, Fresh)) : Errno.ENOENT;
    }

    public ValueTask<Answer<TimedAttributes>> SetAttributesAsync(ulong node, ulong? handle, AttributeChange change, Caller caller, CancellationToken cancel)
    {
        var number = NumberOf(node);
        if (!Exists(number))
            return (Answer<TimedAttributes>)Errno.ENOENT;
        if (change.Size is not null)
            return (Answer<TimedAttributes>)Errno.EINVAL; // truncate(2) of what is not a regular file
        return (Answer<TimedAttributes>)Timed(_attributes.AddOrUpdate(number, n => Changed(Fresh(n), change), (_, old) => Changed(old, change)));
    }

    public abstract ValueTask<Answer<OpenResult>> OpenAsync(ulong node, int flags, Caller caller, CancellationToken cancel);

    public abstract ValueTask<Errno> ReleaseAsync(ulong node, ulong handle, int flags);

    public abstract ValueTask<Answer<int>> ReadAsync(ulong node, ulong handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel);

    public abstract ValueTask<Answer<int>> WriteAsync(ulong node, ulong handle, long offset, ReadOnlyMemory<byte> data, Caller caller, CancellationToken cancel);

    public abstract ValueTask<Errno> SyncAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel);

    public abstract ValueTask<Answer<long>> SeekAsync(ulong node, ulong handle, long offset, int whence, Caller caller, CancellationToken cancel);

    public virtual ValueTask<Answer<int>> ControlAsync(ulong node, ulong handle, uint request, long argument, ReadOnlyMemory<byte> input, Memory<byte> output, Caller caller, CancellationToken cancel) =>
        (Answer<int>)Errno.ENOTTY;

    public virtual (int Input, int Output)? IoctlShape(uint request) => null;

    public virtual (int Offset, int Length)? IoctlPointer(uint request) => null;

    public virtual ValueTask<Errno> AllocateAsync(ulong node, ulong handle, long offset, long length, uint mode, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.ENODEV);

    public virtual ValueTask<Answer<int>> DescriptorAsync(ulong node, ulong handle, int flags, Caller caller, CancellationToken cancel) => (Answer<int>)Errno.ENOSYS;

    public virtual ValueTask<Errno> SyncAllAsync(CancellationToken cancel) => ValueTask.FromResult(Errno.None);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected static int NumberOf(ulong node) => node is >= Root and <= int.MaxValue ? (int)(node - Root) : -1;

    /// <summary>Is there a device of that number now?</summary>
    protected virtual bool Exists(int number) => number == 0;

    private static TimedAttributes Timed(NodeAttributes attributes) => new(attributes, s_valid);

    private static NodeAttributes Changed(NodeAttributes old, AttributeChange change)
    {
        var now = TimeSpec.Now;
        return old with
        {
            Mode = change.Mode is { } mode ? (old.Mode & FileType.Mask) | (mode & 0xFFF) : old.Mode,
            Uid = change.Uid ?? old.Uid,
            Gid = change.Gid ?? old.Gid,
            AccessTime = change.AccessNow ? now : change.AccessTime ?? old.AccessTime,
            ModifyTime = change.ModifyNow ? now : change.ModifyTime ?? old.ModifyTime,
            ChangeTime = change.ChangeTime ?? now,
        };
    }

    private NodeAttributes Fresh(int number) => _fresh with
    {
        Inode = Root + (ulong)number,
        Device = (uint)DeviceNumber.Make(options.Major, (options.Minor + (uint)number) & DeviceOptions.MaxMinor),
    };
}
