using System.Diagnostics;
using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Actors.Running;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>Trapped calls: decided by the handler, carried out by one of the two transports.</summary>
internal sealed partial class Tracer
{
    /// <summary>A call needs at most a copy-up, a whiteout and a directory; others may undo them meanwhile, but not for ever.</summary>
    private const int MostRounds = 64;

    private void HandleSeccompStop(GuestThread thread)
    {
        Statistics.SeccompStops++;
        if (thread.Pending.Active)
        {
            Resume(thread, 0, PtraceRequest.Syscall);
            return;
        }

        if (!LoadCall(thread))
            return;
        // Stopped again for scratch space: what the layer did is done.
        if (thread.Graft >= 0)
        {
            Apply(thread, Verdict.Graft(thread.Graft));
            return;
        }

        // A filter of the guest's own asked for a tracer; without one the kernel says ENOSYS (seccomp(2)).
        Apply(thread, call.Mark == FilterPrograms.Mark ? Decide() : Verdict.Fail(Errno.ENOSYS));
    }

    private void HandleNotification(int listener)
    {
        var error = SeccompListener.Receive(listener, out var notification);
        // Not before: a poll that finds the same notification again would be answered by a second, blocking, receive.
        source.Watch(listener);
        if (error != Errno.None)
            return;
        Statistics.Notifications++;
        if (!threads.TryGetValue(notification.Tid, out var thread) || thread.Pending.Active || thread.Process.Foreign)
        {
            SeccompListener.Continue(listener, notification.Id);
            return;
        }

        call.Thread = thread;
        call.Number = notification.Number;
        call.StackPointer = 0;
        call.InstructionPointer = (long)notification.InstructionPointer;
        call.Notified = true;
        call.Listener = listener;
        call.NotificationId = notification.Id;
        for (var i = 0; i < 6; i++)
        {
            unsafe
            {
                call.Args[i] = notification.Args[i];
            }
        }

        ApplyNotified(thread, Decide());
    }

    /// <summary>Carries a verdict out for a call whose notification is open.</summary>
    private void ApplyNotified(GuestThread thread, Verdict verdict)
    {
        var (listener, id) = (call.Listener, call.NotificationId);
        // Another verdict is the beginning of an escalation: at the stop the call is decided once more, with what is known by now.
        if (verdict.Kind is VerdictKind.Continue or VerdictKind.Answer or VerdictKind.Graft)
            Settle(thread);
        Refresh(thread.Process);
        if ((LacksFilters(thread) && verdict.Kind != VerdictKind.WaitHere) || (verdict.Kind is VerdictKind.Continue or VerdictKind.Answer or VerdictKind.Graft && IsToMove(thread)))
            Ptrace.Request(PtraceRequest.Interrupt, thread.Tid);
        switch (verdict.Kind)
        {
            case VerdictKind.Continue:
                SeccompListener.Continue(listener, id);
                break;
            case VerdictKind.Graft:
                var number = SeccompListener.AddFd(listener, id, (int)verdict.Value, thread.GraftCloses);
                Files.Close(verdict.Value);
                Reply(listener, id, number);
                break;
            case VerdictKind.Answer:
                Reply(listener, id, verdict.Value);
                break;
            case VerdictKind.WaitHere:
                var held = thread.Held;
                held.Active = true;
                held.Listener = listener;
                held.Id = id;
                held.Number = call.Number;
                for (var i = 0; i < 6; i++)
                    held.Args[i] = call.Args[i];
                Await(thread);
                break;
            default:
                // The thread is to stop before it runs the call again; then ptrace takes over.
                Statistics.Escalations++;
                thread.State = GuestState.Escalating;
                Ptrace.Request(PtraceRequest.Interrupt, thread.Tid);
                SeccompListener.Answer(listener, id, 0, Errno.ERESTARTNOINTR);
                break;
        }
    }

    private static void Reply(int listener, ulong id, long result)
    {
        var failed = Sys.Failed(result);
        SeccompListener.Answer(listener, id, failed ? 0 : result, failed ? (Errno)(int)-result : Errno.None);
    }

    private void Await(GuestThread thread)
    {
        thread.State = GuestState.AwaitingLayer;
        thread.AskedAt = Statistics.Timed ? Stopwatch.GetTimestamp() : 0;
    }

