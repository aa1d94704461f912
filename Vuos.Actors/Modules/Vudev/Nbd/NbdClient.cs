using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev.Nbd;

/// <summary>
/// The client side of one NBD connection; any number of requests are in flight at once, and replies come in any order. When the connection ends every request answers EIO, now and later.
/// Only what has no effect can be given up when it is cancelled (EINTR): a write that is given up could overtake a later one.
/// </summary>
internal sealed class NbdClient : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly ConcurrentDictionary<ulong, NbdRequest> _pending = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly byte[] _head = new byte[NbdProtocol.RequestSize];
    private readonly byte[] _scrap = new byte[64 << 10];
    private readonly Task _receiving;
    private ulong _lastCookie;
    private volatile bool _ended;

    private NbdClient(Socket socket, NbdExport export)
    {
        _socket = socket;
        Export = export;
        _receiving = Task.Run(ReceiveAsync);
    }

    public NbdExport Export { get; }

    /// <summary>Done when the connection has ended, for whatever reason.</summary>
    public Task Ended => _receiving;

    /// <summary>Negotiates on a connected socket, which the client owns if this succeeds. Exceptions: <see cref="NbdException"/>, IOException.</summary>
    public static async Task<NbdClient> StartAsync(Socket socket, string export, CancellationToken cancel)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: false);
        return new NbdClient(socket, await NbdHandshake.NegotiateAsync(stream, export, cancel).ConfigureAwait(false));
    }

    /// <summary>Fills the buffer, of at most <see cref="NbdProtocol.MaxPayload"/> bytes.</summary>
    public Task<Errno> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancel) =>
        AskAsync(NbdCommand.Read, offset, (uint)buffer.Length, default, buffer, cancel);

    /// <summary>Writes at most <see cref="NbdProtocol.MaxPayload"/> bytes.</summary>
    public Task<Errno> WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancel) =>
        AskAsync(NbdCommand.Write, offset, (uint)data.Length, data, default, cancel);

    /// <summary>Everything written before is on stable storage; success where the server says it has nothing to flush.</summary>
    public Task<Errno> FlushAsync(CancellationToken cancel) =>
        Export.Can(NbdFlags.SendFlush) ? AskAsync(NbdCommand.Flush, 0, 0, default, default, cancel) : Task.FromResult(Errno.None);

    /// <summary>EOPNOTSUPP: the server has no such command.</summary>
    public Task<Errno> TrimAsync(long offset, uint length, CancellationToken cancel) =>
        Export.Can(NbdFlags.SendTrim) ? AskAsync(NbdCommand.Trim, offset, length, default, default, cancel) : Task.FromResult(Errno.EOPNOTSUPP);

    /// <summary>EOPNOTSUPP: the server has no such command.</summary>
    public Task<Errno> ZeroAsync(long offset, uint length, CancellationToken cancel) =>
        Export.Can(NbdFlags.SendWriteZeroes) ? AskAsync(NbdCommand.WriteZeroes, offset, length, default, default, cancel) : Task.FromResult(Errno.EOPNOTSUPP);

    /// <summary>Says good-bye, which lets the server end in order. One that hangs is not waited for.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_ended)
        {
            var goodBye = SendAsync(NbdCommand.Disconnect, 0, 0, 0, default, CancellationToken.None).AsTask();
            await Task.WhenAny(goodBye, Task.Delay(TimeSpan.FromSeconds(2))).ConfigureAwait(false);
        }

        Shut();
        await _receiving.ConfigureAwait(false);
        _socket.Dispose();
    }

    private async Task<Errno> AskAsync(NbdCommand command, long offset, uint length, ReadOnlyMemory<byte> payload, Memory<byte> buffer, CancellationToken cancel)
    {
        var cookie = Interlocked.Increment(ref _lastCookie);
        var request = new NbdRequest(buffer);
        _pending[cookie] = request;
        var sent = await SendAsync(command, cookie, offset, length, payload, cancel).ConfigureAwait(false);
        if (sent != Errno.None)
        {
            // If the receiver took it meanwhile it answers; else nobody will.
            if (_pending.TryRemove(cookie, out _))
                return sent;
        }

        if (_ended && _pending.TryRemove(cookie, out _))
            return Errno.EIO;
        if (command is not (NbdCommand.Read or NbdCommand.Flush))
            return await request.Answer.ConfigureAwait(false);
        await using var giveUp = cancel.UnsafeRegister(static r => ((NbdRequest)r!).Abandon(), request);
        return await request.Answer.ConfigureAwait(false);
    }

    /// <summary>EINTR: cancelled before anything was sent. A half-sent request ends the connection, since nothing after it would be understood.</summary>
    private async ValueTask<Errno> SendAsync(NbdCommand command, ulong cookie, long offset, uint length, ReadOnlyMemory<byte> payload, CancellationToken cancel)
    {
        try
        {
            await _sending.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Errno.EINTR;
        }

        try
        {
            BinaryPrimitives.WriteUInt32BigEndian(_head, NbdProtocol.RequestMagic);
            BinaryPrimitives.WriteUInt16BigEndian(_head.AsSpan(4), 0);
            BinaryPrimitives.WriteUInt16BigEndian(_head.AsSpan(6), (ushort)command);
            BinaryPrimitives.WriteUInt64BigEndian(_head.AsSpan(8), cookie);
            BinaryPrimitives.WriteInt64BigEndian(_head.AsSpan(16), offset);
            BinaryPrimitives.WriteUInt32BigEndian(_head.AsSpan(24), length);
            await SendAllAsync(_head).ConfigureAwait(false);
            await SendAllAsync(payload).ConfigureAwait(false);
            return Errno.None;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Shut();
            return Errno.EIO;
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task SendAllAsync(ReadOnlyMemory<byte> data)
    {
        while (data.Length > 0)
            data = data[await _socket.SendAsync(data, SocketFlags.None, CancellationToken.None).ConfigureAwait(false)..];
    }

    private async Task ReceiveAsync()
    {
        try
        {
            var head = new byte[NbdProtocol.ReplySize];
            while (await ReceiveAllAsync(head).ConfigureAwait(false) && BinaryPrimitives.ReadUInt32BigEndian(head) == NbdProtocol.ReplyMagic)
            {
                if (!_pending.TryGetValue(BinaryPrimitives.ReadUInt64BigEndian(head.AsSpan(8)), out var request))
                    break; // a reply to nothing
                if (!await TakeReplyAsync(request, (Errno)BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(4))).ConfigureAwait(false))
                    break; // still pending, so told below
                _pending.TryRemove(BinaryPrimitives.ReadUInt64BigEndian(head.AsSpan(8)), out _);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The server is gone; all that wait are told below.
        }

        _ended = true;
        Shut();
        foreach (var cookie in _pending.Keys)
        {
            if (_pending.TryRemove(cookie, out var request))
                request.Complete(Errno.EIO);
        }
    }

    /// <summary>False: the connection ended amid the reply.</summary>
    private async Task<bool> TakeReplyAsync(NbdRequest request, Errno error)
    {
        var mine = request.Claim();
        var rest = error == Errno.None ? request.Buffer.Length : 0;
        if (mine && rest > 0 && !await ReceiveAllAsync(request.Buffer).ConfigureAwait(false))
            return false;
        for (var left = mine ? 0 : rest; left > 0; left -= Math.Min(left, _scrap.Length))
        {
            if (!await ReceiveAllAsync(_scrap.AsMemory(0, Math.Min(left, _scrap.Length))).ConfigureAwait(false))
                return false;
        }

        request.Complete(Known(error));
        return true;
    }

    /// <summary>The protocol's errors have Linux's numbers; others count as EIO, and so does that the server is going to end.</summary>
    private static Errno Known(Errno error) => error is Errno.None or Errno.EPERM or Errno.ENOMEM or Errno.EINVAL or Errno.ENOSPC or Errno.EOVERFLOW or Errno.EOPNOTSUPP ? error : Errno.EIO;

    private async Task<bool> ReceiveAllAsync(Memory<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var received = await _socket.ReceiveAsync(buffer, SocketFlags.None, CancellationToken.None).ConfigureAwait(false);
            if (received == 0)
                return false;
            buffer = buffer[received..];
        }

        return true;
    }

    private void Shut()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is shut.
        }
    }
}
