using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual.Content;

/// <summary>What was found out about a file system while it was used; shared by the files of a layer.</summary>
internal sealed class ServerAbilities
{
    /// <summary>It answered ENOSYS once, so it is not asked again.</summary>
    public volatile bool NoSeek, NoFlush, NoSync;
}

/// <summary>A node's file at the file system: its open handles, and transfers through them.</summary>
internal sealed class ServerFile(IFileSystem fs, FileSystemTraits traits, ServerAbilities abilities, ulong node)
{
    private const int SeekData = 3, SeekHole = 4;

    /// <summary>Larger pieces than this gain nothing and take memory.</summary>
    private const int LargestPiece = 1 << 20;

    public ServerHandles Handles { get; } = new();

    /// <summary>Bytes of the largest read and write, for the file system and for us.</summary>
    public int MaxRead { get; } = Math.Clamp(traits.MaxRead, 512, LargestPiece);

    public int MaxWrite { get; } = Math.Clamp(traits.MaxWrite, 512, LargestPiece);

    /// <summary>Whether O_TRUNC is the file system's business.</summary>
    public bool TruncatesInOpen => traits.AtomicTruncate;

    /// <summary>Whether cached content counts as changed when size or modification time are.</summary>
    public bool AutoInvalidates => traits.AutoInvalidate;

    /// <summary>
    /// A handle for transfers: one that is open, else one opened for now, which the borrower gives back. A guest may write a file that it may not read, but blocks cannot be
    /// written back without knowing the rest of them: then it is opened for nobody in particular, as the kernel's write-back has no caller either.
    /// </summary>
    public async ValueTask<Answer<BorrowedHandle>> BorrowAsync(bool write, Caller caller, CancellationToken cancel)
    {
        if ((write ? Handles.ToWrite : Handles.ToRead) is { } handle)
            return new BorrowedHandle(this, handle, false, cancel);
        var flags = write ? OpenFlag.WrOnly : 0;
        var open = await fs.OpenAsync(node, flags, caller, cancel).ConfigureAwait(false);
        if (open.Error is Errno.EACCES or Errno.EPERM)
            open = await fs.OpenAsync(node, flags, Caller.Nobody, cancel).ConfigureAwait(false);
        // A file system without open takes handle 0 (as the kernel with FUSE_NO_OPEN_SUPPORT).
        if (open.Error == Errno.ENOSYS)
            return new BorrowedHandle(this, new ServerHandle(0, flags, OpenTraits.None), false, cancel);
        return open.Failed ? open.Error : new BorrowedHandle(this, new ServerHandle(open.Value.Handle, flags, open.Value.Traits), true, cancel);
    }

    /// <summary>Bytes read; fewer than the buffer's only at the end of the file.</summary>
    public async ValueTask<Answer<int>> ReadAsync(ServerHandle handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel)
    {
        var read = await fs.ReadAsync(node, handle.Handle, offset, buffer, caller, cancel).ConfigureAwait(false);
        return read.Failed || (uint)read.Value <= (uint)buffer.Length ? read : Errno.EIO;
    }

    /// <summary>Writes everything, however little the file system takes at a time. EIO: it takes nothing.</summary>
    public async ValueTask<Errno> WriteAsync(ServerHandle handle, long offset, ReadOnlyMemory<byte> data, Caller caller, CancellationToken cancel)
    {
        while (!data.IsEmpty)
        {
            var piece = data[..Math.Min(data.Length, MaxWrite)];
            var written = await fs.WriteAsync(node, handle.Handle, offset, piece, caller, cancel).ConfigureAwait(false);
            if (written.Failed)
                return written.Error;
            if (written.Value <= 0 || written.Value > piece.Length)
                return Errno.EIO;
            offset += written.Value;
            data = data[written.Value..];
        }

        return Errno.None;
    }

    public async ValueTask<Answer<NodeAttributes>> AttributesAsync(Caller caller, CancellationToken cancel)
    {
        var answer = await fs.GetAttributesAsync(node, Handles.Any?.Handle, caller, cancel).ConfigureAwait(false);
        return answer.Failed ? answer.Error : answer.Value.Attributes;
    }

    public async ValueTask<Errno> SetSizeAsync(ServerHandle handle, long size, Caller caller, CancellationToken cancel)
    {
        var answer = await fs.SetAttributesAsync(node, handle.Handle, new AttributeChange { Size = size }, caller, cancel).ConfigureAwait(false);
        return answer.Error;
    }

    public ValueTask<Answer<TimedAttributes>> SetAttributesAsync(AttributeChange change, ulong? handle, Caller caller, CancellationToken cancel) =>
        fs.SetAttributesAsync(node, handle, change, caller, cancel);

    public ValueTask<Errno> AllocateAsync(ServerHandle handle, long offset, long length, uint mode, Caller caller, CancellationToken cancel) =>
        fs.AllocateAsync(node, handle.Handle, offset, length, mode, caller, cancel);

    public async ValueTask<Errno> FlushAsync(ServerHandle handle, Caller caller, CancellationToken cancel)
    {
        if (abilities.NoFlush || (handle.Traits & OpenTraits.NoFlush) != 0)
            return Errno.None;
        var error = await fs.FlushAsync(node, handle.Handle, 0, caller, cancel).ConfigureAwait(false);
        if (error != Errno.ENOSYS)
            return error;
        abilities.NoFlush = true;
        return Errno.None;
    }

    public async ValueTask<Errno> SyncAsync(ServerHandle handle, bool dataOnly, Caller caller, CancellationToken cancel)
    {
        if (abilities.NoSync)
            return Errno.None;
        var error = await fs.SyncAsync(node, handle.Handle, dataOnly, caller, cancel).ConfigureAwait(false);
        if (error != Errno.ENOSYS)
            return error;
        abilities.NoSync = true;
        return Errno.None;
    }

    /// <summary>Nobody is left to be told an error. Cancelled, it is not waited for: a file system that hangs does not answer this either.</summary>
    public ValueTask ReleaseAsync(ServerHandle handle, CancellationToken cancel) => fs.ReleaseAsync(node, handle.Handle, handle.Flags).UnlessAsync(cancel);

    /// <summary>
    /// The next stretch of data from <paramref name="offset"/> on, within <paramref name="size"/>; an empty one at the end: there is none. Answers that make no sense count as
    /// "all is data".
    /// </summary>
    public async ValueTask<(long Begin, long End)> NextDataAsync(ServerHandle handle, long offset, long size, Caller caller, CancellationToken cancel)
    {
        if (abilities.NoSeek)
            return (offset, size);
        var data = await fs.SeekAsync(node, handle.Handle, offset, SeekData, caller, cancel).ConfigureAwait(false);
        if (data.Error == Errno.ENXIO)
            return (size, size);
        abilities.NoSeek |= data.Error == Errno.ENOSYS;
        if (data.Failed || data.Value < offset)
            return (offset, size);
        if (data.Value >= size)
            return (size, size);
        var hole = await fs.SeekAsync(node, handle.Handle, data.Value, SeekHole, caller, cancel).ConfigureAwait(false);
        return (data.Value, hole.Failed || hole.Value <= data.Value ? size : Math.Min(hole.Value, size));
    }
}

/// <summary>A handle to be given back.</summary>
internal readonly struct BorrowedHandle(ServerFile file, ServerHandle handle, bool release, CancellationToken cancel) : IAsyncDisposable
{
    public ServerHandle Handle => handle;

    public ValueTask DisposeAsync() => release ? file.ReleaseAsync(handle, cancel) : ValueTask.CompletedTask;
}
