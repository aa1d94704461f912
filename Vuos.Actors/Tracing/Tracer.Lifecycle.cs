using Vuos.Actors.Guests;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>Threads and processes: their births, programs, signals, stops and ends.</summary>
internal sealed partial class Tracer
{
    private const int SigTrap = 5, SyscallStop = SigTrap | 0x80, SigStop = 19, SigTstp = 20, SigTtin = 21, SigTtou = 22;

    /// <summary>Value of CS in a 32-bit program (__USER32_CS).</summary>
    private const long UserCodeSegment32 = 0x23;

    /// <summary>First stops of children whose parent's event has not come yet.</summary>
    private readonly HashSet<int> heldChildren = [];

    private bool warned32Bit;

    private void Handle(in WaitEvent stop)
    {
        if (stop.IsEnd)
        {
            HandleEnd(stop);
            return;
        }

        if (!threads.TryGetValue(stop.Tid, out var thread))
        {
            heldChildren.Add(stop.Tid);
            AdoptIfParentIsGone(stop.Tid);
            return;
        }

        thread.InVfork = false;
        if (HoldForMove(thread, stop))
            return;
        switch (stop.Event)
        {
            case PtraceEvent.Seccomp:
                HandleSeccompStop(thread);
                break;
            case PtraceEvent.None when stop.StopSignal == SyscallStop:
                HandleSyscallStop(thread);
                break;
            case PtraceEvent.None:
                HandleSignal(thread, stop.StopSignal);
                break;
            case PtraceEvent.Fork or PtraceEvent.Vfork or PtraceEvent.Clone:
                HandleBirth(thread);
                break;
            case PtraceEvent.Exec:
                HandleExec(stop.Tid);
                break;
            case PtraceEvent.Stop:
                HandleEventStop(thread, stop.StopSignal);
                break;
            default:
                Resume(thread);
                break;
        }
    }

    private void HandleBirth(GuestThread parent)
    {
        var childTid = (int)Ptrace.EventMessage(parent.Tid);
        // Without a message the parent is being killed; its child is adopted when that is reported.
        if (childTid > 0 && !threads.ContainsKey(childTid))
        {
            Statistics.Births++;
            var flags = FlagsOfClone(parent);
            Register(childTid, parent, flags);
            parent.InVfork = flags.HasFlag(CloneFlags.Vfork);
        }

        Resume(parent, 0, parent.State == GuestState.InRewrittenCall ? PtraceRequest.Syscall : PtraceRequest.Cont);
    }

    private void Register(int childTid, GuestThread parent, CloneFlags flags)
    {
        GuestProcess process;
        if (flags.HasFlag(CloneFlags.Thread))
        {
            process = parent.Process;
        }
        else
        {
            Collect(parent.Process);
            process = parent.Process.Child(childTid, flags, parent);
            processes[childTid] = process;
        }

        var child = new GuestThread(childTid, process) { Filters = parent.Filters, FilterCount = parent.FilterCount };
        process.Threads.Add(child);
        process.Memory.Users++;
        threads[childTid] = child;
        Joined(child, flags);
        if (Debug.On(child, 't'))
            Debug.Write(child, 't', flags.HasFlag(CloneFlags.Thread) ? $"thread of {process.Pid}" : $"process, made by {parent.Tid}");
        if (heldChildren.Remove(childTid))
            Resume(child);
    }

    /// <summary>The flags of the clone, clone3, fork or vfork the thread is in.</summary>
    private static CloneFlags FlagsOfClone(GuestThread thread)
    {
        if (Ptrace.GetRegs(thread.Tid, out var regs) < 0)
            return CloneFlags.None;
        switch (regs.OrigRax)
        {
            case Nr.Clone:
                return (CloneFlags)regs.Rdi;
            case Nr.Clone3:
                return GuestMemory.Read(thread.Tid, regs.Rdi, out ulong flags) == Errno.None ? (CloneFlags)flags : CloneFlags.None;
            case Nr.Vfork:
                return CloneFlags.Vm | CloneFlags.Vfork;
            default:
                return CloneFlags.None;
        }
    }

    /// <summary>
    /// A parent killed before its fork event was reported leaves a child that nobody announces. Its thread group, or its parent, tells whose state it has.
    /// </summary>
    private void AdoptIfParentIsGone(int tid)
    {
        if (!ProcStatus.TryRead(tid, out var group, out var parentPid))
            return;
        var known = processes.GetValueOrDefault(group != tid ? group : parentPid);
        var relative = known?.Threads.Find(static t => t.Alive);
        if (relative is null && threads.Count > 0 && group == tid && known is null)
        {
            // Reparented already: the real parent is dead. Any state but the run's own would be a guess.
            foreach (var candidate in threads.Values)
            {
                relative = candidate;
                break;
            }
        }
        else if (relative is not null)
        {
            // The parent lives: its event will come.
            return;
        }

        if (relative is not null)
            Register(tid, relative, group != tid ? CloneFlags.Thread | CloneFlags.Vm | CloneFlags.Fs | CloneFlags.Files : CloneFlags.None);
    }

