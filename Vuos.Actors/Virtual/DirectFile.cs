using System.Buffers;
using System.Runtime.InteropServices;
using Vuos.Actors.Calls;
using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Virtual;

/// <summary>A piece of guest memory (<c>struct iovec</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct GuestRange(long Address, long Length);

/// <summary>
/// An open file whose reads and writes are served one by one: direct I/O, partitions, streams. The guest holds an empty memfd of the file's size, which keeps the position; calls that move data are
/// trapped and come here, on tasks of the layer.
/// </summary>
internal sealed class DirectFile : OpenNode, IContentWatch
{
    private const int MostAtOnce = 1 << 20, Append = 0x400;

    private readonly MemoryFile place;
    private readonly OpenNodes opened;
    private readonly ContentWatcher watcher;
    private readonly int flags;
    private int watch;
    private int released;

    private DirectFile(VirtualLayer layer, VirtualNode node, in OpenResult open, int flags, MemoryFile place, OpenNodes opened, ContentWatcher watcher)
        : base(layer, node)
    {
        (Handle, Traits) = (open.Handle, open.Traits);
        (this.flags, this.place, this.opened, this.watcher) = (flags, place, opened, watcher);
    }

    public ulong Handle { get; }

    public OpenTraits Traits { get; }

    public override ulong? ServerHandle => Handle;

    /// <summary>It has a size that can be changed.</summary>
    public bool IsRegular => Node.Type == FileType.Regular && (Traits & (OpenTraits.NonSeekable | OpenTraits.Stream)) == 0;

    /// <summary>Makes what the guest will hold; the answer is a descriptor of ours with the access mode of <paramref name="flags"/>.</summary>
    public static Answer<int> Open(VirtualLayer layer, VirtualNode node, in OpenResult open, int flags, long size, OpenNodes opened, ContentWatcher watcher)
    {
        var place = MemoryFile.Create($"vuos:{node.Id}");
        if (place.Failed)
            return place.Error;
        if (size > 0 && place.Value.OpenWriter() is { Failed: false } writer)
        {
            using (writer.Value)
                writer.Value.SetSize(size);
        }

        var fd = place.Value.Open(flags & (OpenFlag.AccessMode | Append | OpenFlag.NonBlock));
        if (fd.Failed)
        {
            place.Value.Dispose();
            return fd;
        }

        var file = new DirectFile(layer, node, open, flags, place.Value, opened, watcher);
        opened.Add(place.Value.Device, place.Value.Inode, file);
        file.watch = watcher.Watch(place.Value.Path, file);
        return fd;
    }

