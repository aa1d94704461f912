using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual.Content;

internal sealed partial class FileContent
{
    private int UnitSize => Math.Max(BlockHashes.BlockSize, _server.MaxWrite / BlockHashes.BlockSize * BlockHashes.BlockSize);

    /// <summary>
    /// chmod(2), chown(2), truncate(2), utimensat(2) and their kin, of a file that has this content: through it, so that no write-back comes between what the file system does and
    /// what the memfd knows. Before a time is set, changes are written back, because a later write-back would set it anew. ETXTBSY: the size, while it runs as a program.
    /// </summary>
    /// <param name="handle">What the file system gave for the open file by which it is asked, if there is one.</param>
    public async ValueTask<Answer<TimedAttributes>> SetAttributesAsync(AttributeChange change, ulong? handle, Caller caller, CancellationToken cancel)
    {
        if (!await TryEnterAsync(cancel).ConfigureAwait(false))
            return Errno.EINTR;
        try
        {
            return await SetAttributesLockedAsync(change, handle, caller, cancel).ConfigureAwait(false);
        }
        finally
        {
            _lock.Release();
        }
    }

    private async ValueTask<Answer<TimedAttributes>> SetAttributesLockedAsync(AttributeChange change, ulong? handle, Caller caller, CancellationToken cancel)
    {
        Answer<MemoryWriter> opened = change.Size is not null && _valid && _file is { } file ? file.OpenWriter() : Errno.None;
        if (opened.Failed)
            return opened.Error;
        using var writer = opened.Value;
        if (change.ModifyTime is not null || change.ModifyNow)
            await WriteBackAsync(caller, cancel).ConfigureAwait(false);
        var answer = await _server.SetAttributesAsync(change, handle, caller, cancel).ConfigureAwait(false);
        _attributesOld = _everWrote = true;
        if (answer.Failed || writer is null || change.Size is not { } size)
            return answer;
        var error = FollowSize(writer, size);
        if (error != Errno.None)
            return error;
        _serverSize = size;
        _present = _present.Add(RoundUp(size), long.MaxValue);
        if (!MayBeDirty)
            RememberTime();
        return answer;
    }

