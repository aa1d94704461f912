using System.Buffers;
using System.Collections.Concurrent;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual.Content;

internal sealed partial class FileContent
{
    private const int Page = BlockHashes.BlockSize;

    /// <summary>Of a partial file: what of it the memfd holds, in whole blocks; what guests wrote since the last write-back, as <see cref="Written"/> tells.</summary>
    private volatile RangeSet _present = RangeSet.Empty;
    private RangeSet _suspect = RangeSet.Empty;

    /// <summary>Ranges that calls are using or that are mapped, with their number: these stay in memory.</summary>
    private readonly ConcurrentDictionary<(long Offset, long Length), int> _uses = new();

    /// <summary>Where freeing memory goes on.</summary>
    private long _hand;

    /// <summary>
    /// The file is larger than <see cref="ContentSettings.WholeFileLimit"/>: the memfd has its size, but only a part of its content. Calls that read, write or map it, or
    /// run it as a program, go on only after <see cref="EnsureAsync"/>; ftruncate(2) is done as truncate(2) is, by <see cref="SetAttributesAsync"/>. Does not change
    /// while anybody has it open.
    /// </summary>
    public bool IsPartial { get; private set; }

    /// <summary>
    /// <see cref="EnsureAsync"/> for who cannot wait: true if the range is there; it is then in use until <see cref="Done"/>. From any thread.
    /// </summary>
    public bool TryEnsure(long offset, long length)
    {
        if (!IsPartial)
            return true;
        // Marked first: whoever frees memory looks at these marks after it has taken a range out of what is present.
        Use(offset, length);
        // From the beginning of its block: behind a guest's cut all is present, but the block that was cut need not be.
        if (_present.Contains(offset / Page * Page, Clip(offset, length)))
            return true;
        Done(offset, length);
        return false;
    }

