using System.Collections.Concurrent;
using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual;

/// <summary>What an open description in a guest stands for; found by the device and inode number of the kernel object that was grafted.</summary>
internal abstract class OpenNode(VirtualLayer layer, VirtualNode node)
{
    public VirtualLayer Layer => layer;

    public VirtualNode Node => node;

    /// <summary>Bytes of content that guests may have changed, and when they did; false: what the file system says is right.</summary>
    public virtual bool TryGetCurrent(out long size, out TimeSpec? modified)
    {
        (size, modified) = (0, null);
        return false;
    }

    /// <summary>The file system's handle of the open file, if there is one.</summary>
    public virtual ulong? ServerHandle => null;

    /// <summary>What was written reaches the file system and there stable storage.</summary>
    public virtual ValueTask<Errno> SyncAsync(bool dataOnly, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.None);

    /// <summary>fallocate(2), where the kernel cannot do it to the content. ENOSYS: not supported.</summary>
    public virtual ValueTask<Errno> AllocateAsync(long offset, long length, uint mode, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.ENOSYS);

    /// <summary>A descriptor is closed: what was written reaches the file system, and errors are told.</summary>
    public virtual ValueTask<Errno> FlushAsync(Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.None);
}

/// <summary>
/// The kernel objects that guests hold for virtual files, by device and inode number: how a call on a descriptor finds out what it is about. Objects stay pinned as long as they are
/// listed, so a number never means another file.
/// </summary>
internal sealed class OpenNodes
{
    private readonly ConcurrentDictionary<(ulong Device, ulong Inode), OpenNode> known = new();

    /// <summary>Memfds of contents, which come and go by themselves.</summary>
    public ContentRegistry Contents { get; } = new();

    /// <summary>Fast answer for runs without virtual files.</summary>
    public bool IsEmpty => known.IsEmpty && Contents.IsEmpty;

    public OpenNode? Find(ulong device, ulong inode) => known.GetValueOrDefault((device, inode)) ?? Contents.Find(device, inode)?.Owner as OpenNode;

    public void Add(ulong device, ulong inode, OpenNode open) => known[(device, inode)] = open;

    public void Remove(ulong device, ulong inode) => known.TryRemove((device, inode), out _);
}
