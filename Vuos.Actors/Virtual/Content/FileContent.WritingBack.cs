using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual.Content;

internal sealed partial class FileContent
{
    /// <summary>
    /// What close(2) does: writes back, and tells the file system that a descriptor is closed. What could not be written stays to be written, and the error is told once more, by
    /// the next <see cref="SyncAsync"/>. EINTR: cancelled.
    /// </summary>
    public async ValueTask<Errno> FlushAsync(Caller caller, CancellationToken cancel)
    {
        if (!await TryEnterAsync(cancel).ConfigureAwait(false))
            return Errno.EINTR;
        Errno error;
        try
        {
            error = await FlushLockedAsync(caller, cancel).ConfigureAwait(false);
            // The rest of a close whose write-back had failed.
            if (error == Errno.None && !_watched && IsOpen)
                StartSettling();
        }
        finally
        {
            _lock.Release();
        }

        TellWrittenBack();
        return error;
    }

    /// <summary>
    /// fsync(2), or fdatasync(2) with <paramref name="dataOnly"/>: every write that had ended when this began is on the file system's stable storage. An error of an earlier
    /// write-back that no fsync told is told now, once, though what it was about may be written meanwhile. ENOTCONN: the file system has ended.
    /// </summary>
    public async ValueTask<Errno> SyncAsync(bool dataOnly, Caller caller, CancellationToken cancel)
    {
        if (!await TryEnterAsync(cancel).ConfigureAwait(false))
            return Errno.EINTR;
        Errno error;
        try
        {
            error = _abandoned ? Errno.ENOTCONN : await WriteBackAsync(caller, cancel).ConfigureAwait(false);
            if (error == Errno.None && _server.Handles.Any is { } handle)
                error = await _server.SyncAsync(handle, dataOnly, caller, cancel).ConfigureAwait(false);
            // The kernel's errseq_t, for one opener in place of each: who asks first is told.
            if (error == Errno.None)
                error = _unreported;
            _unreported = Errno.None;
        }
        finally
        {
            _lock.Release();
        }

        TellWrittenBack();
        return error;
    }

    private async ValueTask<Errno> FlushLockedAsync(Caller caller, CancellationToken cancel)
    {
        var error = await WriteBackAsync(caller, cancel).ConfigureAwait(false);
        if (error == Errno.None && _server.Handles.ToWrite is { } handle)
            error = await _server.FlushAsync(handle, caller, cancel).ConfigureAwait(false);
        if (error != Errno.None && error != Errno.EINTR)
            _unreported = error;
        return error;
    }

    /// <summary>Writes what changed; under the lock.</summary>
    private async ValueTask<Errno> WriteBackAsync(Caller caller, CancellationToken cancel)
    {
        if (!MayBeDirty || _file is not { } file || !_valid)
            return Errno.None;
        // Asked first: whoever begins to write after this counts as a change.
        var changes = Volatile.Read(ref _changes);
        file.TryStat(out var stat);
        var writers = file.AskOpenness()?.Writers ?? _server.Handles.Writing > 0;
        if (stat.Size < _serverSize)
            _present = _present.Add(stat.Size, long.MaxValue);
        var suspect = Interlocked.Exchange(ref _suspect, RangeSet.Empty);
        var work = new WriteBack(_server, file, _hashes, Settings, caller) { ServerSize = _serverSize };
        // Writes of a partial file are told one by one, except of who ends in the middle of one, so its last write-back looks everywhere.
        var units = IsPartial && writers ? UnitsOf(suspect) : null;
        var error = await RunAsync(work, units, caller, cancel).ConfigureAwait(false);
        _serverSize = work.ServerSize;
        _attributesOld |= work.Changed;
        _everWrote |= work.Changed;
        _untold |= work.Changed;
        if (error != Errno.None)
        {
            Suspect(suspect);
            return error;
        }

        _loadedAt = TimeOf(stat);
        if (!writers)
            _written = changes;
        return Errno.None;
    }

    /// <summary>
    /// Where nobody opened to write, it is first looked whether there is anything to do: closing a writer of our own (who loaded the file again) is told like a guest's, and a file system
    /// that cannot be written need not be opened for that.
    /// </summary>
    private async ValueTask<Errno> RunAsync(WriteBack work, IEnumerable<long>? units, Caller caller, CancellationToken cancel)
    {
        if (_server.Handles.ToWrite is null && !work.IsNeeded(units))
            return Errno.None;
        var borrowed = await _server.BorrowAsync(write: true, caller, cancel).ConfigureAwait(false);
        if (borrowed.Failed)
            return borrowed.Error;
        await using var held = borrowed.Value;
        return await work.RunAsync(held.Handle, units, cancel).ConfigureAwait(false);
    }

    private void TellWrittenBack()
    {
        if (Interlocked.Exchange(ref _untold, false))
            WrittenBack?.Invoke(this);
    }
}
