using System.Collections.Concurrent;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>Open files, whose handle is our descriptor, and open directories.</summary>
public sealed partial class PassthroughFileSystem
{
    /// <summary>open(2) flags that are handed on: the rest is the hypervisor's business, or (O_APPEND, O_DIRECT) would change what pread and pwrite do.</summary>
    private const int HandedOn = OpenFlag.AccessMode | OpenFlag.NonBlock | OpenFlag.NoAtime | 0x101000; // O_DSYNC, O_SYNC

    private readonly ConcurrentDictionary<ulong, PassthroughListing> listings = [];

    public async ValueTask<Answer<OpenResult>> OpenAsync(ulong node, int flags, Caller caller, CancellationToken cancel)
    {
        using var found = nodes.Use(node);
        if (found.Failed)
            return found.Error;
        var descriptor = Reopen(found.Path, flags);
        if (Sys.Failed(descriptor))
            return Sys.Error(descriptor);
        nodes.Opened(node);
        return new OpenResult((ulong)descriptor);
    }

    public async ValueTask<Answer<CreateResult>> CreateAsync(ulong parent, byte[] name, uint mode, int flags, Caller caller, CancellationToken cancel)
    {
        var made = await MakeNodeAsync(parent, name, FileType.Regular | (mode & ~FileType.Mask), 0, caller, cancel);
        if (made.Error == Errno.EEXIST && (flags & OpenFlag.Excl) == 0)
            made = await LookupAsync(parent, name, caller, cancel);
        if (made.Failed)
            return made.Error;
        var open = await OpenAsync(made.Value.Node, flags, caller, cancel);
        if (!open.Failed)
            return new CreateResult(made.Value, open.Value);
        Forget(made.Value.Node, 1);
        return open.Error;
    }

    public async ValueTask<Answer<CreateResult>> CreateTemporaryAsync(ulong parent, uint mode, int flags, Caller caller, CancellationToken cancel)
    {
        using var directory = nodes.Use(parent);
        if (directory.Failed)
            return directory.Error;
        var how = OpenFlag.TmpFile | OpenFlag.RdWr | OpenFlag.CloExec | (flags & OpenFlag.Excl);
        var descriptor = AsCaller(caller, () => Files.Open(directory.Path, how, (int)(mode & ~FileType.Mask)));
        if (Sys.Failed(descriptor))
            return Sys.Error(descriptor);
        var entry = nodes.Enter(Files.Open(PassthroughUse.PathOf(descriptor), OpenFlag.Path | OpenFlag.CloExec), null);
        if (!entry.Failed)
            entry = WithMode(directory, entry.Value, mode, caller);
        if (!entry.Failed)
        {
            nodes.Opened(entry.Value.Node);
            return new CreateResult(entry.Value, new OpenResult((ulong)descriptor));
        }

        Files.Close(descriptor);
        return entry.Error;
    }

    public async ValueTask<Answer<int>> ReadAsync(ulong node, ulong handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel)
    {
        var count = OpenFiles.ReadAllAt((long)handle, buffer.Span, offset);
        return Sys.Failed(count) ? Sys.Error(count) : (int)count;
    }

    public async ValueTask<Answer<int>> WriteAsync(ulong node, ulong handle, long offset, ReadOnlyMemory<byte> data, Caller caller, CancellationToken cancel)
    {
        var count = OpenFiles.WriteAt((long)handle, data.Span, offset);
        return Sys.Failed(count) ? Sys.Error(count) : (int)count;
    }

    /// <summary>Errors of delayed writes (NFS, quotas) come at close: a second descriptor is closed to hear them.</summary>
    public async ValueTask<Errno> FlushAsync(ulong node, ulong handle, ulong owner, Caller caller, CancellationToken cancel)
    {
        var second = Sys.Fast(Nr.Dup, (long)handle);
        return Sys.Error(Sys.Failed(second) ? second : Sys.Call(Nr.Close, second));
    }

    public async ValueTask<Errno> ReleaseAsync(ulong node, ulong handle, int flags)
    {
        nodes.Closed(node);
        return Sys.Error(Sys.Call(Nr.Close, (long)handle));
    }

    public async ValueTask<Errno> SyncAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel) =>
        Sys.Error(Sys.Call(dataOnly ? Nr.Fdatasync : Nr.Fsync, (long)handle));

    public async ValueTask<Errno> AllocateAsync(ulong node, ulong handle, long offset, long length, uint mode, Caller caller, CancellationToken cancel) =>
        Sys.Error(Sys.Call(Nr.Fallocate, (long)handle, mode, offset, length));

    public async ValueTask<Answer<long>> SeekAsync(ulong node, ulong handle, long offset, int whence, Caller caller, CancellationToken cancel)
    {
        var found = Sys.Call(Nr.Lseek, (long)handle, offset, whence);
        return Sys.Failed(found) ? Sys.Error(found) : found;
    }

    public async ValueTask<Answer<OpenResult>> OpenDirectoryAsync(ulong node, int flags, Caller caller, CancellationToken cancel)
    {
        using var found = nodes.Use(node);
        if (found.Failed)
            return found.Error;
        var descriptor = Files.Open(found.Path, OpenFlag.Directory | OpenFlag.CloExec);
        if (Sys.Failed(descriptor))
            return Sys.Error(descriptor);
        listings[(ulong)descriptor] = new PassthroughListing(descriptor);
        return new OpenResult((ulong)descriptor);
    }

    public async ValueTask<Answer<IReadOnlyList<DirectoryEntry>>> ReadDirectoryAsync(ulong node, ulong handle, long offset, bool plus, Caller caller, CancellationToken cancel) =>
        listings.TryGetValue(handle, out var listing) ? listing.Read(offset) : Errno.EBADF;

    public async ValueTask<Errno> ReleaseDirectoryAsync(ulong node, ulong handle)
    {
        if (listings.TryRemove(handle, out var listing))
            listing.Dispose();
        return Errno.None;
    }

    public async ValueTask<Errno> SyncDirectoryAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel) =>
        await SyncAsync(node, handle, dataOnly, caller, cancel);

    /// <summary>A descriptor with which content can be moved. One that is only to be written is opened for both where we may: who writes half a block reads the other half.</summary>
    private static long Reopen(byte[] path, int flags)
    {
        var how = (flags & HandedOn) | OpenFlag.CloExec | OpenFlag.NoCtty;
        if ((flags & OpenFlag.AccessMode) != OpenFlag.WrOnly)
            return Files.Open(path, how);
        var both = Files.Open(path, (how & ~OpenFlag.AccessMode) | OpenFlag.RdWr);
        return both == -(long)Errno.EACCES ? Files.Open(path, how) : both;
    }
}
