using System.Runtime.InteropServices;
using Vuos.Native;
using Vuos.Native.Fuse;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>
/// What goes to the server. Any thread sends directly as long as the socket takes it; when its send buffer is full, messages queue here, and the receiving thread
/// sends them when there is room. So nobody ever waits for a server that does not read.
/// </summary>
internal sealed class Outbox(int socket)
{
    /// <summary>Forgets in one message: it fits the smallest read buffer a server may have.</summary>
    public const int ForgetsPerMessage = 250;

    private readonly Lock _lock = new();
    private readonly LinkedList<FuseRequest> _queue = [];
    private readonly List<FuseForgetOne> _forgets = [];
    private bool _closed;

    public bool Queued
    {
        get
        {
            lock (_lock)
                return _queue.Count > 0;
        }
    }

    /// <summary>Sends, or queues: true when the receiving thread has to be told.</summary>
    public bool Send(FuseRequest request)
    {
        lock (_lock)
        {
            if (_queue.Count == 0 && TrySend(request))
                return false;
            _queue.AddLast(request);
            return true;
        }
    }

    /// <summary>Sends what is queued, as far as the socket takes it.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            while (_queue.First is { } first && TrySend(first.Value))
                _queue.Remove(first);
        }
    }

    /// <summary>Takes a message back; false when it has left.</summary>
    public bool Withdraw(FuseRequest request)
    {
        lock (_lock)
            return !request.Sent && _queue.Remove(request);
    }

    /// <summary>True when it is the first since they were sent.</summary>
    public bool AddForget(ulong node, ulong lookups)
    {
        lock (_lock)
        {
            _forgets.Add(new FuseForgetOne { Node = node, Lookups = lookups });
            return _forgets.Count is 1 or ForgetsPerMessage;
        }
    }

    public int Forgets
    {
        get
        {
            lock (_lock)
                return _forgets.Count;
        }
    }

    /// <summary>Makes messages of what is to be forgotten, for <see cref="Send"/>.</summary>
    public IReadOnlyList<FuseRequest> TakeForgets(Func<FuseRequest> rent, bool batch)
    {
        lock (_lock)
        {
            if (_forgets.Count == 0)
                return [];
            var messages = new List<FuseRequest>();
            foreach (var part in _forgets.Chunk(batch ? ForgetsPerMessage : 1))
            {
                var message = rent();
                if (part.Length == 1)
                    message.Begin(FuseOpcode.Forget, part[0].Node, default).Add(new FuseForgetIn { Lookups = part[0].Lookups });
                else
                    message.Begin(FuseOpcode.BatchForget, 0, default).Add(new FuseBatchForgetIn { Count = (uint)part.Length }).Add(MemoryMarshal.AsBytes<FuseForgetOne>(part));
                messages.Add(message);
            }

            _forgets.Clear();
            return messages;
        }
    }

    /// <summary>Nothing is sent any more; after this the socket may be closed.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            _queue.Clear();
        }
    }

    /// <summary>False when it has to be tried again later: EAGAIN, or no memory for it now. A server that is gone is noticed by the receiving thread, which then ends the session.</summary>
    private bool TrySend(FuseRequest request)
    {
        // Asked before: once it has left, its answer may come and the request be another's.
        var answered = request.Unique != 0;
        request.Sent = true;
        if (!_closed && MessageSocket.Send(socket, request.Message, request.Data.Span) is Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM)
            return request.Sent = false;
        if (!answered)
            request.Dispose();
        return true;
    }
}
