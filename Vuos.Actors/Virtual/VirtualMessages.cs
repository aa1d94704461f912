using Akka.Actor;
using Vuos.Actors.Actors;
using Vuos.Actors.Guests;

namespace Vuos.Actors.Virtual;

/// <summary>What a task of a layer found for a waiting call.</summary>
/// <param name="Result">The call's result, or a negated errno.</param>
/// <param name="Again">The call is decided again: what it needed is there.</param>
/// <param name="Descriptor">A descriptor of ours for the guest, or -1.</param>
/// <param name="Needs">What must be trapped in the guest's process before it has the descriptor.</param>
/// <param name="Program">The descriptor is of this program, to be executed by the call when it is decided again.</param>
/// <param name="Renamed">View paths of a directory before and after, when its name changed.</param>
internal sealed record VirtualAnswer(long Result, bool Again = false, int Descriptor = -1, FilterStage Needs = FilterStage.None, (byte[] From, byte[] To)? Renamed = null,
    VirtualNode? Program = null)
{
    public static readonly VirtualAnswer Done = new(0);

    public static readonly VirtualAnswer Retry = new(0, Again: true);

    public static VirtualAnswer Fail(Native.Errno error) => new(-(long)error);

    /// <summary>0, or the errno.</summary>
    public static VirtualAnswer Of(Native.Errno error) => error == Native.Errno.None ? Done : Fail(error);
}

/// <summary>Do something in a virtual file system for a guest's call. Many are under way at once; each is answered to <paramref name="Caller"/> with a <see cref="VirtualAnswer"/>.</summary>
internal sealed record AskVirtual(VirtualLayer Layer, Func<CancellationToken, ValueTask<VirtualAnswer>> Work, CancellationToken Cancel, IActorRef Caller) : IAnswered
{
    /// <summary>Starts it and does not wait. A defect is told to the layer's actor, whose supervisor decides; the caller gets EIO.</summary>
    public void Begin(IActorRef actor)
    {
        ValueTask<VirtualAnswer> task;
        try
        {
            task = Work(Cancel);
        }
        catch (Exception e)
        {
            task = ValueTask.FromException<VirtualAnswer>(e);
        }

        if (task.IsCompletedSuccessfully)
            Caller.Tell(Heard(task.Result));
        else
            _ = FinishAsync(task, actor);
    }

    private async Task FinishAsync(ValueTask<VirtualAnswer> task, IActorRef actor)
    {
        try
        {
            Caller.Tell(Heard(await task.ConfigureAwait(false)));
        }
        catch (OperationCanceledException)
        {
            Caller.Tell(Heard(VirtualAnswer.Fail(Native.Errno.EINTR)));
        }
        catch (Exception e)
        {
            Caller.Tell(VirtualAnswer.Fail(Native.Errno.EIO));
            actor.Tell(new VirtualFailed(e));
        }
    }

    /// <summary>Interrupted by a signal, or because there is nobody to wait for any more: then it is ENOTCONN.</summary>
    private VirtualAnswer Heard(VirtualAnswer answer) =>
        answer.Result == -(long)Native.Errno.EINTR && Layer.Gone.IsCancellationRequested ? VirtualAnswer.Fail(Native.Errno.ENOTCONN) : answer;
}

/// <summary>The layer is unmounted: write back, end the file system, answer with a <see cref="Calls.ControlAnswer"/>, stop.</summary>
internal sealed record CloseVirtual(CancellationToken Cancel, IActorRef Caller) : IAnswered;

/// <summary>A task failed by a defect, not with an errno: for the layer's supervisor.</summary>
internal sealed record VirtualFailed(Exception Cause);
