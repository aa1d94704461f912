using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Rings;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>
/// One io_uring for everything: WAITID for the tracees, poll for the listeners, read of an eventfd for messages. WAITID carries __WALL|__WNOTHREAD: without the
/// latter the .NET runtime's own children would be reaped too.
/// </summary>
internal sealed unsafe class RingEventSource : IEventSource
{
    private const ulong TagWait = 1, TagWake = 2, TagListener = 16;
    private const uint WaitOptions = 0x60000000 | 4 | 2;
    private const int PollIn = 1;

    private readonly Ring ring;
    private readonly int eventFd;
    private readonly Buffers* buffers;
    private readonly List<int> unarmed = [];
    private readonly Queue<WaitEvent> stops = new(64);
    private bool waitArmed, wakeArmed;

    private RingEventSource(Ring ring)
    {
        this.ring = ring;
        eventFd = (int)Sys.Call(Nr.Eventfd2, 0, 0x80000);
        // Unmanaged: the kernel writes into it while no managed call is under way.
        buffers = (Buffers*)System.Runtime.InteropServices.NativeMemory.AllocZeroed((nuint)sizeof(Buffers));
    }

    public static RingEventSource? Open() => Ring.Open(64) is { } ring ? new RingEventSource(ring) : null;

    public SourceEvent Next(out WaitEvent stop, out int listener)
    {
        listener = -1;
        if (stops.TryDequeue(out stop))
            return SourceEvent.Stop;
        while (true)
        {
            while (ring.Next(out var tag, out var result))
            {
                switch (tag)
                {
                    case TagWait:
                        waitArmed = false;
                        if (result == -(int)Errno.ECHILD)
                            return SourceEvent.NoChildren;
                        if (result < 0 || buffers->Child.Pid == 0)
                            break;
                        stop = new WaitEvent(buffers->Child.Pid, buffers->Child.Code, buffers->Child.Status);
                        Gather();
                        return SourceEvent.Stop;
                    case TagWake:
                        wakeArmed = false;
                        return SourceEvent.Message;
                    default:
                        listener = (int)(tag - TagListener);
                        return (result & PollIn) != 0 ? SourceEvent.Notification : SourceEvent.ListenerClosed;
                }
            }

            Arm();
            ring.Enter();
        }
    }

    public bool Watch(int listener)
    {
        unarmed.Add(listener);
        return true;
    }

    public void Wake()
    {
        ulong one = 1;
        Sys.Fast(Nr.Write, eventFd, (long)&one, sizeof(ulong));
    }

    public void Dispose()
    {
        ring.Dispose();
        Files.Close(eventFd);
    }

    /// <summary>
    /// Takes all other stops that are there already. The kernel reports the first ready child of its list: served one by one, busy old threads would starve new ones.
    /// </summary>
    private void Gather()
    {
        const int PAll = 0, NoHang = 1;
        while (true)
        {
            buffers->Child = default;
            if (Sys.Fast(Nr.Waitid, PAll, 0, (long)&buffers->Child, WaitOptions | NoHang) < 0 || buffers->Child.Pid == 0)
                return;
            stops.Enqueue(new WaitEvent(buffers->Child.Pid, buffers->Child.Code, buffers->Child.Status));
        }
    }

    private void Arm()
    {
        if (!waitArmed)
        {
            buffers->Child = default;
            ring.Add(new RingEntry
            {
                Opcode = RingEntry.OpWaitId,
                FileIndex = WaitOptions,
                Offset = (ulong)&buffers->Child,
                UserData = TagWait,
            });
            waitArmed = true;
        }

        if (!wakeArmed)
        {
            ring.Add(new RingEntry { Opcode = RingEntry.OpRead, Fd = eventFd, Address = (ulong)&buffers->Counter, Length = 8, UserData = TagWake });
            wakeArmed = true;
        }

        foreach (var listener in unarmed)
            ring.Add(new RingEntry { Opcode = RingEntry.OpPollAdd, Fd = listener, OpFlags = (uint)PollIn, UserData = TagListener + (ulong)listener });
        unarmed.Clear();
    }

    private struct Buffers
    {
        public ChildSigInfo Child;
        public ulong Counter;
    }
}
