using System.Runtime.CompilerServices;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>Reading and writing, in pieces that a message can carry (fs/fuse/file.c).</summary>
internal sealed partial class FuseFileSystem
{
    /// <summary>Reads under way at once for one call: the server finds the next without going to sleep.</summary>
    private const int ReadsAhead = 4;

    /// <summary>Bytes of a read whose answer splice(2) moves in one piece on kernels that move 16 pages at once: two of the pages are the header and a page the data begins or ends in.</summary>
    private const int UnsplitRead = 14 * 4096;

    private readonly SemaphoreSlim _oneSplit = new(1);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Answer<int>> ReadAsync(ulong node, ulong handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel)
    {
        var size = PieceSize;
        if (buffer.Length <= size)
            return await ReadPieceAsync(node, handle, offset, buffer, caller, cancel).ConfigureAwait(false);
        var ahead = new Queue<(Task<Answer<int>> Read, int Length)>(ReadsAhead);
        int asked = 0, done = 0;
        var (error, ended) = (Errno.None, false);
        // What was asked for is waited for even when it is of no use any more: the answers go to the caller's buffer.
        while (ahead.Count > 0 || (asked < buffer.Length && !ended))
        {
            while (!ended && asked < buffer.Length && ahead.Count < (_negotiated.Has(FuseInitFlags.AsyncRead) ? ReadsAhead : 1))
            {
                var length = Math.Min(size, buffer.Length - asked);
                ahead.Enqueue((ReadPieceAsync(node, handle, offset + asked, buffer.Slice(asked, length), caller, cancel).AsTask(), length));
                asked += length;
            }

            var (read, wanted) = ahead.Dequeue();
            var answer = await read.ConfigureAwait(false);
            if (ended)
                continue;
            (error, done) = (answer.Error, done + answer.Value);
            ended = answer.Failed || answer.Value < wanted;
        }

        return error == Errno.None ? done : error;
    }

    public async ValueTask<Answer<int>> WriteAsync(ulong node, ulong handle, long offset, ReadOnlyMemory<byte> data, Caller caller, CancellationToken cancel)
    {
        var done = 0;
        do
        {
            using var request = await BeginAsync(FuseOpcode.Write, node, caller, cancel).ConfigureAwait(false);
            var piece = data.Slice(done, Math.Min(data.Length - done, _traits.MaxWrite));
            request.Add(
                new FuseWriteIn { Handle = handle, Offset = (ulong)(offset + done), Size = (uint)piece.Length, Flags = (uint)_files.Flags(node, handle) },
                Minor < FuseCompat.AttrMinor ? FuseCompat.WriteIn : 0).Expect(Unsafe.SizeOf<FuseWriteOut>()).Data = piece;
            var error = await CallAsync(request, cancel).ConfigureAwait(false);
            var written = request.Read<FuseWriteOut>().Size;
            if (error == Errno.None && written > piece.Length)
                error = Errno.EIO;
            if (error != Errno.None)
                return done > 0 ? done : error;
            done += (int)written;
            if (written < piece.Length)
                break;
        }
        while (done < data.Length);

        return done;
    }

    private int PieceSize => session.SplitReplies ? Math.Min(_traits.MaxRead, UnsplitRead) : _traits.MaxRead;

    /// <summary>
    /// An answer can be lost among the pieces of another's, before it is known that the server splices; then it is read again, alone. Others may still be on their way from before.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Answer<int>> ReadPieceAsync(ulong node, ulong handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel)
    {
        for (var attempt = 0; attempt <= ReadsAhead; attempt++)
        {
            var answer = await TryReadAsync(node, handle, offset, buffer, caller, cancel).ConfigureAwait(false);
            if (answer.Error != Errno.ERESTARTSYS)
                return answer;
        }

        return Errno.EIO;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Answer<int>> TryReadAsync(ulong node, ulong handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel)
    {
        var alone = session.SplitReplies;
        if (alone && !await EnterAloneAsync(cancel).ConfigureAwait(false))
            return Errno.EINTR;
        try
        {
            using var request = await BeginAsync(FuseOpcode.Read, node, caller, cancel).ConfigureAwait(false);
            request.Add(new FuseReadIn { Handle = handle, Offset = (ulong)offset, Size = (uint)buffer.Length, Flags = (uint)_files.Flags(node, handle) }).ExpectInto(buffer);
            var error = await CallAsync(request, cancel).ConfigureAwait(false);
            return error == Errno.None ? request.ReplyLength : error;
        }
        finally
        {
            if (alone)
                _oneSplit.Release();
        }
    }

    private async ValueTask<bool> EnterAloneAsync(CancellationToken cancel)
    {
        var entered = _oneSplit.WaitAsync(cancel);
        await ((Task)entered).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return entered.IsCompletedSuccessfully;
    }
}
