using Vuos.Actors.Guests;
using Vuos.Native;
using Vuos.Native.InGuest;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>
/// Runs system calls inside a stopped guest thread. The thread must be in an event stop or a signal-delivery stop, where the kernel has not yet decided on restarting the
/// interrupted call: after the registers are put back it decides as if nothing had happened. The step over the injected <c>syscall</c> ends in such a stop again.
/// </summary>
internal sealed class Injector(Func<int, WaitEvent> waitFor)
{
    private const int SigTrap = 5, SigSys = 31;
    private const long UserCodeSegment64 = 0x33;

    private long vdsoSite = -1;
    private bool suspends;
    private UserRegs saved;
    private UserRegs working;

    /// <summary>The thread died, or was about to stop with its group, while calls were injected.</summary>
    public bool Lost { get; private set; }

    public bool SawGroupStop { get; private set; }

    /// <summary>Prepares the thread: false when no call can be injected (dead, a 32-bit program, no <c>syscall</c> instruction at hand).</summary>
    public bool Begin(GuestThread thread, long site = 0)
    {
        Lost = false;
        SawGroupStop = false;
        if (Ptrace.GetRegs(thread.Tid, out saved) < 0)
            return false;
        if (saved.Cs != UserCodeSegment64)
            return false;
        if (site == 0)
            site = FindSite(thread);
        if (site == 0)
            return false;
        working = saved;
        working.Rip = site;
        // The filter of a sandboxed guest would refuse what is injected. Only CAP_SYS_ADMIN may switch it off; without, the refusals are seen in the results.
        suspends = Ptrace.Request(PtraceRequest.SetOptions, thread.Tid, 0, Tracer.SeizeOptions | PtraceRequest.OptionSuspendSeccomp) == 0;
        return true;
    }

    /// <summary>One call; its raw result.</summary>
    public long Call(GuestThread thread, int nr, long a = 0, long b = 0, long c = 0, long d = 0, long e = 0, long f = 0)
    {
        if (Lost)
            return -(long)Errno.ESRCH;
        var regs = working;
        regs.OrigRax = -1;
        regs.Rax = nr;
        regs.SetArguments(a, b, c, d, e, f);
        if (Ptrace.SetRegs(thread.Tid, regs) < 0)
        {
            Lost = true;
            return -(long)Errno.ESRCH;
        }

        Ptrace.Request(PtraceRequest.SingleStep, thread.Tid);
        while (true)
        {
            var stop = waitFor(thread.Tid);
            if (stop.IsEnd || stop.Tid == 0)
            {
                Lost = true;
                return -(long)Errno.ESRCH;
            }

            if (stop.Event == PtraceEvent.None && stop.StopSignal == SigTrap)
                break;
            // The guest's own filter forbids this call; the kernel has put its number into the result. The signal is ours, so the guest does not get it.
            if (stop.Event == PtraceEvent.None && stop.StopSignal == SigSys)
                return -(long)Errno.ENOSYS;
            SawGroupStop |= stop.Event == PtraceEvent.Stop && stop.StopSignal != SigTrap;
            Ptrace.Request(PtraceRequest.SingleStep, thread.Tid);
        }

        Ptrace.GetRegs(thread.Tid, out regs);
        return regs.Rax;
    }

    /// <summary>Closes a descriptor of the guest. Not by close(2), for whose notification nobody would be there while we wait; that is for kernels older than 5.9, which have no close_range(2).</summary>
    public void Close(GuestThread thread, long fd)
    {
        if (Call(thread, Nr.CloseRange, fd, fd) == -(long)Errno.ENOSYS)
            Call(thread, Nr.Close, fd);
    }

    /// <summary>Puts the registers back, with another result of the call that the thread is in.</summary>
    public void End(GuestThread thread, long result)
    {
        saved.Rax = result;
        End(thread);
    }

    /// <summary>Puts the registers back.</summary>
    public void End(GuestThread thread)
    {
        if (Lost)
            return;
        if (suspends)
            Ptrace.Request(PtraceRequest.SetOptions, thread.Tid, 0, Tracer.SeizeOptions);
        Ptrace.SetRegs(thread.Tid, saved);
    }

    private long FindSite(GuestThread thread)
    {
        if (GuestMemory.Read(thread.Tid, saved.Rip - 2, out ushort code) == Errno.None && code == CallSite.Instruction)
            return saved.Rip - 2;
        var vdso = FindVdso(thread.Tid);
        if (vdso == 0)
            return 0;
        if (vdsoSite < 0)
        {
            var image = new byte[4096];
            vdsoSite = 0;
            if (GuestMemory.Read(thread.Tid, vdso, image) == Errno.None)
                vdsoSite = Math.Max(0, image.AsSpan().IndexOf([(byte)0x0f, (byte)0x05]));
        }

        return vdsoSite == 0 ? 0 : vdso + vdsoSite;
    }

    private static long FindVdso(int tid)
    {
        const ulong AtSysinfoEhdr = 33;
        var fd = Files.Open(System.Text.Encoding.ASCII.GetBytes($"/proc/{tid}/auxv\0"), OpenFlag.CloExec);
        if (fd < 0)
            return 0;
        var pairs = new byte[1024];
        var length = Files.ReadAll(fd, pairs);
        Files.Close(fd);
        for (var i = 0; i + 16 <= length; i += 16)
        {
            if (BitConverter.ToUInt64(pairs, i) == AtSysinfoEhdr)
                return BitConverter.ToInt64(pairs, i + 8);
        }

        return 0;
    }
}