    /// <summary>read, pread, readv and their kind: <paramref name="offset"/> negative: at the position, which moves.</summary>
    public async ValueTask<VirtualAnswer> ReadAsync(int tid, int pid, long fd, GuestRange[] ranges, long offset, GuestCaller who, CancellationToken cancel)
    {
        using var position = new Position(pid, fd, offset);
        if (position.Error != Errno.None)
            return VirtualAnswer.Fail(position.Error);
        var caller = who.Plain();
        long done = 0;
        foreach (var range in ranges)
        {
            for (long at = 0; at < range.Length;)
            {
                var length = (int)Math.Min(range.Length - at, Math.Min(MostAtOnce, Layer.Traits.MaxRead));
                var buffer = ArrayPool<byte>.Shared.Rent(length);
                try
                {
                    var read = await Layer.Files.ReadAsync(Node.Id, Handle, position.Value, buffer.AsMemory(0, length), caller, cancel).ConfigureAwait(false);
                    if (read.Failed)
                        return done > 0 ? position.Moved(done) : VirtualAnswer.Fail(read.Error);
                    if (read.Value > 0 && GuestMemory.Write(tid, range.Address + at, buffer.AsSpan(0, read.Value)) != Errno.None)
                        return done > 0 ? position.Moved(done) : VirtualAnswer.Fail(Errno.EFAULT);
                    position.Value += read.Value;
                    done += read.Value;
                    at += read.Value;
                    if (read.Value < length)
                        return position.Moved(done);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }

        return position.Moved(done);
    }

    /// <summary>write, pwrite, writev and their kind.</summary>
    public async ValueTask<VirtualAnswer> WriteAsync(int tid, int pid, long fd, GuestRange[] ranges, long offset, GuestCaller who, CancellationToken cancel)
    {
        using var position = new Position(pid, fd, offset);
        if (position.Error != Errno.None)
            return VirtualAnswer.Fail(position.Error);
        if ((flags & Append) == 0 || !IsRegular)
            return await WriteAsync(tid, ranges, position, who.Plain(), cancel).ConfigureAwait(false);
        // One at a time: the end is where the last one left it, whoever wrote.
        await Node.Gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var known = await Layer.Files.GetAttributesAsync(Node.Id, Handle, who.Plain(), cancel).ConfigureAwait(false);
            if (known.Failed)
                return VirtualAnswer.Fail(known.Error);
            position.Value = known.Value.Attributes.Size;
            return await WriteAsync(tid, ranges, position, who.Plain(), cancel).ConfigureAwait(false);
        }
        finally
        {
            Node.Gate.Release();
        }
    }

    private async ValueTask<VirtualAnswer> WriteAsync(int tid, GuestRange[] ranges, Position position, Caller caller, CancellationToken cancel)
    {
        long done = 0;
        foreach (var range in ranges)
        {
            for (long at = 0; at < range.Length;)
            {
                var length = (int)Math.Min(range.Length - at, Math.Min(MostAtOnce, Layer.Traits.MaxWrite));
                var buffer = ArrayPool<byte>.Shared.Rent(length);
                try
                {
                    if (GuestMemory.Read(tid, range.Address + at, buffer.AsSpan(0, length)) != Errno.None)
                        return done > 0 ? position.Moved(done) : VirtualAnswer.Fail(Errno.EFAULT);
                    var written = await Layer.Files.WriteAsync(Node.Id, Handle, position.Value, buffer.AsMemory(0, length), caller, cancel).ConfigureAwait(false);
                    VirtualLayer.Expire(Node);
                    if (written.Failed)
                        return done > 0 ? position.Moved(done) : VirtualAnswer.Fail(written.Error);
                    position.Value += written.Value;
                    done += written.Value;
                    at += written.Value;
                    if (written.Value < length)
                        return position.Moved(done);
                }
                finally
                {
                    ArrayPool<byte>.Shared.Return(buffer);
                }
            }
        }

        return position.Moved(done);
    }

    public override async ValueTask<Errno> SyncAsync(bool dataOnly, Caller caller, CancellationToken cancel)
    {
        var error = await Layer.Files.SyncAsync(Node.Id, Handle, dataOnly, caller, cancel).ConfigureAwait(false);
        return error == Errno.ENOSYS ? Errno.None : error;
    }

    public override ValueTask<Errno> AllocateAsync(long offset, long length, uint mode, Caller caller, CancellationToken cancel) =>
        Layer.Files.AllocateAsync(Node.Id, Handle, offset, length, mode, caller, cancel);

    public override async ValueTask<Errno> FlushAsync(Caller caller, CancellationToken cancel)
    {
        var error = await Layer.Files.FlushAsync(Node.Id, Handle, 0, caller, cancel).ConfigureAwait(false);
        return error == Errno.ENOSYS ? Errno.None : error;
    }

    void IContentWatch.DescriptionClosed(bool writing) => Recheck();

    public void Recheck()
    {
        if (place.AskOpenness() is not { Anyone: false } || Interlocked.Exchange(ref released, 1) != 0)
            return;
        opened.Remove(place.Device, place.Inode);
        watcher.Unwatch(watch, this);
        place.Dispose();
        _ = Layer.Files.ReleaseAsync(Node.Id, Handle, flags).AsTask();
    }

    /// <summary>Where a call reads or writes: at its own offset, or at the position of the open file description, which is the kernel's.</summary>
    private sealed class Position : IDisposable
    {
        private readonly long own = -1;

        public Position(int pid, long fd, long offset)
        {
            Value = offset;
            if (offset >= 0)
                return;
            own = GuestDescriptor.Borrow(pid, fd);
            Value = own < 0 ? 0 : GuestDescriptor.Position(own);
            Error = own < 0 ? Errno.EBADF : Errno.None;
        }

        public Errno Error { get; }

        public long Value { get; set; }

        public VirtualAnswer Moved(long done)
        {
            if (own >= 0)
                GuestDescriptor.MoveTo(own, Value);
            return new VirtualAnswer(done);
        }

        public void Dispose()
        {
            if (own >= 0)
                Files.Close(own);
        }
    }
}

/// <summary>A device whose content guests hold themselves (a RAM disk's memfd, a socket): only what is asked of its descriptor comes here.</summary>
internal sealed class OpenDevice(VirtualLayer layer, VirtualNode node, ulong handle) : OpenNode(layer, node)
{
    public override ulong? ServerHandle => handle;

    /// <summary>What reading and writing give from now on; None: what the kernel's object gives.</summary>
    public Errno Failure { get; set; }

    public override async ValueTask<Errno> SyncAsync(bool dataOnly, Caller caller, CancellationToken cancel)
    {
        var error = await Layer.Files.SyncAsync(Node.Id, handle, dataOnly, caller, cancel).ConfigureAwait(false);
        return error == Errno.ENOSYS ? Errno.None : error;
    }
}
