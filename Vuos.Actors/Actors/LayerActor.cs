using Akka.Actor;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Views;
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
        Receive<AskLayer>(static message => message.Caller.Tell(new UnionOperations(message.Table, message.Layer).Run(message.Request)));
    }

    public Mount Mount { get; }

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
