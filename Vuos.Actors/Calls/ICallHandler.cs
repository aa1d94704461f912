using Vuos.Actors.Guests;

namespace Vuos.Actors.Calls;

/// <summary>Decides trapped calls; called on the tracer thread only, and must neither block nor throw for anything a guest does.</summary>
internal interface ICallHandler
{
    Verdict Decide(Call call);

    /// <summary>A rewritten call returned <paramref name="result"/>; its arguments are already restored.</summary>
    void Completed(GuestThread thread, PendingCall pending, long result);
}
