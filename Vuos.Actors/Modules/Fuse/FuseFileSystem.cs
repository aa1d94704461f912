using System.Runtime.CompilerServices;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>
/// A FUSE server as a file system: the kernel's side of the protocol (include/uapi/linux/fuse.h; checks and defaults as in fs/fuse), over a <see cref="FuseSession"/>. Answers are checked; what a server
/// may not say gives EIO.
/// </summary>
/// <remarks>
/// <para>mount(2) must return before the server, usually the same process, answers INIT. So operations wait until <see cref="StartAsync"/> is done, which need not be awaited, and
/// <see cref="Traits"/> first holds what the mount options say.</para>
/// <para>Operations that went to the server continue on the session's receiving thread: what follows an await there must not block (wait for another operation's result, take contended locks).</para>
/// </remarks>
internal sealed partial class FuseFileSystem(FuseSession session, FuseMountOptions options, IInvalidation invalidation) : IFileSystem, IFuseOwner, IFileLocks, IInterruptible, ISends
{
    /// <summary>How long unmounting waits for the answer to DESTROY.</summary>
    private static readonly TimeSpan DestroyLimit = TimeSpan.FromSeconds(5);

    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly NodeTable _nodes = new(options.RootMode);
    private readonly OpenFiles _files = new();
    private readonly MissingOpcodes _missing = new();
    private FuseNegotiation _negotiated = new();
    private volatile FileSystemTraits _traits = options.Traits(session.MaxTransfer);
    private Errno _startError;
    private int _disposed;

    public FileSystemTraits Traits => _traits;

    private uint Minor => _negotiated.Minor;

    /// <summary>
    /// INIT. EINVAL: the descriptor is mounted already; ECONNREFUSED: the server refused or speaks another version, and so does every later operation; ENOTCONN: it is gone.
    /// </summary>
    public async ValueTask<Answer<FileSystemTraits>> StartAsync(MountRequest request, CancellationToken cancel)
    {
        var error = session.Mount(this);
        if (error == Errno.None)
            error = await InitializeAsync(cancel).ConfigureAwait(false);
        _startError = error;
        _started.TrySetResult();
        return error == Errno.None ? _traits : error;
    }

    private async ValueTask<Errno> InitializeAsync(CancellationToken cancel)
    {
        using var init = session.Rent().Begin(FuseOpcode.Init, 0, Caller.Nobody).Add(FuseNegotiation.Offer(session.MaxTransfer)).ExpectUpTo(Unsafe.SizeOf<FuseInitOut>());
        if (await session.SubmitAsync(init, cancel).ConfigureAwait(false) is var error && error != Errno.None)
            return error is Errno.ENOTCONN or Errno.EINTR ? error : Errno.ECONNREFUSED;
        if (FuseNegotiation.Of(init.Read<FuseInitOut>()) is not { } negotiated)
            return Errno.ECONNREFUSED;
        (_negotiated, session.Minor) = (negotiated, negotiated.Minor);
        _traits = negotiated.Complete(_traits, session.MaxTransfer);
        return Errno.None;
    }

    /// <summary>DESTROY, if the server is there to hear it; then the session ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            if (_started.Task.IsCompleted && _startError == Errno.None)
            {
                using var limit = new CancellationTokenSource(DestroyLimit);
                using var destroy = session.Rent().Begin(FuseOpcode.Destroy, 0, Caller.Nobody);
                await session.SubmitAsync(destroy, limit.Token).ConfigureAwait(false);
            }

            session.Abort();
        }

        await session.Ended.ConfigureAwait(false);
    }

    public void Interrupt(int pid) => session.Interrupt(pid);

    /// <summary>A message to fill, once it is known which version the server speaks. If it never will be, <see cref="CallAsync"/> says why.</summary>
    private ValueTask<FuseRequest> BeginAsync(FuseOpcode opcode, ulong node, Caller caller, CancellationToken cancel)
    {
        return _started.Task.IsCompleted ? ValueTask.FromResult(session.Rent().Begin(opcode, node, caller)) : WaitAsync();

        async ValueTask<FuseRequest> WaitAsync()
        {
            Task either = Task.WhenAny(_started.Task, session.Ended);
            await either.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return session.Rent().Begin(opcode, node, caller);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Errno> CallAsync(FuseRequest request, CancellationToken cancel)
    {
        if (session.State == FuseSessionState.Ended)
            return Errno.ENOTCONN;
        if (!_started.Task.IsCompleted)
            return Errno.EINTR;
        if (_startError != Errno.None)
            return _startError;
        if (_missing.Contains(request.Opcode))
            return Errno.ENOSYS;
        var error = await session.SubmitAsync(request, cancel).ConfigureAwait(false);
        _missing.Note(request.Opcode, error);
        return error == Errno.ERESTARTSYS && request.Opcode != FuseOpcode.Read ? Errno.EIO : error;
    }

    /// <summary>A request whose answer is only an errno.</summary>
    private async ValueTask<Errno> CallAndReturnAsync(FuseRequest request, CancellationToken cancel)
    {
        using (request)
            return await CallAsync(request, cancel).ConfigureAwait(false);
    }
}
