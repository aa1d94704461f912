using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev.Nbd;

/// <summary>One request that waits for its reply. Its buffer is filled by the receiver, unless who asked has given up before: then the buffer is no longer his to fill.</summary>
internal sealed class NbdRequest(Memory<byte> buffer)
{
    private const int Waiting = 0, Filling = 1, Abandoned = 2;

    private readonly TaskCompletionSource<Errno> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    /// <summary>Filled by a reply without an error; empty for all but reads.</summary>
    public Memory<byte> Buffer { get; } = buffer;

    public Task<Errno> Answer => _answer.Task;

    /// <summary>Who asked waits no longer; false: the reply is being received.</summary>
    public void Abandon()
    {
        if (Interlocked.CompareExchange(ref _state, Abandoned, Waiting) == Waiting)
            _answer.TrySetResult(Errno.EINTR);
    }

    /// <summary>The reply is here; false: abandoned, so what it brings is to be thrown away.</summary>
    public bool Claim() => Interlocked.CompareExchange(ref _state, Filling, Waiting) == Waiting;

    public void Complete(Errno error) => _answer.TrySetResult(error);
}