    /// <summary>The call under way is decided for good: what it took to come there is over.</summary>
    private static void Settle(GuestThread thread)
    {
        thread.ForcesSource = false;
        thread.Rounds = 0;
        thread.WaitingSince = 0;
        thread.Cancel = null;
    }

    private void LoadHeld(GuestThread thread)
    {
        var held = thread.Held;
        held.Active = false;
        call.InstructionPointer = 0;
        call.Thread = thread;
        call.Number = held.Number;
        call.StackPointer = 0;
        call.Notified = true;
        call.Listener = held.Listener;
        call.NotificationId = held.Id;
        for (var i = 0; i < 6; i++)
            call.Args[i] = held.Args[i];
    }

    private void HandleSyscallStop(GuestThread thread)
    {
        switch (thread.State)
        {
            case GuestState.AwaitingEntry:
                thread.State = GuestState.Running;
                if (LoadCall(thread))
                    Apply(thread, Decide());
                break;
            case GuestState.InRewrittenCall:
                Statistics.ExitStops++;
                FinishRewrite(thread);
                break;
            default:
                Resume(thread);
                break;
        }
    }

    /// <summary>An actor answered a call that waited for it.</summary>
    public void Complete(GuestThread thread, Verdict verdict)
    {
        if (thread is { Alive: true, State: GuestState.AwaitingAtExit })
            Resume(thread);
        if (!thread.Alive || thread.State != GuestState.AwaitingLayer)
            return;
        if (Debug.On(thread, 'a'))
            Debug.Write(thread, 'a', "an actor answered: " + CallText.Of(verdict, thread));
        if (Statistics.Timed)
            Statistics.Waited(thread.AskedLayer, Stopwatch.GetTimestamp() - thread.AskedAt);
        thread.AskedLayer = null;
        thread.State = GuestState.Running;
        var held = thread.Held.Active;
        if (held)
            LoadHeld(thread);
        else if (verdict.Kind is VerdictKind.Again or VerdictKind.Graft && !LoadCall(thread))
            return;
        if (verdict.Kind == VerdictKind.Again)
            verdict = ++thread.Rounds > MostRounds ? Verdict.Fail(Errno.EIO) : Decide();
        if (held)
            ApplyNotified(thread, verdict);
        else
            Apply(thread, verdict);
    }

    private unsafe bool LoadCall(GuestThread thread)
    {
        if (Ptrace.GetSyscallInfo(thread.Tid, out var info) < 0)
            return false;
        call.Thread = thread;
        call.Number = (int)info.Number;
        call.StackPointer = (long)info.StackPointer;
        call.InstructionPointer = (long)info.InstructionPointer;
        call.Mark = (ushort)info.RetData;
        call.Notified = false;
        for (var i = 0; i < 6; i++)
            call.Args[i] = info.Args[i];
        return true;
    }

    private Verdict Decide()
    {
        var slot = Statistics.Slot(call.Number);
        Statistics.Calls[slot]++;
        var begin = Statistics.Timed ? Stopwatch.GetTimestamp() : 0;
        call.Thread.FallsBack = false;
        Collect(call.Thread.Process);
        if (call.Number is Nr.Rename or Nr.Renameat or Nr.Renameat2)
            renames++;
        Verdict verdict;
        try
        {
            verdict = handler.Decide(call);
        }
        catch (Exception e)
        {
            log.Error(e, $"deciding call {call.Number} of thread {call.Thread.Tid}");
            verdict = Verdict.Fail(Errno.EIO);
        }

        if (Debug.On(call.Thread, 's'))
            Debug.Write(call.Thread, 's', $"{CallText.Of(call)}: {CallText.Of(verdict, call.Thread)}");
        if (Debug.On(call.Thread, 'a'))
            Debug.Write(call.Thread, 'a', $"{(call.Notified ? "notification" : "stop")} of call {call.Number}: {verdict.Kind}");
        if (Statistics.Timed)
            (Statistics.Decided[slot] ??= new Latencies()).Add(Stopwatch.GetTimestamp() - begin);
        return verdict;
    }

