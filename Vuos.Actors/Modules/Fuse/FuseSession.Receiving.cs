using Vuos.Native;
using Vuos.Native.Fuse;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>The receiving thread: answers, notifications, and all that must not be done by those who ask.</summary>
internal sealed partial class FuseSession
{
    /// <summary>Milliseconds that forgets wait for company, and that a message waits when there was no memory for it.</summary>
    private const int ForgetDelay = 20, RetryDelay = 100;

    private readonly byte[] _buffer;
    private readonly ReplyAssembly _assembly = new();
    private readonly PriorityQueue<ulong, long> _deadlines = new();
    private long _forgetsDue = long.MaxValue;

    private void Receive()
    {
        var polled = new PollFd[2];
        while (!_stop)
        {
            var length = MessageSocket.Receive(_socket, _buffer);
            if (length > 0)
            {
                if (!Received(_buffer.AsSpan(0, (int)Math.Min(length, _buffer.Length)), length))
                    break;
                if (Volatile.Read(ref _work) != 0)
                    DoWork();
            }
            else if (length == -(long)Errno.EAGAIN)
            {
                DoWork();
                polled[0] = new PollFd { Descriptor = _socket, Events = (short)(_outbox.Queued ? PollFd.In | PollFd.Out : PollFd.In) };
                polled[1] = new PollFd { Descriptor = _wakeUp, Events = PollFd.In };
                MessageSocket.Poll(polled, Timeout());
                // Whoever made work may have written after the work was found and done, so it is read whenever it says something.
                if (polled[1].Returned != 0)
                    Awakened();
            }
            else if (length != -(long)Errno.EINTR)
            {
                break;
            }
        }

        End();
    }

    private int Timeout()
    {
        var due = _forgetsDue;
        if (_deadlines.TryPeek(out _, out var deadline))
            due = Math.Min(due, deadline);
        if (due == long.MaxValue)
            // Room in the socket wakes us, memory does not.
            return _outbox.Queued ? RetryDelay : -1;
        return (int)Math.Clamp(due - Environment.TickCount64, 0, int.MaxValue);
    }

    private unsafe void Awakened()
    {
        long count;
        Sys.Fast(Nr.Read, _wakeUp, (long)&count, sizeof(long));
    }

    private void DoWork()
    {
        if (Interlocked.Exchange(ref _work, 0) != 0)
        {
            while (_cancelled.TryDequeue(out var unique))
                GiveUp(unique);
            while (_interrupted.TryDequeue(out var pid))
                Tell(pid);
            if (_forgetsDue == long.MaxValue && _outbox.Forgets > 0)
                _forgetsDue = Environment.TickCount64 + ForgetDelay;
        }

        if (_outbox.Forgets >= Outbox.ForgetsPerMessage || Environment.TickCount64 >= _forgetsDue)
            SendForgets();
        while (_deadlines.TryPeek(out var late, out var deadline) && deadline <= Environment.TickCount64)
        {
            _deadlines.Dequeue();
            if (_inFlight.Abandon(late, out var request))
                Finish(request, Errno.EINTR);
        }

        if (_outbox.Queued)
            _outbox.Flush();
    }

    private void SendForgets()
    {
        _forgetsDue = long.MaxValue;
        foreach (var message in _outbox.TakeForgets(Rent, batch: Minor >= FuseCompat.BatchForgetMinor))
            Post(message);
    }

    /// <summary>A request not sent yet is taken back; for others the server is asked to hurry (fs/fuse/dev.c, request_wait_answer).</summary>
    private void GiveUp(ulong unique)
    {
        if (!_inFlight.Find(unique, out var request))
            return;
        if (_outbox.Withdraw(request))
        {
            _inFlight.Take(unique, out _);
            Finish(request, Errno.EINTR);
            return;
        }

        _deadlines.Enqueue(unique, Environment.TickCount64 + (long)InterruptGrace.TotalMilliseconds);
        Tell(request);
    }

    /// <summary>Only of what has been sent: the rest the server has not begun.</summary>
    private void Tell(int pid)
    {
        foreach (var request in _inFlight.Of(pid))
        {
            if (request.Sent)
                Tell(request);
        }
    }

    private void Tell(FuseRequest request)
    {
        if (request.Interrupted)
            return;
        request.Interrupted = true;
        SendInterrupt(request.Unique);
    }

    private void SendInterrupt(ulong unique)
    {
        if (!_noInterrupt)
            Post(Rent().Begin(FuseOpcode.Interrupt, 0, default).Add(new FuseInterruptIn { Unique = unique }), unique | FuseProtocol.InterruptBit);
    }

