using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual.Content;

/// <summary>
/// The page cache of one node: a memfd of which guests get descriptors. They read, write, map, cut and lock it in the kernel, unseen; what they changed is found by comparing
/// (<see cref="WriteBack"/>), and that they closed it is told by <see cref="ContentWatcher"/>. Safe from any thread; one lock a file orders loading, writing back and closing.
/// </summary>
/// <remarks>
/// What its owner must know: <list type="bullet">
/// <item>The file system opens with <see cref="FlagsForServer"/>. Direct and stream files have no content of this kind.</item>
/// <item>Attributes are set by <see cref="SetAttributesAsync"/>.</item>
/// <item>While <see cref="TryGetCurrent"/> says so, size and time of the memfd are the file's, not those of the file system.</item>
/// <item>Of a partial file (<see cref="IsPartial"/>) every read, write, mapping and cut is told before: <see cref="EnsureAsync"/>.</item>
/// </list></remarks>
internal sealed partial class FileContent : IContentWatch
{
    /// <summary>What of a guest's flags is the memfd's business; O_DIRECT and O_PATH are not, O_SYNC is shown only.</summary>
    private const int GuestFlags = OpenFlag.AccessMode | OpenFlag.Append | OpenFlag.NonBlock | OpenFlag.NoAtime | SyncFlags;

    /// <summary>O_SYNC, which includes O_DSYNC (include/uapi/asm-generic/fcntl.h).</summary>
    private const int SyncFlags = 0x101000;

    private readonly ContentCache _cache;
    private readonly ServerFile _server;
    private readonly string _label;
    private readonly SemaphoreSlim _lock = new(1, 1);

    /// <summary>Null: not opened yet, or dropped.</summary>
    private volatile MemoryFile? _file;

    /// <summary>The memfd holds the content (a partial file: its size, and what <see cref="_present"/> says).</summary>
    private bool _valid;

    /// <summary>What the file system has, while <see cref="_valid"/>.</summary>
    private BlockHashes _hashes = new(BlockHashes.BlockSize);

    /// <summary>Bytes of the file system's file, as far as we made or saw it.</summary>
    private long _serverSize;

    /// <summary>Size and modification time with which the content was loaded.</summary>
    private (long Size, TimeSpec Modified) _stamp;

    /// <summary>We changed the file at the file system since <see cref="_stamp"/>; ever.</summary>
    private bool _attributesOld, _everWrote;

    /// <summary>The memfd's own modification time when it was last the same as the file system's file; another one is a guest's write.</summary>
    private TimeSpec _loadedAt;

    /// <summary>Counts whatever may have changed the content; what is written back is <see cref="_written"/>.</summary>
    private long _changes, _written;

    /// <summary><see cref="WrittenBack"/> is due.</summary>
    private bool _untold;

    /// <summary>The file system has ended: nothing can be written back any more.</summary>
    private bool _abandoned;

    /// <summary>An error of writing back that no fsync told anybody.</summary>
    private Errno _unreported;

    public FileContent(ContentCache cache, ServerFile server, ulong node, string label)
    {
        _cache = cache;
        _server = server;
        _label = label;
        Node = node;
    }

    /// <summary>
    /// Raised when the last guest has closed it and what it left was written back, or failed with this error (then it stays <see cref="IsOpen"/>, until a later
    /// <see cref="FlushAsync"/> succeeds). On a thread of the pool, under no lock; it may have been opened again meanwhile.
    /// </summary>
    public event Action<FileContent, Errno>? Closed;

    /// <summary>Raised when writing back changed size or time at the file system, so attributes that somebody remembers are old.</summary>
    public event Action<FileContent>? WrittenBack;

    /// <summary>Its id at the file system.</summary>
    public ulong Node { get; }

    /// <summary>Of the memfd; 0: there is none now.</summary>
    public ulong Device => _file?.Device ?? 0;

    public ulong Inode => _file?.Inode ?? 0;

    /// <summary>A guest has it open, or it has something to write back.</summary>
    public bool IsOpen => _server.Handles.Count > 0;

    private bool MayBeDirty => Volatile.Read(ref _changes) != _written;

    private ContentSettings Settings => _cache.Settings;

    /// <summary>
    /// Flags with which the file system is to open for a guest's flags. Not O_APPEND: writing back is at offsets, as with FUSE_WRITEBACK_CACHE, and a server that appends would
    /// put it at the end.
    /// </summary>
    public static int FlagsForServer(int flags, FileSystemTraits traits) =>
        flags & ~(OpenFlag.Append | OpenFlag.Creat | OpenFlag.Excl | OpenFlag.NoCtty | OpenFlag.CloExec | OpenFlag.NoFollow | (traits.AtomicTruncate ? 0 : OpenFlag.Trunc));

    /// <summary>What its owner knows it by; not used here.</summary>
    public object? Owner { get; set; }

    /// <summary>Size, and the time of the last write(2), while guests may have changed what the file system does not know yet. May be asked from any thread, without waiting.</summary>
    /// <param name="size">Bytes.</param>
    /// <param name="modified">Null: no guest has written by write(2) since the last write-back; the file system's counts.</param>
    public bool TryGetCurrent(out long size, out TimeSpec? modified)
    {
        size = 0;
        modified = null;
        if (_file is not { } file || !MayBeDirty || !file.TryStat(out var stat))
            return false;
        size = stat.Size;
        var time = TimeOf(stat);
        modified = time == _loadedAt ? null : time;
        return true;
    }

    /// <summary>Frees the memory unless somebody has it open or it is not written back: then EBUSY.</summary>
    public async ValueTask<Errno> DropAsync()
    {
        await _lock.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_server.Handles.Count > 0 || MayBeDirty || _file?.AskOpenness() is { Anyone: true })
                return Errno.EBUSY;
            Free();
            return Errno.None;
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Unmounted, or removed at the file system: handles are given back, memory is freed, and what is not written back is lost. Guests keep what they have open. Cancelled, what somebody else is busy with is left to him.</summary>
    public async ValueTask AbandonAsync(CancellationToken cancel)
    {
        if (!await TryEnterAsync(cancel).ConfigureAwait(false))
            return;
        try
        {
            await ReleaseAsync(_server.Handles.TakeWriting(0), cancel).ConfigureAwait(false);
            await ReleaseAsync(_server.Handles.TakeReading(0), cancel).ConfigureAwait(false);
            _written = Volatile.Read(ref _changes);
            _abandoned = true;
            Free();
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Tells the cache whether anybody needs the content.</summary>
    private void SettleCache()
    {
        if (_server.Handles.Count > 0 || MayBeDirty)
            return;
        if (_file is { } file && _valid)
            _cache.Idle(this, file.Allocated);
        else
            Free();
    }

    private void Free()
    {
        Unwatch();
        _valid = false;
        _hashes = new BlockHashes(BlockHashes.BlockSize);
        _cache.Gone(this);
        if (_file is not { } file)
            return;
        _file = null;
        _cache.Registry.Remove(file);
        file.Dispose();
    }

    private async ValueTask ReleaseAsync(List<ServerHandle> handles, CancellationToken cancel)
    {
        foreach (var handle in handles)
            await _server.ReleaseAsync(handle, cancel).ConfigureAwait(false);
    }

    private async ValueTask<bool> TryEnterAsync(CancellationToken cancel)
    {
        try
        {
            await _lock.WaitAsync(cancel).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static TimeSpec TimeOf(in KernelStat stat) => new(stat.Mtime, (uint)stat.MtimeNsec);
}