    /// <summary>Carries a verdict out for a thread at a seccomp stop or entry stop.</summary>
    private void Apply(GuestThread thread, Verdict verdict)
    {
        if (verdict.Kind is not (VerdictKind.Wait or VerdictKind.WaitHere))
            Settle(thread);
        Refresh(thread.Process);
        if (verdict.Kind is VerdictKind.Continue or VerdictKind.Answer)
            IsToMove(thread);
        else if (verdict.Kind == VerdictKind.Rewrite && IsToMove(thread))
            (thread.Pending.Site, thread.PatchSite) = (thread.PatchSite, 0);

        switch (verdict.Kind)
        {
            case VerdictKind.Continue:
                Resume(thread);
                break;
            case VerdictKind.Answer:
                EndPrograms(thread);
                Ptrace.PokeUser(thread.Tid, UserRegs.OrigRaxOffset, -1);
                Ptrace.PokeUser(thread.Tid, UserRegs.RaxOffset, verdict.Value);
                Resume(thread);
                break;
            case VerdictKind.Rewrite:
                BeginRewrite(thread);
                break;
            case VerdictKind.Graft when MustHandOver(thread, (int)verdict.Value):
                SkipAndHandOver(thread, (int)verdict.Value);
                break;
            case VerdictKind.Graft:
                PrepareGraft(thread, (int)verdict.Value);
                BeginRewrite(thread);
                break;
            case VerdictKind.Wait or VerdictKind.WaitHere:
                Await(thread);
                break;
        }
    }

    /// <summary>The guest opens ours anew by its name in /proc, which asks that it may look at us (ptrace(2), PTRACE_MODE_READ).</summary>
    private void PrepareGraft(GuestThread thread, int fd)
    {
        const int GetFlags = 3;
        var pending = thread.Pending;
        var flags = Sys.Fast(Nr.Fcntl, fd, GetFlags);
        pending.Begin(call.Number);
        pending.ReplacementNumber = Nr.Open;
        pending.Replace(0, System.Text.Encoding.ASCII.GetBytes($"/proc/{Environment.ProcessId}/fd/{fd}\0"));
        pending.Replace(1, (flags & ~(long)OpenFlag.NoFollow) | (thread.GraftCloses ? (long)(uint)OpenFlag.CloExec : 0));
        pending.After = AfterCall.CloseOwn;
        pending.Room = fd;
        thread.Graft = fd;
    }

    private void BeginRewrite(GuestThread thread)
    {
        var pending = thread.Pending;
        for (var i = 0; i < 6; i++)
            pending.Original[i] = call.Args[i];
        if (pending.StagedLength > 0 && !PlaceScratch(thread, pending))
            TakeScratch(thread, pending);
        foreach (var change in pending.Changes)
        {
            var value = change.Offset >= 0 ? pending.ScratchAddress + change.Offset : change.Value;
            Ptrace.PokeUser(thread.Tid, UserRegs.ArgumentOffset(change.Index), value);
        }

        if (pending.ReplacementNumber >= 0)
            Ptrace.PokeUser(thread.Tid, UserRegs.OrigRaxOffset, pending.ReplacementNumber);
        pending.Active = true;
        thread.State = GuestState.InRewrittenCall;
        Resume(thread, 0, PtraceRequest.Syscall);
    }

    /// <summary>Writes the staged bytes into the guest: below the red zone of an only thread (saved and put back), else into a slot. False: no place yet.</summary>
    private bool PlaceScratch(GuestThread thread, PendingCall pending)
    {
        const int RedZone = 128, MostOnStack = 65536;
        var size = pending.StagedLength;
        if (thread.Process.Memory.Users == 1 && size <= MostOnStack)
        {
            pending.ScratchAddress = (call.StackPointer - RedZone - size) & ~15L;
            if (GuestMemory.Read(thread.Tid, pending.ScratchAddress, pending.BeginSave()) == Errno.None && WriteStaged(thread, pending))
                return true;
            pending.DropSave();
        }

        if (thread.Slot == 0 && size <= MemorySpace.SlotSize && thread.Process.Memory.TryTake(out var slot))
        {
            thread.Slot = slot;
            thread.SlotLength = MemorySpace.SlotSize;
        }

        if (thread.Slot == 0 || size > thread.SlotLength)
            return false;
        pending.ScratchAddress = thread.Slot;
        return WriteStaged(thread, pending);
    }

