using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual.Content;

internal sealed partial class FileContent
{
    /// <summary>
    /// Called after the file system has opened or made the file. Sees to it that the content is there, keeps the handle until the guest's description is gone, and gives a
    /// descriptor of this process for the guest; the caller closes it. On an error the handle is given back. ETXTBSY: to write, while it runs as a program. EINTR: cancelled.
    /// </summary>
    /// <param name="open">What the file system answered; not direct.</param>
    /// <param name="flags">The guest's, as of open(2).</param>
    /// <param name="fresh">Attributes asked for by this call or since.</param>
    public async ValueTask<Answer<int>> OpenAsync(OpenResult open, int flags, NodeAttributes fresh, Caller caller, CancellationToken cancel)
    {
        var handle = new ServerHandle(open.Handle, flags, open.Traits);
        if (!await TryEnterAsync(cancel).ConfigureAwait(false))
        {
            await _server.ReleaseAsync(handle, cancel).ConfigureAwait(false);
            return Errno.EINTR;
        }

        Answer<int> answer = Errno.EIO;
        try
        {
            _cache.Busy(this);
            answer = await OpenLockedAsync(handle, flags, fresh, caller, cancel).ConfigureAwait(false);
            return answer;
        }
        finally
        {
            if (answer.Failed)
                await _server.ReleaseAsync(handle, cancel).ConfigureAwait(false);
            SettleCache();
            _lock.Release();
        }
    }

    private async ValueTask<Answer<int>> OpenLockedAsync(ServerHandle handle, int flags, NodeAttributes fresh, Caller caller, CancellationToken cancel)
    {
        if (_file is not { } file)
        {
            var made = MemoryFile.Create(_label);
            if (made.Failed)
                return made.Error;
            _file = file = made.Value;
            _cache.Registry.Add(file, this);
        }

        var anyone = file.AskOpenness()?.Anyone ?? _server.Handles.Count > 0;
        var truncate = (flags & OpenFlag.Trunc) != 0;
        if (handle.CanWrite || truncate)
        {
            // Before anything is changed at the file system.
            var writer = file.OpenWriter();
            if (writer.Failed)
                return writer.Error;
            writer.Value.Dispose();
        }

        var error = truncate
            ? await EmptyAsync(handle, anyone, caller, cancel).ConfigureAwait(false)
            : await LoadIfNeededAsync(handle, fresh, anyone, caller, cancel).ConfigureAwait(false);
        if (error != Errno.None)
            return error;
        Watch();
        var fd = file.Open(flags & GuestFlags);
        if (fd.Failed)
            return fd.Error;
        if (handle.CanWrite)
            Interlocked.Increment(ref _changes);
        _server.Handles.Add(handle);
        // Closes are told merged, so without a bound a file that is opened often while one keeps it open would collect handles.
        await ReleaseAsync(handle.CanWrite ? _server.Handles.TakeWriting(Settings.HandlesKept) : _server.Handles.TakeReading(Settings.HandlesKept), cancel).ConfigureAwait(false);
        return fd;
    }

    /// <summary>O_TRUNC.</summary>
    private async ValueTask<Errno> EmptyAsync(ServerHandle handle, bool anyone, Caller caller, CancellationToken cancel)
    {
        // A write-back may have come between the file system's truncation and now.
        var error = _server.TruncatesInOpen && !_everWrote && !MayBeDirty ? Errno.None : await _server.SetSizeAsync(handle, 0, caller, cancel).ConfigureAwait(false);
        if (error != Errno.None)
            return error;
        var writer = _file!.OpenWriter();
        if (writer.Failed)
            return writer.Error;
        using (writer.Value)
            error = writer.Value.SetSize(0);
        if (error != Errno.None)
            return error;
        _hashes = new BlockHashes(UnitSize);
        Loaded(0, default, anyone && IsPartial);
        _attributesOld = _everWrote = true;
        if (!anyone)
            _written = Volatile.Read(ref _changes);
        return Errno.None;
    }

    private async ValueTask<Errno> LoadIfNeededAsync(ServerHandle handle, NodeAttributes fresh, bool anyone, Caller caller, CancellationToken cancel)
    {
        var keep = (handle.Traits & OpenTraits.KeepCache) != 0;
        if (_valid && MayBeDirty || IsCurrent(fresh, anyone, keep))
            return Errno.None;
        if (_everWrote)
        {
            // The caller's may have been asked for before a write-back of ours ended.
            var asked = await _server.AttributesAsync(caller, cancel).ConfigureAwait(false);
            if (asked.Failed)
                return asked.Error;
            fresh = asked.Value;
            if (_attributesOld && fresh.Size == _serverSize)
                _stamp = (fresh.Size, fresh.ModifyTime);
            _attributesOld = false;
            if (IsCurrent(fresh, anyone, keep))
                return Errno.None;
        }

        if (handle.CanRead || fresh.Size == 0)
            return await LoadAgainAsync(handle, fresh, anyone, caller, cancel).ConfigureAwait(false);
        var borrowed = await _server.BorrowAsync(write: false, caller, cancel).ConfigureAwait(false);
        if (borrowed.Failed)
            return borrowed.Error;
        await using var held = borrowed.Value;
        return await LoadAgainAsync(held.Handle, fresh, anyone, caller, cancel).ConfigureAwait(false);
    }

    /// <summary>The kernel reads a file anew that nobody else has open, unless the file system says to keep what is cached (FOPEN_KEEP_CACHE, FUSE_AUTO_INVAL_DATA).</summary>
    private bool IsCurrent(in NodeAttributes fresh, bool anyone, bool keep)
    {
        if (!_valid || !keep && !anyone)
            return false;
        return _stamp == (fresh.Size, fresh.ModifyTime) && !_attributesOld || keep && !_server.AutoInvalidates && fresh.Size == _serverSize;
    }

    private ValueTask<Errno> LoadAgainAsync(ServerHandle handle, NodeAttributes fresh, bool anyone, Caller caller, CancellationToken cancel) => _valid && anyone
        ? RefreshAsync(handle, 0, long.MaxValue, fresh, caller, cancel)
        : LoadAsync(handle, fresh, caller, cancel);
}
