using Vuos.Native;

namespace Vuos.Actors.Virtual;

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