    private void HandleExec(int tid)
    {
        // All other threads are gone; the one that executed has become the leader.
        var former = (int)Ptrace.EventMessage(tid);
        var process = processes[tid];
        var executor = threads.GetValueOrDefault(former) ?? threads[tid];
        foreach (var thread in process.Threads)
        {
            if (thread != executor)
                Forget(thread, 0);
        }

        threads.Remove(executor.Tid);
        executor.Tid = tid;
        threads[tid] = executor;
        process.Threads.Clear();
        process.Threads.Add(executor);
        process.Memory.Users--;
        process.Memory = new MemorySpace { Users = 1 };
        executor.Slot = 0;
        executor.PatchSite = 0;
        executor.Borrowed = null;
        executor.GivesBack = false;
        // An executed program has its own fs_struct only if it had one before; names of descriptors stay.
        process.Exe = executor.Executing;
        LookForHelper(process);
        executor.Pending.Active = false;
        executor.State = GuestState.Running;
        Statistics.Execs++;
        if (Debug.On(executor, 't'))
            Debug.Write(executor, 't', former == tid ? "executes a program" : $"executes a program, as thread {former} before");
        if (!warned32Bit && Ptrace.GetRegs(tid, out var regs) == 0 && regs.Cs == UserCodeSegment32)
        {
            // Its numbers mean other calls; filters let them all pass.
            warned32Bit = true;
            log.Warning($"process {tid} runs a 32-bit program: such programs see the host, not the view");
        }

        executor.Starts = false;
        EndPrograms(executor);
        executor.IsToBeNamed = executor.ProgramName is not null;
        Resume(executor);
    }

    private void HandleSignal(GuestThread thread, int signal)
    {
        if (EndedStarting(thread, signal))
            return;
        Statistics.Signals++;
        if (inGuest is not null)
            signal = WithoutFault(thread, signal);
        RestartUnseen(thread);
        // A call that was about to be entered restarts after the handler and is decided again.
        thread.State = GuestState.Running;
        Resume(thread, signal);
    }

    /// <summary>
    /// A signal took a notified call back before it was received (WAIT_KILLABLE_RECV protects it only from then on). The kernel would give EINTR where the handler has no
    /// SA_RESTART, to calls like lstat(2) that know no such error; told ERESTARTNOINTR it runs the call again after any handler.
    /// </summary>
    private unsafe void RestartUnseen(GuestThread thread)
    {
        if (!options.Notify || !thread.Filters.HasFlag(FilterStage.Naming) || Ptrace.PeekUser(thread.Tid, UserRegs.RaxOffset) != -(long)Errno.ERESTARTSYS
            || Ptrace.GetRegs(thread.Tid, out var regs) < 0)
            return;
        call.Thread = thread;
        call.Number = (int)regs.OrigRax;
        call.Notified = false;
        (call.Args[0], call.Args[1], call.Args[2], call.Args[3], call.Args[4], call.Args[5]) = (regs.Rdi, regs.Rsi, regs.Rdx, regs.R10, regs.R8, regs.R9);
        if (handler.IsUninterruptible(call))
            Ptrace.PokeUser(thread.Tid, UserRegs.RaxOffset, -(long)Errno.ERESTARTNOINTR);
    }