    /// <summary>
    /// Brings a range into the memfd, before a guest reads or writes it there; writes too, as a block is only known as a whole. On success the range is in use, and stays in memory,
    /// until <see cref="Done"/> is called with the same numbers; a range that is mapped, or run as a program, stays so until the last close. ETXTBSY: the file runs as a
    /// program already, so what that will read has to be asked for before it is started. EINTR: cancelled.
    /// </summary>
    /// <param name="readAhead">Bytes behind the range that are worth having with it.</param>
    public async ValueTask<Errno> EnsureAsync(long offset, long length, long readAhead, Caller caller, CancellationToken cancel)
    {
        if (TryEnsure(offset, length))
            return Errno.None;
        if (!await TryEnterAsync(cancel).ConfigureAwait(false))
            return Errno.EINTR;
        try
        {
            Use(offset, length);
            var error = await EnsureLockedAsync(offset / Page * Page, Clip(offset, length), readAhead, caller, cancel).ConfigureAwait(false);
            if (error != Errno.None)
                Done(offset, length);
            else if (_file!.Allocated > Settings.PartialBytes)
                Shrink();
            return error;
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>The call that a range was ensured for has ended.</summary>
    public void Done(long offset, long length)
    {
        while (_uses.TryGetValue((offset, length), out var count))
        {
            if (count == 1 ? _uses.TryRemove(new((offset, length), 1)) : _uses.TryUpdate((offset, length), count - 1, count))
                return;
        }
    }

    /// <summary>
    /// Tells what a guest's call has written to a partial file, after it has, and before <see cref="Done"/>; of a writable mapping, all that is mapped, before each write-back that
    /// should have it. What is not told, because the guest was killed within the call, is found when the last writer has closed. Whole files need none of this.
    /// </summary>
    public void Written(long offset, long length)
    {
        if (!IsPartial)
            return;
        Suspect(RangeSet.Empty.Add(offset, Clip(offset, length)));
        Interlocked.Increment(ref _changes);
    }

    private async ValueTask<Errno> EnsureLockedAsync(long begin, long end, long readAhead, Caller caller, CancellationToken cancel)
    {
        if (_file is not { } file || !_valid)
            return Errno.EIO;
        // Cut by a guest, and not written back yet: what the file system still has there must not come back.
        if (file.Size < _serverSize)
            _present = _present.Add(file.Size, long.MaxValue);
        end = RoundUp(end);
        if (_present.Contains(begin, end))
            return Errno.None;
        end = Math.Max(end, RoundUp(Math.Min(end + Math.Max(0, readAhead), _serverSize)));
        var opened = file.OpenWriter();
        if (opened.Failed)
            return opened.Error;
        using var writer = opened.Value;
        var borrowed = await _server.BorrowAsync(write: false, caller, cancel).ConfigureAwait(false);
        if (borrowed.Failed)
            return borrowed.Error;
        await using var held = borrowed.Value;
        var loader = new ContentLoader(_server, file, held.Handle, Settings, caller);
        foreach (var (from, to) in _present.Missing(begin, end))
        {
            // What somebody else has put behind the end is not there before the file system says so.
            // In small pages: what is punched out of a huge one becomes zeros where it lies, also under a socket or pipe that a guest sent it to (mm/truncate.c, truncate_inode_partial_folio).
            var reached = await loader.FillAsync(writer, from, Math.Min(to, file.Size), _hashes.Learn, pages: null, cancel).ConfigureAwait(false);
            if (reached.Failed)
                return reached.Error;
            _present = _present.Add(from, to);
        }

        return Errno.None;
    }

    /// <summary>Frees memory of ranges that nobody uses and that the file system has, going round through the file.</summary>
    private void Shrink()
    {
        var file = _file!;
        var opened = file.OpenWriter();
        if (opened.Failed)
            return;
        using var writer = opened.Value;
        var excess = file.Allocated - Settings.PartialBytes;
        var buffer = ArrayPool<byte>.Shared.Rent(UnitSize);
        // Once round at most.
        foreach (var (begin, end) in file.Data(_hand).Concat(file.Data().TakeWhile(d => d.Begin < _hand)).ToArray())
        {
            for (var at = begin / UnitSize * UnitSize; at < end && excess > 0; at += UnitSize)
            {
                if (FreeUnit(file, writer, at, buffer.AsSpan(0, UnitSize)))
                    excess -= UnitSize;
                _hand = at + UnitSize;
            }
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private bool FreeUnit(MemoryFile file, MemoryWriter writer, long begin, Span<byte> buffer)
    {
        var end = begin + buffer.Length;
        // The end of the file stays: what follows it counts as present without being read.
        if (end > Math.Min(file.Size, _serverSize) || !_present.Contains(begin, end))
            return false;
        _present = _present.Remove(begin, end);
        Interlocked.MemoryBarrier();
        var free = !_uses.Keys.Any(u => u.Offset < end && Clip(u.Offset, u.Length) > begin) && file.Read(begin, buffer) == buffer.Length;
        for (var at = 0; free && at < buffer.Length; at += Page)
            free = BlockHashes.Of(buffer.Slice(at, Page)) == _hashes[(begin + at) / Page];
        if (!free || writer.Punch(begin, buffer.Length) != Errno.None)
        {
            _present = _present.Add(begin, end);
            return false;
        }

        for (var at = begin; at < end; at += Page)
            _hashes[at / Page] = 0;
        return true;
    }

    private void Use(long offset, long length) => _uses.AddOrUpdate((offset, length), 1, static (_, count) => count + 1);

    private void Suspect(RangeSet more)
    {
        RangeSet old, joined;
        do
        {
            old = Volatile.Read(ref _suspect);
            joined = more.Ranges.Aggregate(old, static (all, range) => all.Add(range.Begin, range.End));
        }
        while (Interlocked.CompareExchange(ref _suspect, joined, old) != old);
    }

    private IEnumerable<long> UnitsOf(RangeSet ranges)
    {
        var size = _file!.Size;
        long next = 0;
        foreach (var (begin, end) in ranges.Ranges)
        {
            for (next = Math.Max(next, begin / UnitSize); next * UnitSize < Math.Min(end, size); next++)
                yield return next;
        }
    }

    /// <summary>The end of a range that a guest named, which may lie beyond all numbers.</summary>
    private static long Clip(long offset, long length) => length > long.MaxValue - Page - offset ? long.MaxValue - Page : offset + Math.Max(0, length);

    private static long RoundUp(long offset) => (offset + Page - 1) / Page * Page;
}
