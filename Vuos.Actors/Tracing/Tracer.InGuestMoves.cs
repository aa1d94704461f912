using Vuos.Actors.Guests;
using Vuos.Native;
using Vuos.Native.InGuest;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>Replacing an instruction of a process that may be about to run it: no thread of it runs meanwhile, and who was at the instruction goes on behind it.</summary>
internal sealed partial class Tracer
{
    /// <summary>How long threads are waited for; one may sleep uninterruptibly in the kernel until another guest does something.</summary>
    private static readonly TimeSpan MoveTime = TimeSpan.FromMilliseconds(50);

    private const int MostMoves = 8;

    /// <summary>At an event stop: leads <see cref="GuestThread.PatchSite"/> to the code in the guest. False: the thread ended, or stays where it is until the others have stopped.</summary>
    private bool MoveInto(GuestThread thread, bool groupStop)
    {
        var process = thread.Process;
        var move = new InGuestMove(thread, thread.PatchSite) { GroupStop = groupStop };
        thread.PatchSite = 0;
        // A child in vfork, or a process that shares the memory, would not stop with the threads.
        if (process.Move is not null || process.Memory.Users != process.Threads.Count)
            return true;
        foreach (var other in process.Threads)
        {
            if (other == thread)
                continue;
            if (other.State is not (GuestState.Running or GuestState.GroupStopped) || other.Pending.Active || other.Held.Active || other.InVfork)
                return PutOff(process.Memory);
            move.Missing.Add(other.Tid);
        }

        if (move.Missing.Count == 0)
            return Replace(move);
        process.Move = move;
        foreach (var tid in move.Missing)
            Ptrace.Request(PtraceRequest.Interrupt, tid);
        Task.Delay(MoveTime).ContinueWith(_ => Queue.Post(() => GiveUp(process, move)), TaskScheduler.Default);
        return false;
    }

    /// <summary>Whether a stop is kept until the instruction is replaced.</summary>
    private bool HoldForMove(GuestThread thread, in WaitEvent stop)
    {
        if (thread.Process.Move is not { } move)
            return false;
        if (stop.Event == PtraceEvent.Exec)
        {
            // The others are dead, and so is the program.
            thread.Process.Move = null;
            return false;
        }

        move.Held.Add(stop);
        move.Missing.Remove(stop.Tid);
        if (move.Missing.Count == 0)
            FinishMove(thread.Process, move, replace: true);
        return true;
    }

    /// <summary>A thread of the process has ended.</summary>
    private void EndedInMove(GuestThread thread)
    {
        if (thread.Process.Move is not { } move)
            return;
        move.Held.RemoveAll(stop => stop.Tid == thread.Tid);
        move.Missing.Remove(thread.Tid);
        if (thread == move.Mover)
            FinishMove(thread.Process, move, replace: false);
        else if (move.Missing.Count == 0)
            FinishMove(thread.Process, move, replace: true);
    }

    private void GiveUp(GuestProcess process, InGuestMove move)
    {
        if (process.Move != move)
            return;
        PutOff(process.Memory);
        FinishMove(process, move, replace: false);
    }

    /// <summary>The threads go on; what they stopped for is handled now.</summary>
    private void FinishMove(GuestProcess process, InGuestMove move, bool replace)
    {
        process.Move = null;
        var mover = move.Mover;
        if (mover.Alive && (!replace || Replace(move)))
        {
            if (move.GroupStop || (replace && injector.SawGroupStop))
                Ptrace.Request(PtraceRequest.Interrupt, mover.Tid);
            Resume(mover);
        }

        foreach (var stop in move.Held)
            Guarded(stop);
    }

    /// <summary>All threads stand still. False: the mover has ended.</summary>
    private bool Replace(InGuestMove move)
    {
        var thread = move.Mover;
        var memory = thread.Process.Memory;
        var site = move.Site;
        var space = memory.InGuest ??= new InGuestSpace();
        Span<byte> code = stackalloc byte[2 * CallSite.Around];
        if (GuestMemory.Read(thread.Tid, site - CallSite.Around, code) != Errno.None || !CallSite.TryRead(code, out var comparison))
        {
            space.Note(site);
            return true;
        }

        if (memory.Interrupted?.Contains(site + 2) == true)
            return true;
        foreach (var member in thread.Process.Threads)
        {
            if (!CanStepAside(member, site, move))
                return PutOff(memory);
        }

        if (!space.IsMapped)
        {
            space.IsRefused = HasOwnFilters(thread) || !injector.Begin(thread);
            if (space.IsRefused)
                return true;
            space.IsMapped = Map(thread, space, site);
            space.IsRefused = !space.IsMapped;
            injector.End(thread);
            if (injector.Lost)
                return false;
        }

        space.Note(site);
        if (!space.IsMapped || !Patch(thread, space, site, code.Slice(CallSite.Around + 2, comparison), out var thunk))
            return true;
        Statistics.Sites++;
        Write(thread.Process, space);
        foreach (var member in thread.Process.Threads)
            StepAside(member, site, thunk);
        return true;
    }

    /// <summary>
    /// Whether a thread that is just behind the instruction can go on elsewhere. Not at a stop of the call itself, which may be run again from there; and a call that was interrupted must be one that the kernel
    /// is made to run again whatever handler runs before.
    /// </summary>
    private bool CanStepAside(GuestThread thread, long site, InGuestMove move)
    {
        if (Ptrace.PeekUser(thread.Tid, UserRegs.RipOffset) != site + 2)
            return true;
        foreach (var stop in move.Held)
        {
            if (stop.Tid == thread.Tid && (stop.Event == PtraceEvent.Seccomp || (stop.Event == PtraceEvent.None && stop.StopSignal == SyscallStop)))
                return false;
        }

        if (!IsInterrupted(thread.Tid))
            return true;
        RestartUnseen(thread);
        return Ptrace.PeekUser(thread.Tid, UserRegs.RaxOffset) == -(long)Errno.ERESTARTNOINTR;
    }

    private static void StepAside(GuestThread thread, long site, long thunk)
    {
        // Who is interrupted begins at the site again, the others go on behind what was there.
        if (Ptrace.PeekUser(thread.Tid, UserRegs.RipOffset) == site + 2 && !IsInterrupted(thread.Tid))
            Ptrace.PokeUser(thread.Tid, UserRegs.RipOffset, thunk + CallSite.ThunkAfterCall);
    }

    /// <summary>The kernel has not yet decided whether the thread's call is run again.</summary>
    private static bool IsInterrupted(int tid) => Ptrace.PeekUser(tid, UserRegs.OrigRaxOffset) >= 0
        && Ptrace.PeekUser(tid, UserRegs.RaxOffset) is -(long)Errno.ERESTARTSYS or -(long)Errno.ERESTARTNOINTR or -(long)Errno.ERESTARTNOHAND or -(long)Errno.ERESTART_RESTARTBLOCK;

    /// <summary>Another time, perhaps. Always true: the thread is alive.</summary>
    private static bool PutOff(MemorySpace memory)
    {
        memory.NamingCalls = ++memory.MovesPutOff < MostMoves ? 0 : int.MinValue;
        return true;
    }
}
