using System.Collections.Concurrent;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Fuse;

internal enum FuseSessionState
{
    /// <summary>The server has its descriptor; nothing is mounted.</summary>
    Open,

    /// <summary>A file system speaks over it.</summary>
    Mounted,

    /// <summary>Unmounted, or the server is gone or talked nonsense: the real device's read(2) would give ENODEV, every operation gives ENOTCONN.</summary>
    Ended,
}

/// <summary>
/// One open /dev/fuse: the kernel's end of a socket whose other end the server reads and writes as its device. Requests go out from whatever thread asks; one thread receives the answers and
/// completes them, so a round trip costs two wake-ups: the server's and this thread's.
/// </summary>
internal sealed partial class FuseSession
{
    /// <summary>Bytes of a write or read besides its data, rounded up to a page as servers' buffers are (FUSE_BUFFER_HEADER_SIZE of libfuse).</summary>
    private const int HeaderRoom = 4096;

    /// <summary>Send buffer asked for: so that several of the greatest messages can be under way.</summary>
    private const int WantedSendBuffer = 1024 * 1024;

    private readonly InFlight _inFlight;
    private readonly Outbox _outbox;
    private readonly ConcurrentQueue<ulong> _cancelled = new();
    private readonly ConcurrentQueue<int> _interrupted = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _socket;
    private int _wakeUp;
    private readonly Lock _stateLock = new();
    private readonly Lock _wakeLock = new();
    private int _server;
    private volatile IFuseOwner? _owner;
    private volatile FuseSessionState _state;
    private volatile bool _stop;
    private volatile bool _noInterrupt;
    private int _work;

    private FuseSession(int socket, int server, int wakeUp)
    {
        (_socket, _server, _wakeUp) = (socket, server, wakeUp);
        var message = Math.Min(MessageSocket.Enlarge(socket, WantedSendBuffer), MessageSocket.Enlarge(server, WantedSendBuffer));
        MaxMessage = message;
        // A page at least, as the kernel has it; the default send buffer (212,992 bytes) already holds 128 KiB and its headers.
        MaxTransfer = Math.Clamp((message - HeaderRoom) & ~4095, 4096, FuseProtocol.DefaultMaxTransfer);
        Files.Stat(server, out var stat);
        (ServerDevice, ServerInode) = (stat.Dev, stat.Ino);
        _inFlight = new InFlight(this);
        _outbox = new Outbox(socket);
        _buffer = GC.AllocateUninitializedArray<byte>(FuseProtocol.DefaultMaxTransfer + HeaderRoom, pinned: true);
    }

    public FuseSessionState State => _state;

    /// <summary>Completed when the session has ended.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Where it is mounted; null: not by a mount(2) of its own.</summary>
    public Guests.ServedMount? Served { get; set; }

    /// <summary>Called once when the session has ended, just before the server's reads and writes begin to fail; on the receiving thread. The tracer prepares ENODEV here.</summary>
    public Action? Ending { get; set; }

    /// <summary>Called when the session has ended and the server has closed its end; on the receiving thread.</summary>
    public Action? ServerClosed { get; set; }

    /// <summary>
    /// The server's end, close-on-exec. Once the server has it, <see cref="CloseServerEnd"/>: while any copy is open the server counts as alive. -1 after that.
    /// </summary>
    public int ServerDescriptor => Volatile.Read(ref _server);

    /// <summary>Device number of the server's end (that of sockfs).</summary>
    public ulong ServerDevice { get; }

    /// <summary>Inode number of the server's end (in sockfs).</summary>
    public ulong ServerInode { get; }

    /// <summary>Bytes of the greatest message either end can send.</summary>
    public int MaxMessage { get; }

    /// <summary>Bytes of one read or write that certainly fit a message.</summary>
    public int MaxTransfer { get; }

    /// <summary>The minor version spoken, once INIT is answered.</summary>
    public uint Minor { get; set; } = FuseProtocol.Minor;

