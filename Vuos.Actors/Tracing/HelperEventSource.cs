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
    private const int SigUsr1 = 10, WaitOptions = 0x60000000 | 4 | 2, PAll = 0;

    private readonly int helper;

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
        while (true)
        {
            ChildSigInfo info = default;
            var result = Sys.Call(Nr.Waitid, PAll, 0, (long)&info, WaitOptions);
            stop = new WaitEvent(info.Pid, info.Code, info.Status);
            if (result == -(long)Errno.ECHILD)
                return SourceEvent.NoChildren;
            if (result < 0 || info.Pid == 0)
                continue;
            if (info.Pid != helper)
                return SourceEvent.Stop;
            if (stop.IsEnd)
                continue;
            Ptrace.Request(PtraceRequest.Cont, helper);
            return SourceEvent.Message;
        }
    }

    public bool Watch(int listener) => false;

    public void Wake() => Sys.Fast(Nr.Kill, helper, SigUsr1);

    public void Dispose() => Sys.Fast(Nr.Kill, helper, 9);
}
