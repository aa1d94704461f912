using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual;

/// <summary>A file system that can be told that a caller would rather not wait, and then may answer EINTR.</summary>
internal interface IInterruptible
{
    /// <summary>A signal came for this caller (<see cref="Caller.Pid"/>).</summary>
    void Interrupt(int pid);
}

/// <summary>Waiting for what must be done, by who may have to leave.</summary>
internal static class Patience
{
    /// <summary>Ends when it is done, or with the cancellation; it goes on then.</summary>
    public static async ValueTask UnlessAsync(this ValueTask<Errno> work, CancellationToken cancel)
    {
        if (work.IsCompleted)
            await work.ConfigureAwait(false);
        else
            await ((Task)work.AsTask()).WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
