using Akka.Actor;
using Vuos.Actors.Calls;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Actors;

/// <summary>
/// One mount: the running instance of a module at a mount point. A bind only renames, which the tracer does from the routing table; this actor keeps its source alive with an
/// O_PATH descriptor. A union's actor makes the changes of its source, one at a time. Supervised by <see cref="ModuleActor"/>, on the layers' dispatcher; a restart opens the source again,
/// and the call in hand gets EIO.
/// </summary>
internal sealed class LayerActor : AnsweringActor
{
    private readonly byte[]? source;
    private long descriptor = -1;
    private bool restarting;

    public LayerActor(Mount mount, byte[]? source)
    {
        Mount = mount;
        this.source = source;
        Receive<AskVirtual>(Begin);
        Receive<CloseVirtual>(Close);
        Receive<VirtualFailed>(static failed => throw new InvalidOperationException("a call in a virtual file system", failed.Cause));
        Receive<AskLayer>(static message => message.Caller.Tell(new UnionOperations(message.Table, message.Layer).Run(message.Request)));
    }

    public Mount Mount { get; }

    /// <summary>Many calls are under way at once: the actor starts them and does not wait.</summary>
    private void Begin(AskVirtual message)
    {
        var self = Self;
        ValueTask<VirtualAnswer> task;
        try
        {
            task = message.Work(message.Cancel);
        }
        catch (Exception e)
        {
            task = ValueTask.FromException<VirtualAnswer>(e);
        }

        if (task.IsCompletedSuccessfully)
            message.Caller.Tell(Heard(task.Result, Mount.Virtual!));
        else
            _ = Finish(task, Mount.Virtual!, message.Caller, self);
    }

    private static async Task Finish(ValueTask<VirtualAnswer> task, VirtualLayer files, IActorRef caller, IActorRef self)
    {
        try
        {
            var answer = await task.ConfigureAwait(false);
            caller.Tell(Heard(answer, files));
        }
        catch (OperationCanceledException)
        {
            caller.Tell(Heard(VirtualAnswer.Fail(Errno.EINTR), files));
        }
        catch (Exception e)
        {
            caller.Tell(VirtualAnswer.Fail(Errno.EIO));
            self.Tell(new VirtualFailed(e));
        }
    }

    /// <summary>Interrupted by a signal, or because there is nobody to wait for any more: then it is ENOTCONN.</summary>
    private static VirtualAnswer Heard(VirtualAnswer answer, VirtualLayer files) =>
        answer.Result == -(long)Errno.EINTR && files.Gone.IsCancellationRequested ? VirtualAnswer.Fail(Errno.ENOTCONN) : answer;

    private void Close(CloseVirtual message)
    {
        var self = Self;
        _ = EndAsync(Mount.Virtual!, message.Cancel, message.Caller, self);
    }

    private static async Task EndAsync(VirtualLayer files, CancellationToken cancel, IActorRef caller, IActorRef self)
    {
        var error = Errno.EIO;
        try
        {
            error = await files.CloseAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            caller.Tell(new ControlAnswer(error, error == Errno.None ? "" : $"not everything could be written ({error})"));
            self.Tell(PoisonPill.Instance);
        }
    }

    protected override void PreStart()
    {
        if (source is null)
            return;
        var path = new PathBuffer(source.Length + 2);
        path.Set(source);
        descriptor = Files.Open(path.ForKernel(), OpenFlag.Path | OpenFlag.CloExec);
        if (descriptor < 0)
            throw new IOException($"the source of {BytePath.Display(Mount.Target)} is gone: {(Errno)(-descriptor)}");
    }

    protected override void PostStop()
    {
        if (descriptor >= 0)
            Files.Close(descriptor);
        descriptor = -1;
        if (!restarting)
            Mount.Union?.Release();
    }

    protected override void PreRestart(Exception reason, object message)
    {
        restarting = true;
        base.PreRestart(reason, message);
    }
}
