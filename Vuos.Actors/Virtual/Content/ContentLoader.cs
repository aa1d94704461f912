using System.Buffers;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual.Content;

/// <summary>Brings content from the file system into the memfd.</summary>
internal sealed class ContentLoader(ServerFile server, MemoryFile file, ServerHandle handle, ContentSettings settings, Caller caller)
{
    private const int Page = BlockHashes.BlockSize;

    /// <summary>
    /// Fills an empty part of the memfd. Zeros are left out, and holes are not read where the file system knows them, so a sparse file takes no more memory than it has data.
    /// </summary>
    /// <param name="writer">Of the memfd, which has its size already.</param>
    /// <param name="begin">A multiple of the page size.</param>
    /// <param name="end">Where the file ends, or a multiple of the page size.</param>
    /// <param name="stored">Told each piece, filled up with zeros to whole pages.</param>
    /// <param name="pages">Puts it into huge pages; null: nobody.</param>
    /// <param name="cancel">Answered with EINTR, by the file system.</param>
    /// <returns>Where the file really ended, at most <paramref name="end"/>: it may have been cut since its size was asked for.</returns>
    public async ValueTask<Answer<long>> FillAsync(MemoryWriter writer, long begin, long end, Action<long, ReadOnlySpan<byte>> stored, HugePages? pages, CancellationToken cancel)
    {
        var reached = end;
        var gate = new Lock();
        var error = await Pieces.RunAsync(await ListAsync(begin, end, cancel).ConfigureAwait(false), settings.ReadsInFlight, async piece =>
        {
            var buffer = ArrayPool<byte>.Shared.Rent(piece.Length + Page);
            try
            {
                var read = await server.ReadAsync(handle, piece.Offset, buffer.AsMemory(0, piece.Length), caller, cancel).ConfigureAwait(false);
                if (read.Failed)
                    return read.Error;
                if (read.Value < piece.Length)
                {
                    lock (gate)
                        reached = Math.Min(reached, piece.Offset + read.Value);
                }

                var whole = (read.Value + Page - 1) / Page * Page;
                buffer.AsSpan(read.Value, whole - read.Value).Clear();
                stored(piece.Offset, buffer.AsSpan(0, whole));
                return Store(writer, piece.Offset, buffer.AsSpan(0, read.Value), pages);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }).ConfigureAwait(false);
        if (pages is not null)
            await pages.EndAsync().ConfigureAwait(false);
        return error != Errno.None ? error : reached;
    }

    /// <summary>
    /// Reads a range again that guests may be using: only blocks are replaced that differ and that no guest has changed. A write that comes between look and replacement is
    /// overtaken, as one that comes between two servers' writes would be.
    /// </summary>
    public ValueTask<Errno> RefreshAsync(MemoryWriter writer, long begin, long end, BlockHashes hashes, CancellationToken cancel) =>
        Pieces.RunAsync(Cut(begin, end), settings.ReadsInFlight, async piece =>
        {
            var whole = (piece.Length + Page - 1) / Page * Page;
            var fresh = ArrayPool<byte>.Shared.Rent(whole);
            var old = ArrayPool<byte>.Shared.Rent(whole);
            try
            {
                var read = await server.ReadAsync(handle, piece.Offset, fresh.AsMemory(0, piece.Length), caller, cancel).ConfigureAwait(false);
                if (read.Failed)
                    return read.Error;
                fresh.AsSpan(read.Value, whole - read.Value).Clear();
                var present = file.Read(piece.Offset, old.AsSpan(0, whole));
                old.AsSpan(present, whole - present).Clear();
                for (var at = 0; at < piece.Length; at += Page)
                {
                    var block = fresh.AsMemory(at, Page);
                    var index = (piece.Offset + at) / Page;
                    if (BlockHashes.Of(old.AsSpan(at, Page)) != hashes[index])
                        continue;
                    hashes[index] = BlockHashes.Of(block.Span);
                    if (block.Span.SequenceEqual(old.AsSpan(at, Page)))
                        continue;
                    var error = writer.Write(piece.Offset + at, block.Span[..Math.Min(Page, piece.Length - at)]);
                    if (error != Errno.None)
                        return error;
                }

                return Errno.None;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(fresh);
                ArrayPool<byte>.Shared.Return(old);
            }
        });

    private async ValueTask<List<(long Offset, int Length)>> ListAsync(long begin, long end, CancellationToken cancel)
    {
        var pieces = new List<(long, int)>();
        // One read is cheaper than asking for holes first.
        if (end - begin <= server.MaxRead)
        {
            pieces.AddRange(Cut(begin, end));
            return pieces;
        }

        for (var at = begin; at < end;)
        {
            var (dataBegin, dataEnd) = await server.NextDataAsync(handle, at, end, caller, cancel).ConfigureAwait(false);
            // Hashes and pages want whole blocks; the zeros around data do no harm.
            dataBegin = Math.Max(at, dataBegin / Page * Page);
            dataEnd = Math.Min(end, (dataEnd + Page - 1) / Page * Page);
            pieces.AddRange(Cut(dataBegin, dataEnd));
            at = Math.Max(dataEnd, at + Page);
        }

        return pieces;
    }

    private IEnumerable<(long Offset, int Length)> Cut(long begin, long end)
    {
        var most = Math.Max(Page, server.MaxRead / Page * Page);
        for (var at = begin; at < end; at += most)
            yield return (at, (int)Math.Min(most, end - at));
    }

    private static Errno Store(MemoryWriter writer, long offset, ReadOnlySpan<byte> data, HugePages? pages)
    {
        for (var at = 0; at < data.Length;)
        {
            var stop = at;
            while (stop < data.Length && data[stop..Math.Min(stop + Page, data.Length)].ContainsAnyExcept((byte)0))
                stop += Page;
            var error = stop > at ? writer.Write(offset + at, data[at..Math.Min(stop, data.Length)]) : Errno.None;
            if (error != Errno.None)
                return error;
            pages?.Stored(offset + at, stop - at);
            at = stop + Page;
        }

        return Errno.None;
    }
}
