using Vuos.Actors.Guests;

namespace Vuos.Actors.Calls;

/// <summary>Decides trapped calls; called on the tracer thread only, and must neither block nor throw for anything a guest does.</summary>
internal interface ICallHandler
{
    Verdict Decide(Call call);

    /// <summary>
    /// A rewritten call returned <paramref name="result"/>; its arguments are already restored. True: the thread waits at its exit stop until it is completed.
    /// </summary>
    bool Completed(GuestThread thread, PendingCall pending, long result);

    /// <summary>
    /// Whether this call is one that the kernel itself never lets a signal interrupt. Its wait for us it does: then the call must look as if it had not begun.
    /// </summary>
    bool IsUninterruptible(Call call);
}