    /// <summary>How long a request that was interrupted is waited for; afterwards its operation answers EINTR.</summary>
    public TimeSpan InterruptGrace { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The server's answers came in pieces: only one that may do so can be asked for at a time (<see cref="ReplyAssembly"/>).</summary>
    public bool SplitReplies { get; private set; }

    /// <summary>Makes the socket pair and starts receiving. Errors of socketpair(2) and eventfd(2): EMFILE, ENFILE, ENOMEM.</summary>
    public static Answer<FuseSession> Create()
    {
        if (MessageSocket.Pair(out var ours, out var server) is var error && error != Errno.None)
            return error;
        const int CloExecNonBlock = OpenFlag.CloExec | OpenFlag.NonBlock;
        var wakeUp = Sys.Call(Nr.Eventfd2, 0, CloExecNonBlock);
        if (Sys.Failed(wakeUp))
        {
            Files.Close(ours);
            Files.Close(server);
            return Sys.Error(wakeUp);
        }

        var session = new FuseSession(ours, server, (int)wakeUp);
        FuseSessions.Add(session);
        new Thread(session.Receive) { IsBackground = true, Name = "fuse" }.Start();
        return session;
    }

    /// <summary>mount(2): EINVAL when the descriptor is mounted already, ENOTCONN when its session has ended.</summary>
    public Errno Mount(IFuseOwner owner)
    {
        lock (_stateLock)
        {
            if (_state != FuseSessionState.Open)
                return _state == FuseSessionState.Ended ? Errno.ENOTCONN : Errno.EINVAL;
            _owner = owner;
            _state = FuseSessionState.Mounted;
            return Errno.None;
        }
    }

    /// <summary>Closes our copy of the server's end.</summary>
    public void CloseServerEnd()
    {
        if (Interlocked.Exchange(ref _server, -1) is >= 0 and var descriptor)
            Files.Close(descriptor);
    }

    /// <summary>The server's end, for whom it is made; ours no more.</summary>
    public int TakeServerEnd() => Interlocked.Exchange(ref _server, -1);

    /// <summary>A request to fill. Disposed, it goes back.</summary>
    public FuseRequest Rent() => _inFlight.Rent();

    internal void Return(FuseRequest request) => _inFlight.Return(request);

    /// <summary>
    /// Sends a request and waits for its answer: the server's errno, EIO for an answer of the wrong size, EINTR when it was cancelled, E2BIG when it is larger than a message can be, ENOTCONN
    /// when the session has ended. ERESTARTSYS, which no server can say: its answer was lost among others (<see cref="ReplyAssembly"/>); it may be sent again.
    /// </summary>
    public ValueTask<Errno> SubmitAsync(FuseRequest request, CancellationToken cancel)
    {
        if (request.Length + request.Data.Length > MaxMessage)
            return ValueTask.FromResult(Errno.E2BIG);
        if (cancel.IsCancellationRequested)
            return ValueTask.FromResult(Errno.EINTR);
        if (!_inFlight.Add(request))
            return ValueTask.FromResult(Errno.ENOTCONN);
        request.Seal(request.Unique);
        if (_outbox.Send(request))
            Wake();
        // After it is in the queue, so that the receiving thread finds it there.
        if (cancel.CanBeCanceled)
            request.Cancellation = cancel.UnsafeRegister(static state => ((FuseRequest)state!).Cancelled(), request);
        return request.Completion;
    }

    /// <summary>Sends a message that has no answer.</summary>
    public void Post(FuseRequest request, ulong unique = 0)
    {
        request.Seal(unique);
        if (_outbox.Send(request))
            Wake();
    }

    /// <summary>Sends a request whose answer nobody needs; only from the receiving thread.</summary>
    public void Detach(FuseRequest request)
    {
        request.Detached = true;
        if (!_inFlight.Add(request))
            return;
        request.Seal(request.Unique);
        if (_outbox.Send(request))
            Wake();
    }

    /// <summary>Forgets are sent together, soon; nothing depends on when.</summary>
    public void Forget(ulong node, ulong lookups)
    {
        if (_outbox.AddForget(node, lookups))
            Wake();
    }

    /// <summary>Ends the session without DESTROY, as writing to abort in fusectl does. What is in flight answers ENOTCONN.</summary>
    public void Abort()
    {
        _stop = true;
        Wake();
    }

    /// <summary>The server is told that a caller would rather not wait; its answers are waited for all the same.</summary>
    public void Interrupt(int pid)
    {
        _interrupted.Enqueue(pid);
        Wake();
    }

    internal void Cancel(ulong unique)
    {
        _cancelled.Enqueue(unique);
        Wake();
    }

    /// <summary>Makes the receiving thread look for work; a system call only when it has none yet.</summary>
    private unsafe void Wake()
    {
        if (Interlocked.Exchange(ref _work, 1) != 0)
            return;
        var one = 1L;
        lock (_wakeLock)
        {
            if (_wakeUp >= 0)
                Sys.Fast(Nr.Write, _wakeUp, (long)&one, sizeof(long));
        }
    }
}