    private void HandleEventStop(GuestThread thread, int signal)
    {
        var groupStop = signal is SigStop or SigTstp or SigTtin or SigTtou;
        if (LacksFilters(thread) || thread.NeedsStop)
        {
            var stopped = groupStop;
            if (thread.IsToBeNamed)
            {
                if (!NameProgram(thread))
                    return;
                stopped |= injector.SawGroupStop;
            }

            if (thread.AwaitsGraft)
            {
                if (!HandOver(thread))
                    return;
                stopped |= injector.SawGroupStop;
            }

            if (thread.GivesBack)
            {
                if (!CloseBorrowed(thread))
                    return;
                stopped |= injector.SawGroupStop;
            }

            if (LacksFilters(thread))
            {
                if (!InstallFilters(thread))
                    return;
                stopped |= injector.SawGroupStop;
            }

            if (thread.PatchSite != 0)
            {
                if (!MoveInto(thread, groupStop || stopped))
                    return;
                stopped |= injector.SawGroupStop;
            }

            if (thread.EndsRead)
                EndRead(thread);
            if (stopped)
            {
                // The injected calls took it out of its group-stop; an interrupt puts it back.
                thread.State = GuestState.Running;
                Ptrace.Request(PtraceRequest.Interrupt, thread.Tid);
                Resume(thread);
                return;
            }
        }

        if (groupStop)
        {
            // A call under escalation restarts after SIGCONT and is decided again.
            thread.State = GuestState.GroupStopped;
            Ptrace.Request(PtraceRequest.Listen, thread.Tid);
            return;
        }

        if (thread.State == GuestState.Escalating)
        {
            thread.State = GuestState.AwaitingEntry;
            Resume(thread, 0, PtraceRequest.Syscall);
            return;
        }

        thread.State = GuestState.Running;
        Resume(thread);
    }

    /// <summary>Closes the descriptor a call was lent. False: the thread ended.</summary>
    private bool CloseBorrowed(GuestThread thread)
    {
        thread.GivesBack = false;
        var closes = thread.Borrowed is not null && injector.Begin(thread);
        if (closes)
        {
            injector.Close(thread, thread.Borrowed!.Descriptor);
            injector.End(thread);
        }

        thread.Borrowed = null;
        return !closes || !injector.Lost;
    }

    private void HandleEnd(in WaitEvent end)
    {
        heldChildren.Remove(end.Tid);
        var process = processes.GetValueOrDefault(end.Tid);
        if (threads.TryGetValue(end.Tid, out var thread))
        {
            thread.Process.Threads.Remove(thread);
            Forget(thread, end.ShellStatus);
            EndedInMove(thread);
            if (thread.Process.Threads.Count > 0 && installing.Contains(thread.Process.Pid) && !AskForInstallation(thread.Process))
                InstallationProgressed(thread.Process);
        }

        if (process is not null && process.Threads.Count == 0)
        {
            processes.Remove(end.Tid);
            process.Ended?.Invoke(end.ShellStatus);
        }

        if (end.Tid == mainPid)
        {
            mainStatus = end.ShellStatus;
            if (options.KillOnExit)
                KillAll();
        }

        if (heldChildren.Count > 0)
        {
            foreach (var held in heldChildren.ToArray())
                AdoptIfParentIsGone(held);
        }

        if (ending)
            KillAll();
        else
            LookForServersAlone();
        if (process is not null && process.Threads.Count == 0)
            InstallationProgressed(process);
    }

    /// <summary>The execve(2) that needed them is over.</summary>
    private static void EndPrograms(GuestThread thread)
    {
        if (thread.Programs is not { } programs)
            return;
        foreach (var fd in programs.Values)
            Files.Close(fd);
        thread.Programs = null;
    }

    /// <summary>Gives a new program the name it was executed by (PR_SET_NAME of prctl(2)). False: the thread ended.</summary>
    private bool NameProgram(GuestThread thread)
    {
        const int SetName = 15, NameLength = 16, BelowRedZone = 256;
        var name = thread.ProgramName;
        (thread.ProgramName, thread.IsToBeNamed) = (null, false);
        if (Ptrace.GetRegs(thread.Tid, out var regs) < 0)
            return false;
        Span<byte> text = stackalloc byte[NameLength];
        text.Clear();
        name.AsSpan(0, Math.Min(name!.Length, NameLength - 1)).CopyTo(text);
        // Nothing of the new program has run: what is below its stack is nobody's.
        var address = (regs.Rsp - BelowRedZone) & ~15L;
        if (GuestMemory.Write(thread.Tid, address, text) != Errno.None || !injector.Begin(thread))
            return true;
        injector.Call(thread, Nr.Prctl, SetName, address);
        injector.End(thread);
        return !injector.Lost;
    }

    private void Forget(GuestThread thread, int status)
    {
        EndPrograms(thread);
        thread.EndUse();
        if (thread.EndsRead)
            ReadEnded(thread);
        thread.Held.Active = false;
        thread.Cancel?.Cancel();
        if (thread.Graft >= 0)
            Files.Close(thread.Graft);
        thread.Graft = -1;
        thread.Alive = false;
        thread.Process.Memory.Users--;
        if (thread.Slot != 0)
            thread.Process.Memory.Give(thread.Slot);
        threads.Remove(thread.Tid);
        if (Debug.On(thread, 't'))
            Debug.Write(thread, 't', $"ends with {status}");
        Observer?.Ended(thread, status);
    }
}
