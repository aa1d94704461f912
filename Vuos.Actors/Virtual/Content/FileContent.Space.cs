using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual.Content;

/// <summary>ftruncate(2) and fallocate(2) of a partial file: the file system does it, and the memfd follows.</summary>
internal sealed partial class FileContent
{
    /// <summary>fallocate(2): FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, FALLOC_FL_ZERO_RANGE (include/uapi/linux/falloc.h).</summary>
    private const uint KeepSize = 1, PunchHole = 2, ZeroRange = 16;

    /// <summary>Bytes that the memfd has; of a partial file that is the size guests see.</summary>
    public long MemorySize => _file?.Size ?? 0;

    /// <summary>ftruncate(2): as <see cref="SetAttributesAsync"/>, by a handle of one who may write, whatever the mode of the file has become.</summary>
    public async ValueTask<Answer<TimedAttributes>> CutAsync(long size, Caller caller, CancellationToken cancel)
    {
        if (!await TryEnterAsync(cancel).ConfigureAwait(false))
            return Errno.EINTR;
        try
        {
            return await SetAttributesLockedAsync(new AttributeChange { Size = size }, _server.Handles.ToWrite?.Handle, caller, cancel).ConfigureAwait(false);
        }
        finally
        {
            _lock.Release();
        }
    }

    /// <summary>fallocate(2). EOPNOTSUPP: a mode that moves content, or what the file system does not do.</summary>
    public async ValueTask<Errno> AllocateAsync(long offset, long length, uint mode, Caller caller, CancellationToken cancel)
    {
        if ((mode & ~(KeepSize | PunchHole | ZeroRange)) != 0)
            return Errno.EOPNOTSUPP;
        if (!await TryEnterAsync(cancel).ConfigureAwait(false))
            return Errno.EINTR;
        try
        {
            return await AllocateLockedAsync(offset, length, mode, caller, cancel).ConfigureAwait(false);
        }
        finally
        {
            _lock.Release();
            TellWrittenBack();
        }
    }

    private async ValueTask<Errno> AllocateLockedAsync(long offset, long length, uint mode, Caller caller, CancellationToken cancel)
    {
        if (_file is not { } file || !_valid)
            return Errno.EIO;
        var opened = file.OpenWriter();
        if (opened.Failed)
            return opened.Error;
        using var writer = opened.Value;
        var borrowed = await _server.BorrowAsync(write: true, caller, cancel).ConfigureAwait(false);
        if (borrowed.Failed)
            return borrowed.Error;
        await using var held = borrowed.Value;
        // First what guests wrote, as the kernel does (fs/fuse/file.c, fuse_file_fallocate): the file system must know where the file ends.
        var error = await WriteBackAsync(caller, cancel).ConfigureAwait(false);
        if (error == Errno.None)
            error = await _server.AllocateAsync(held.Handle, offset, length, mode, caller, cancel).ConfigureAwait(false);
        if (error != Errno.None)
            return error;
        _attributesOld = _everWrote = true;
        var end = offset + length;
        if ((mode & (PunchHole | ZeroRange)) != 0)
        {
            error = await ClearEdgesAsync(held.Handle, offset, Math.Min(end, file.Size), caller, cancel).ConfigureAwait(false);
            if (error == Errno.None)
                error = FollowZeros(file, writer, offset, Math.Min(end, file.Size));
        }

        if (error == Errno.None && (mode & KeepSize) == 0 && end > file.Size)
        {
            error = FollowSize(writer, end);
            _serverSize = end;
        }

        if (!MayBeDirty)
            RememberTime();
        return error;
    }

    /// <summary>
    /// Makes sure that what the range has of blocks of which it has only a part is zeros in the file system: fuse2fs (e2fsprogs 1.47.0) may leave it as it was, which guests would see once it was dropped
    /// here and read again.
    /// </summary>
    private async ValueTask<Errno> ClearEdgesAsync(ServerHandle writing, long begin, long end, Caller caller, CancellationToken cancel)
    {
        var first = Math.Min(RoundUp(begin), end);
        var last = Math.Max(first, end / Page * Page);
        if (first <= begin && end <= last)
            return Errno.None;
        var borrowed = await _server.BorrowAsync(write: false, caller, cancel).ConfigureAwait(false);
        if (borrowed.Failed)
            return borrowed.Error;
        await using var held = borrowed.Value;
        var buffer = new byte[Page];
        foreach (var (from, to) in ((long, long)[])[(begin, first), (last, end)])
        {
            if (from >= to)
                continue;
            var edge = buffer.AsMemory(0, (int)(to - from));
            var read = await _server.ReadAsync(held.Handle, from, edge, caller, cancel).ConfigureAwait(false);
            if (read.Failed)
                return read.Error;
            edge = edge[..read.Value];
            if (!edge.Span.ContainsAnyExcept((byte)0))
                continue;
            edge.Span.Clear();
            var error = await _server.WriteAsync(writing, from, edge, caller, cancel).ConfigureAwait(false);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    /// <summary>Makes a range zeros that the file system has made so. A block of which only a part is concerned stays as known as it was.</summary>
    private Errno FollowZeros(MemoryFile file, MemoryWriter writer, long begin, long end)
    {
        if (begin >= end)
            return Errno.None;
        Span<long> edges = [begin / Page * Page, (end - 1) / Page * Page];
        Span<byte> block = stackalloc byte[Page];
        Span<bool> known = stackalloc bool[2];
        for (var i = 0; i < 2; i++)
            known[i] = IsKnown(file, edges[i], block);

        var error = writer.Punch(begin, end - begin);
        if (error != Errno.None)
            return error;
        var (wholeBegin, wholeEnd) = (RoundUp(begin), end / Page * Page);
        _hashes.Clear(wholeBegin, wholeEnd);
        _present = _present.Add(wholeBegin, wholeEnd);
        for (var i = 0; i < 2; i++)
        {
            block[file.Read(edges[i], block)..].Clear();
            if (edges[i] < wholeBegin || edges[i] >= wholeEnd)
                _hashes[edges[i] / Page] = known[i] ? BlockHashes.Of(block) : BlockHashes.Unknown;
        }

        return Errno.None;
    }
}