    /// <summary>Takes one message of the socket, the whole or a piece. False: the server talks nonsense (what the device answers with EINVAL), and the session ends.</summary>
    private bool Received(ReadOnlySpan<byte> message, long length)
    {
        var header = Wire.Read<FuseOutHeader>(message);
        if (_assembly.Pending && !IsAnswer(header, length))
            return Piece(message, length);
        if (length < FuseOutHeader.SizeOf || header.Length < length || header.Length > MaxMessage)
            return false;
        if (header.Length == length)
            return Answered(header, message[FuseOutHeader.SizeOf..]);
        if (length > message.Length || header.Unique == 0 || header.Error != 0)
            return false;
        SplitReplies = true;
        _assembly.Begin(header, message);
        FailMixed();
        return true;
    }

    /// <summary>While pieces are outstanding: whether a message is more probably an answer of its own. Its header would have to be repeated in file content by chance, id included.</summary>
    private bool IsAnswer(in FuseOutHeader header, long length) =>
        length >= FuseOutHeader.SizeOf && header.Length >= length && header.Length <= MaxMessage && header.Unique != 0 && _inFlight.Knows(header.Unique & ~FuseProtocol.InterruptBit)
        && (header.Length == length ? header.Error is <= 0 and > -(int)Errno.ERESTARTSYS : header.Error == 0);

    private bool Piece(ReadOnlySpan<byte> message, long length)
    {
        if (length > message.Length || !_assembly.Append(message))
            return false;
        if (_assembly.Pending || _assembly.Whole.IsEmpty)
            return true;
        return Answered(Wire.Read<FuseOutHeader>(_assembly.Whole), _assembly.Whole[FuseOutHeader.SizeOf..]);
    }

    private void FailMixed()
    {
        foreach (var unique in _assembly.Mixed)
        {
            if (_inFlight.Take(unique, out var request))
                Finish(request, Errno.ERESTARTSYS);
        }

        _assembly.ForgetMixed();
    }

    private bool Answered(in FuseOutHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Unique == 0)
            return _owner is { } notified && header.Error > 0 && notified.Notified((FuseNotifyCode)header.Error, payload);
        if (header.Error is > 0 or <= -(int)Errno.ERESTARTSYS)
            return false;
        var error = (Errno)(-header.Error);
        if ((header.Unique & FuseProtocol.InterruptBit) != 0)
            InterruptAnswered(header.Unique & ~FuseProtocol.InterruptBit, error);
        else if (_inFlight.Take(header.Unique, out var request))
            Finish(request, request.Take(error, payload));
        else if (_inFlight.TakeAbandoned(header.Unique, out var abandoned) && error == Errno.None)
            _owner?.Late(abandoned.Opcode, abandoned.Node, payload);
        // Otherwise an answer to nothing: the device answers ENOENT and goes on.
        return true;
    }

    /// <summary>EAGAIN: the server had not seen the request yet, so it is told again (fs/fuse/dev.c, fuse_dev_do_write).</summary>
    private void InterruptAnswered(ulong unique, Errno error)
    {
        if (error == Errno.ENOSYS)
            _noInterrupt = true;
        else if (error == Errno.EAGAIN && _inFlight.Find(unique, out var request) && request.Interrupted)
            SendInterrupt(unique);
    }

    private static void Finish(FuseRequest request, Errno error)
    {
        if (request.Detached)
            request.Dispose();
        else
            request.Complete(error);
    }

    private void End()
    {
        lock (_stateLock)
            _state = FuseSessionState.Ended;
        SendForgets();
        _outbox.Flush();
        FuseSessions.Remove(this);
        Ending?.Invoke();
        _outbox.Close();
        CloseServerEnd();
        foreach (var request in _inFlight.Close())
            Finish(request, Errno.ENOTCONN);
        Sys.Call(Nr.Shutdown, _socket, SocketConstant.ShutWrite);
        lock (_wakeLock)
        {
            Files.Close(_wakeUp);
            _wakeUp = -1;
        }

        _ended.SetResult();
        WaitForServer();
        Files.Close(_socket);
        ServerClosed?.Invoke();
    }

    /// <summary>As long as the server has its end open the number of that end stands for this session.</summary>
    private void WaitForServer()
    {
        var polled = new PollFd[1];
        for (var length = -(long)Errno.EAGAIN; length > 0 || length is -(long)Errno.EAGAIN or -(long)Errno.EINTR; length = MessageSocket.Receive(_socket, _buffer))
        {
            polled[0] = new PollFd { Descriptor = _socket, Events = PollFd.In };
            MessageSocket.Poll(polled, -1);
        }
    }
}
