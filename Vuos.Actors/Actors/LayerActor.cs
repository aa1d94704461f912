using Akka.Actor;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Actors;

/// <summary>
/// One mount: the running instance of a module at a mount point. A bind only renames, which the tracer does from the routing table; this actor keeps its source alive with an
/// O_PATH descriptor. Supervised by <see cref="ModuleActor"/>, on the layers' dispatcher; a restart opens the source again.
/// </summary>
internal sealed class LayerActor : ReceiveActor
{
    private readonly byte[]? source;
    private long descriptor = -1;

    public LayerActor(Mount mount, byte[]? source)
    {
        Mount = mount;
        this.source = source;
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
    }
}
