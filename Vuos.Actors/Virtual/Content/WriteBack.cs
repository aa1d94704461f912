using System.Buffers;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual.Content;

/// <summary>
/// Brings what guests changed in the memfd to the file system. Guests may write meanwhile: a block is copied, the hash is that of the copy, and the copy is sent, so what comes
/// after the copy is found by the next comparison.
/// </summary>
internal sealed class WriteBack(ServerFile server, MemoryFile file, BlockHashes hashes, ContentSettings settings, Caller caller)
{
    private const int Page = BlockHashes.BlockSize;

    private ServerHandle _handle;

    /// <summary>The size that the file system's file has now; when an error ended the work, the greatest that it may have.</summary>
    public required long ServerSize { get; set; }

    /// <summary>The file system was made to change something.</summary>
    public bool Changed { get; private set; }

    /// <summary>Whether size or content differ, as far as one can see now.</summary>
    /// <param name="units">As in <see cref="RunAsync"/>.</param>
    public bool IsNeeded(IEnumerable<long>? units)
    {
        var size = file.Size;
        if (size != ServerSize)
            return true;
        var buffer = ArrayPool<byte>.Shared.Rent(hashes.UnitSize);
        var differs = (units ?? DataUnits(size)).Any(unit =>
        {
            var offset = unit * hashes.UnitSize;
            var length = Copy(offset, (int)Math.Min(hashes.UnitSize, size - offset), buffer);
            return ChangedRun(buffer, offset, 0, length).Length > 0;
        });
        ArrayPool<byte>.Shared.Return(buffer);
        return differs;
    }

    /// <param name="handle">Open to write.</param>
    /// <param name="units">Indexes of the units to compare; null: all that are data or were.</param>
    /// <param name="cancel">Answered with EINTR.</param>
    public async ValueTask<Errno> RunAsync(ServerHandle handle, IEnumerable<long>? units, CancellationToken cancel)
    {
        _handle = handle;
        var size = file.Size;
        if (size < ServerSize)
        {
            var cut = await SetSizeAsync(size, cancel).ConfigureAwait(false);
            if (cut != Errno.None)
                return cut;
            // The block that was cut is not known any more, whoever cut it.
            units = units?.Union([size / hashes.UnitSize]);
        }

        var error = await Pieces.RunAsync(units ?? DataUnits(size), settings.WritesInFlight, unit => UnitAsync(unit, size, cancel)).ConfigureAwait(false);
        // Grown by ftruncate, or by a hole at its end.
        return error == Errno.None && ServerSize < size ? await SetSizeAsync(size, cancel).ConfigureAwait(false) : error;
    }

    private async ValueTask<Errno> SetSizeAsync(long size, CancellationToken cancel)
    {
        Changed = true;
        var error = await server.SetSizeAsync(_handle, size, caller, cancel).ConfigureAwait(false);
        if (error != Errno.None)
        {
            // It may have cut the file all the same (EINTR): if guests write there again what was there before, that must not pass for unchanged.
            hashes.Distrust(size);
            return error;
        }

        // What it grew by is zeros, and so it was counted before.
        if (size < ServerSize)
            hashes.Truncate(size);
        ServerSize = size;
        return Errno.None;
    }

    /// <summary>What is a hole now and was zeros before need not be looked at, so a file of a terabyte that is a hole costs nothing.</summary>
    private SortedSet<long> DataUnits(long size)
    {
        var units = new SortedSet<long>(hashes.Units);
        foreach (var (begin, end) in file.Data())
        {
            for (var unit = begin / hashes.UnitSize; unit * hashes.UnitSize < Math.Min(end, size); unit++)
                units.Add(unit);
        }

        return units;
    }

    private async ValueTask<Errno> UnitAsync(long unit, long size, CancellationToken cancel)
    {
        var offset = unit * hashes.UnitSize;
        var length = (int)Math.Min(hashes.UnitSize, size - offset);
        if (length <= 0)
            return Errno.None;
        var copy = ArrayPool<byte>.Shared.Rent(hashes.UnitSize);
        try
        {
            length = Copy(offset, length, copy);
            for (var at = 0; at < length;)
            {
                var run = ChangedRun(copy, offset, at, length);
                if (run.Length > 0)
                {
                    Changed = true;
                    Forget(offset, run.Begin, run.Length);
                    var error = await server.WriteAsync(_handle, offset + run.Begin, copy.AsMemory(run.Begin, run.Length), caller, cancel).ConfigureAwait(false);
                    if (error != Errno.None)
                        return error;
                    Learn(copy, offset, run.Begin, run.Length);
                }

                at = run.Begin + Math.Max(run.Length, 1);
                at = (at + Page - 1) / Page * Page;
            }

            return Errno.None;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    /// <summary>
    /// Copies what the memfd has, and fills up the last block with zeros; the answer is how much counts. Cut meanwhile: what is gone does not, and the next write-back sets the size. Nor does
    /// the rest of the block that was cut: the file system still has the whole.
    /// </summary>
    private int Copy(long offset, int length, Span<byte> copy)
    {
        if (length <= 0)
            return 0;
        var read = file.Read(offset, copy[..length]);
        length = read < length ? read / Page * Page : length;
        copy[length..((length + Page - 1) / Page * Page)].Clear();
        return length;
    }

    /// <summary>The first stretch of changed blocks from <paramref name="at"/> on; its length is 0, and it begins at the end, if there is none.</summary>
    private (int Begin, int Length) ChangedRun(byte[] copy, long offset, int at, int length)
    {
        while (at < length && !Differs(copy, offset, at))
            at += Page;
        var begin = at;
        while (at < length && Differs(copy, offset, at))
            at += Page;
        return (Math.Min(begin, length), Math.Max(0, Math.Min(at, length) - begin));
    }

    private bool Differs(byte[] copy, long offset, int at) => BlockHashes.Of(copy.AsSpan(at, Page)) != hashes[(offset + at) / Page];

    /// <summary>Until the write succeeded nobody knows what the file system has: a write that fails may have been done in part, and the file may reach to its end.</summary>
    private void Forget(long offset, int begin, int length)
    {
        for (var at = begin; at < begin + length; at += Page)
            hashes[(offset + at) / Page] = BlockHashes.Unknown;
        lock (hashes)
            ServerSize = Math.Max(ServerSize, offset + begin + length);
    }

    private void Learn(byte[] copy, long offset, int begin, int length)
    {
        for (var at = begin; at < begin + length; at += Page)
            hashes[(offset + at) / Page] = BlockHashes.Of(copy.AsSpan(at, Page));
    }
}
