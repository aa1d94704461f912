using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>
/// Where io_uring is forbidden: a traced helper child (the stub, asleep in pause) that other threads signal; its signal stop wakes the tracer's wait. It watches no
/// listeners, so ptrace carries every call.
/// </summary>
internal sealed unsafe class HelperEventSource : IEventSource
{
    private const int SigUsr1 = 10, WaitOptions = 0x60000000 | 4 | 2, NoHang = 1, PAll = 0;

    private readonly int helper;
    private readonly Queue<WaitEvent> stops = new(64);
    private bool woken;

    private HelperEventSource(int helper) => this.helper = helper;

    public static HelperEventSource? Open()
    {
        var pid = Stub.Spawn();
        if (pid < 0)
            return null;
        return Ptrace.Request(PtraceRequest.Seize, pid, 0, PtraceRequest.OptionExitKill) == 0 ? new HelperEventSource(pid) : null;
    }

    public SourceEvent Next(out WaitEvent stop, out int listener)
    {
        listener = -1;
        while (!stops.TryDequeue(out stop))
        {
            if (woken)
            {
                woken = false;
                return SourceEvent.Message;
            }

            if (!Gather())
                return SourceEvent.NoChildren;
        }

        return SourceEvent.Stop;
    }

    /// <summary>Waits for one event and takes all that are ready: the kernel always reports the first of its list. False: no children.</summary>
    private bool Gather()
    {
        for (var options = WaitOptions; ; options |= NoHang)
        {
            ChildSigInfo info = default;
            var result = Sys.Call(Nr.Waitid, PAll, 0, (long)&info, options);
            if (result == -(long)Errno.ECHILD)
                return stops.Count > 0;
            if (result < 0 || info.Pid == 0)
                return true;
            var stop = new WaitEvent(info.Pid, info.Code, info.Status);
            if (info.Pid != helper)
            {
                stops.Enqueue(stop);
            }
            else if (!stop.IsEnd)
            {
                woken = true;
                Ptrace.Request(PtraceRequest.Cont, helper);
            }
        }
    }

    public bool Watch(int listener) => false;

    public void Wake() => Sys.Fast(Nr.Kill, helper, SigUsr1);

    public void Dispose() => Sys.Fast(Nr.Kill, helper, 9);
}