    private static bool WriteStaged(GuestThread thread, PendingCall pending)
    {
        foreach (var at in pending.Relocations)
        {
            var field = pending.Staged.Slice(at, 8);
            BitConverter.TryWriteBytes(field, BitConverter.ToInt64(field) + pending.ScratchAddress);
        }

        if (GuestMemory.Write(thread.Tid, pending.ScratchAddress, pending.Staged) == Errno.None)
            return true;
        foreach (var at in pending.Relocations)
        {
            var field = pending.Staged.Slice(at, 8);
            BitConverter.TryWriteBytes(field, BitConverter.ToInt64(field) - pending.ScratchAddress);
        }

        return false;
    }

    /// <summary>Runs an mmap in place of the call, which is then run, and decided, again.</summary>
    private static void TakeScratch(GuestThread thread, PendingCall pending)
    {
        const int ReadWrite = 3, PrivateAnonymous = 0x22;
        var length = (Math.Max(pending.StagedLength, MemorySpace.SlotSize) + 4095) & ~4095;
        pending.Begin(pending.Number);
        pending.ReplacementNumber = Nr.Mmap;
        pending.After = AfterCall.TakeScratch;
        thread.SlotLength = length;
        pending.Replace(0, 0L);
        pending.Replace(1, length);
        pending.Replace(2, ReadWrite);
        pending.Replace(3, PrivateAnonymous);
        pending.Replace(4, -1L);
        pending.Replace(5, 0L);
    }

    private void FinishRewrite(GuestThread thread)
    {
        var pending = thread.Pending;
        var result = Ptrace.PeekUser(thread.Tid, UserRegs.RaxOffset);
        foreach (var change in pending.Changes)
            Ptrace.PokeUser(thread.Tid, UserRegs.ArgumentOffset(change.Index), pending.Original[change.Index]);
        if (pending.SavedLength > 0)
            GuestMemory.Write(thread.Tid, pending.ScratchAddress, pending.Saved);
        if (Debug.On(thread, 'a'))
            Debug.Write(thread, 'a', $"exit stop of call {pending.Number}: {CallText.Result(result)}");
        pending.Active = false;
        thread.State = GuestState.Running;
        if (pending.After == AfterCall.TakeScratch)
        {
            if (Sys.Failed(result))
            {
                thread.SlotLength = 0;
            }
            else
            {
                thread.Slot = result;
                RunAgain(thread, pending);
            }
        }
        else if (pending.After == AfterCall.BorrowDescriptor && !Sys.Failed(result))
        {
            thread.Borrowed = new BorrowedDescriptor((int)result, pending.View!);
            RunAgain(thread, pending);
        }
        else
        {
            thread.GivesBack = thread.Borrowed is not null;
            EndPrograms(thread);
            if (pending.After == AfterCall.CloseOwn)
            {
                Files.Close(pending.Room);
                thread.Graft = -1;
            }

            if (thread.FallsBack && Sys.Failed(result) && Sys.Error(result) is Errno.EACCES or Errno.EPERM or Errno.EROFS)
            {
                thread.FallsBack = false;
                thread.ForcesSource = true;
                RunAgain(thread, pending);
                Resume(thread);
                return;
            }

            if (pending.After == AfterCall.FailWith && !Sys.Failed(result))
                Ptrace.PokeUser(thread.Tid, UserRegs.RaxOffset, -pending.Room);
            if (pending.After == AfterCall.SentOne && !Sys.Failed(result))
            {
                GuestMemory.Write(thread.Tid, pending.Original[1] + SocketCalls.MessageHeader.Size, (uint)result);
                Ptrace.PokeUser(thread.Tid, UserRegs.RaxOffset, 1);
            }

            if (pending.ReplacementNumber >= 0)
                Ptrace.PokeUser(thread.Tid, UserRegs.OrigRaxOffset, pending.Number);
            if (handler.Completed(thread, pending, result))
            {
                thread.State = GuestState.AwaitingAtExit;
                return;
            }

            if (pending.After == AfterCall.SetWorkingDirectory)
                Refresh(thread.Process);
            thread.PatchSite = pending.Site;
        }

        Resume(thread);
    }

    /// <summary>Back to the instruction: the original call runs, and traps, again.</summary>
    private static void RunAgain(GuestThread thread, PendingCall pending)
    {
        Ptrace.PokeUser(thread.Tid, UserRegs.RipOffset, Ptrace.PeekUser(thread.Tid, UserRegs.RipOffset) - 2);
        Ptrace.PokeUser(thread.Tid, UserRegs.RaxOffset, pending.Number);
        Ptrace.PokeUser(thread.Tid, UserRegs.OrigRaxOffset, -1);
    }
}