    /// <summary>
    /// The file system says that content changed there (<see cref="IInvalidation.Node"/>): guests' changes are written back, then the range is read again, at once if somebody
    /// has it open, else at the next open.
    /// </summary>
    /// <param name="length">Bytes; 0: to the end.</param>
    public async ValueTask<Errno> InvalidateAsync(long offset, long length, CancellationToken cancel)
    {
        if (offset < 0)
            return Errno.None;
        if (!await TryEnterAsync(cancel).ConfigureAwait(false))
            return Errno.EINTR;
        try
        {
            var error = await WriteBackAsync(Caller.Nobody, cancel).ConfigureAwait(false);
            if (error != Errno.None || _file is not { } file || !_valid)
                return error;
            if (file.AskOpenness() is { Anyone: false })
            {
                _valid = false;
                SettleCache();
                return Errno.None;
            }

            var fresh = await _server.AttributesAsync(Caller.Nobody, cancel).ConfigureAwait(false);
            if (fresh.Failed)
                return fresh.Error;
            var borrowed = await _server.BorrowAsync(write: false, Caller.Nobody, cancel).ConfigureAwait(false);
            if (borrowed.Failed)
                return borrowed.Error;
            await using var held = borrowed.Value;
            return await RefreshAsync(held.Handle, offset, length <= 0 ? long.MaxValue : offset + length, fresh.Value, Caller.Nobody, cancel).ConfigureAwait(false);
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>Loads a file that nobody has open.</summary>
    private async ValueTask<Errno> LoadAsync(ServerHandle handle, NodeAttributes fresh, Caller caller, CancellationToken cancel)
    {
        _valid = false;
        var opened = _file!.OpenWriter();
        if (opened.Failed)
            return opened.Error;
        using var writer = opened.Value;
        var error = writer.SetSize(0);
        if (error == Errno.None)
            error = writer.SetSize(fresh.Size);
        if (error != Errno.None)
            return error;
        var end = fresh.Size;
        var partial = end > Settings.WholeFileLimit;
        // Known from the beginning, though most files are only read: a guest may get a writer of its own (through /proc/PID/fd), and whoever cannot tell what changed would have to
        // write everything, also over what somebody else wrote.
        _hashes = new BlockHashes(UnitSize);
        if (!partial)
        {
            var reached = await new ContentLoader(_server, _file, handle, Settings, caller).FillAsync(writer, 0, end, _hashes.Learn, end >= MemoryFile.HugePage ? new HugePages(_file) : null, cancel).ConfigureAwait(false);
            if (reached.Failed)
                return reached.Error;
            if (reached.Value < end)
                error = FollowSize(writer, end = reached.Value);
            if (error != Errno.None)
                return error;
        }

        Loaded(end, (fresh.Size, fresh.ModifyTime), partial);
        _written = Volatile.Read(ref _changes);
        return Errno.None;
    }

    private void Loaded(long size, (long Size, TimeSpec Modified) stamp, bool partial)
    {
        IsPartial = partial;
        // What lies beyond the block of the end is known: there is nothing.
        _present = partial ? RangeSet.Empty.Add(RoundUp(size), long.MaxValue) : RangeSet.Empty;
        _suspect = RangeSet.Empty;
        _serverSize = size;
        _stamp = stamp;
        _attributesOld = false;
        _valid = true;
        RememberTime();
    }

    private void RememberTime()
    {
        if (_file!.TryStat(out var stat))
            _loadedAt = TimeOf(stat);
    }

    /// <summary>Reads a range again, under guests that have it open.</summary>
    private async ValueTask<Errno> RefreshAsync(ServerHandle handle, long begin, long end, NodeAttributes fresh, Caller caller, CancellationToken cancel)
    {
        var file = _file!;
        var opened = file.OpenWriter();
        // A running program keeps the text that it was started with.
        if (opened.Failed)
            return opened.Error == Errno.ETXTBSY ? Errno.None : opened.Error;
        using var writer = opened.Value;
        var error = Errno.None;
        // Unless a guest has just changed the size: then its write-back decides.
        if (file.Size == _serverSize && fresh.Size != _serverSize)
        {
            error = FollowSize(writer, fresh.Size);
            if (error != Errno.None)
                return error;
            // Of a partial file, what was beyond the end is to be loaded; but the block that the end was in is read again here, if it was there.
            _present = _present.Remove(RoundUp(_serverSize), RoundUp(fresh.Size)).Add(RoundUp(fresh.Size), long.MaxValue);
            begin = Math.Min(begin, _serverSize / Page * Page);
            _serverSize = fresh.Size;
        }

        begin = begin / Page * Page;
        end = end > file.Size ? file.Size : Math.Min(file.Size, RoundUp(end));
        var loader = new ContentLoader(_server, file, handle, Settings, caller);
        foreach (var (from, to) in IsPartial ? _present.Within(begin, end).ToArray() : [(begin, end)])
        {
            error = await loader.RefreshAsync(writer, RoundUp(from), to, _hashes, cancel).ConfigureAwait(false);
            if (error != Errno.None)
                return error;
        }

        _stamp = (fresh.Size, fresh.ModifyTime);
        if (!MayBeDirty)
            RememberTime();
        return Errno.None;
    }

    /// <summary>Gives the memfd the size that the file system's file got. A block that is cut stays as known as it was: what is left of it is what was there before.</summary>
    private Errno FollowSize(MemoryWriter writer, long size)
    {
        var begin = size / Page * Page;
        Span<byte> block = stackalloc byte[Page];
        var known = IsKnown(_file!, begin, block);
        var error = writer.SetSize(size);
        if (error != Errno.None)
            return error;
        _hashes.Truncate(size);
        if (!known)
            return Errno.None;
        block[(int)(size - begin)..].Clear();
        _hashes.Learn(begin, block);
        return Errno.None;
    }

    /// <summary>Whether the file system has what the memfd has in a block, which is copied to <paramref name="block"/>, with zeros behind the end of the file.</summary>
    private bool IsKnown(MemoryFile file, long begin, Span<byte> block)
    {
        block[file.Read(begin, block)..].Clear();
        return BlockHashes.Of(block) == _hashes[begin / Page];
    }
}
