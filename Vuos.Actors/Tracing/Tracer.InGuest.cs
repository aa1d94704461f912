using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.InGuest;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>
/// Naming calls decided in the guest: into a process that makes many of them code is put that lets the kernel run those which no mount can concern, without a trap (<see cref="InGuestCode"/>).
/// The tracer keeps its data true and patches the <c>syscall</c> instructions the calls come from.
/// </summary>
internal sealed partial class Tracer
{
    private const int ThunkPage = 4096, FirstThunk = 64;

    private InGuestNames? inGuest;
    private bool debugging;
    private int ownFilterCount = -1;

    /// <summary>From where the code in guests learns of the view; without it none is put there.</summary>
    public void DecideInGuests(PublishedView view) => inGuest = options.InGuestAfter > 0 ? new InGuestNames(view) : null;

    /// <summary>Whether the thread, which made the call being decided, is to stop so that code is put into its process.</summary>
    private bool IsToMove(GuestThread thread)
    {
        if (inGuest is null || !InGuestCode.Decides(call.Number) || call.InstructionPointer == 0)
            return false;
        var memory = thread.Process.Memory;
        if (++memory.NamingCalls < options.InGuestAfter || memory.Users != thread.Process.Threads.Count || memory.InGuest is { IsRefused: true } || thread.Process.Move is not null)
            return false;
        var site = call.InstructionPointer - 2;
        if (site == InGuestCode.Base + InGuestCode.Trapped || memory.Interrupted?.Contains(site + 2) == true
            || Allowed(thread.Process, memory.InGuest) == InGuestFlags.None)
            return false;
        if (memory.InGuest is { } space && (space.ThunkCount == MostThunks || space.Knows(site)))
            return false;
        thread.PatchSite = site;
        return true;
    }

    private static int MostThunks => (ThunkPage - FirstThunk) / CallSite.ThunkSize;

    /// <summary>What the code in a process may decide now.</summary>
    private InGuestFlags Allowed(GuestProcess process, InGuestSpace? space)
    {
        if (space is { IsForbidden: true } || process.OwnFilters || process.Foreign || process.Fs.Root.Length > 0 || process.Epoch != RoutingTable.Now
            || Debug.Any || !inGuest!.IsPlain)
            return InGuestFlags.None;
        var flags = InGuestFlags.Enabled;
        if (!inGuest.AnyBeyond)
        {
            flags |= InGuestFlags.DescriptorStat | InGuestFlags.RelativeStat;
            // What is opened from a directory seen through a layer has a name there, which is logged; but the layer may be read-only.
            if (process.Names.IsEmpty && (process.Fs.Cwd is not { } cwd || inGuest.Table.Find(cwd) is null))
                flags |= InGuestFlags.Relative;
            else if (!inGuest.Table.AnyReadOnly)
                flags |= InGuestFlags.Relative | InGuestFlags.Named;
        }

        return flags;
    }

    /// <summary>Keeps the data in a process true after each of its trapped calls; in all processes when something changed for all.</summary>
    private void Refresh(GuestProcess process)
    {
        if (inGuest is null)
            return;
        if (inGuest.IsOld || Debug.Any != debugging || process.Fs.IsShared)
            RefreshAll();
        else if (process.Memory.InGuest is { IsMapped: true } space)
            Write(process, space);
        ForgetKnown(process);
    }

    private void RefreshAll()
    {
        if (inGuest is null)
            return;
        if (inGuest.IsOld)
        {
            // What was opened through a layer that goes has the name it had.
            CollectAll();
            inGuest.Update();
        }

        debugging = Debug.Any;
        foreach (var process in processes.Values)
        {
            if (process.Memory.InGuest is { IsMapped: true } space)
                Write(process, space);
        }
    }

    private void Write(GuestProcess process, InGuestSpace space)
    {
        var flags = Allowed(process, space);
        if (flags == space.Flags && ReferenceEquals(space.Names, inGuest!.Names))
            return;
        var names = inGuest!.Names;
        if (space.Names is not null && space.Names.Mask != names.Mask)
        {
            // Threads that are deciding would look with one size in a set of the other.
            space.IsForbidden = true;
            flags = InGuestFlags.None;
        }

        if (TryReach(process, out var tid, out _))
        {
            Write(tid, InGuestLayout.Flags, (uint)(flags & space.Flags));
            // Threads that are deciding find all mounts but the one that comes or goes, with which they are in a race.
            if (!space.IsForbidden && !ReferenceEquals(space.Names, names))
            {
                Write(tid, InGuestLayout.Version, space.Version + 1);
                GuestMemory.Write(tid, InGuestCode.Base + InGuestLayout.Places, inGuest.Places.Hashes);
                GuestMemory.Write(tid, InGuestCode.Base + InGuestLayout.Texts, inGuest.Places.Texts);
                GuestMemory.Write(tid, InGuestCode.Base + InGuestLayout.Set, names.Bits);
                if (space.Names is null)
                    Write(tid, InGuestLayout.Mask, (uint)names.Mask);
                Write(tid, InGuestLayout.Version, space.Version += 2);
            }

            Write(tid, InGuestLayout.Flags, (uint)flags);
        }

        space.Logs |= inGuest.Places.Count > 0 || flags.HasFlag(InGuestFlags.Named);
        space.Names = names;
        space.Flags = flags;
    }

    private static void Write(int tid, int offset, uint value) => GuestMemory.Write(tid, InGuestCode.Base + offset, value);

    /// <summary>A thread through which the data of the code can be read and written, and what the guest has logged so far. The first one may have ended before the others, and then has no memory.</summary>
    private static bool TryReach(GuestProcess process, out int tid, out uint tail)
    {
        foreach (var thread in process.Threads)
        {
            tid = thread.Tid;
            if (GuestMemory.Read(tid, InGuestCode.Base + InGuestLayout.Tail, out tail) == Errno.None)
                return true;
        }

        (tid, tail) = (0, 0);
        return false;
    }

    /// <summary>A thread or process has appeared, and does not run yet.</summary>
    private void Joined(GuestThread child, CloneFlags flags)
    {
        var memory = child.Process.Memory;
        if (memory.InGuest is not { IsMapped: true } space)
            return;
        ForgetLog(child, space, flags);
        space.IsForbidden |= flags.HasFlag(CloneFlags.Vm) && !flags.HasFlag(CloneFlags.Vfork) && !flags.HasFlag(CloneFlags.Thread);
        // A fork has the memory of the moment when the kernel copied it: what has changed since is written.
        if (!flags.HasFlag(CloneFlags.Vm))
            space.Names = null;
        Write(child.Process, space);
    }

    /// <summary>Maps code and thunks; injector begun. False: the addresses are not free, or memory is short.</summary>
    private bool Map(GuestThread thread, InGuestSpace space, long site)
    {
        const int ReadWrite = 3, ReadExecute = 5, PrivateAnonymous = 0x22, FixedNoReplace = 0x100000, NoReserve = 0x4000, CodePage = 4096;
        const long Nearby = 128 << 20;
        var tid = thread.Tid;
        if (injector.Call(thread, Nr.Mmap, InGuestCode.Base, InGuestLayout.Size, ReadWrite, PrivateAnonymous | FixedNoReplace | NoReserve, -1) is var at && at != InGuestCode.Base)
        {
            // Older than 4.17 the kernel takes the address for a wish.
            if (!Sys.Failed(at))
                injector.Call(thread, Nr.Munmap, at, InGuestLayout.Size);
            return false;
        }

        if (GuestMemory.Write(tid, InGuestCode.Base, InGuestCode.Deciding) == Errno.None
            && GuestMemory.Write(tid, InGuestCode.Base + InGuestCode.Trapped, InGuestCode.Trapping) == Errno.None
            && injector.Call(thread, Nr.Mprotect, InGuestCode.Base, CodePage, ReadExecute) == 0
            && injector.Call(thread, Nr.Mmap, Math.Max(0, (site & -4096) - Nearby), ThunkPage, ReadExecute, PrivateAnonymous, -1) is var thunks && !Sys.Failed(thunks))
        {
            space.Thunks = thunks;
            if (Ptrace.Request(PtraceRequest.PokeData, tid, thunks, InGuestCode.Base) == 0)
                return true;
            injector.Call(thread, Nr.Munmap, thunks, ThunkPage);
        }

        injector.Call(thread, Nr.Munmap, InGuestCode.Base, InGuestLayout.Size);
        return false;
    }

    /// <summary>Makes a thunk for a site and has the site jump there.</summary>
    private static bool Patch(GuestThread thread, InGuestSpace space, long site, ReadOnlySpan<byte> comparison, out long thunk)
    {
        thunk = space.Thunks + FirstThunk + space.ThunkCount * CallSite.ThunkSize;
        Span<byte> text = stackalloc byte[CallSite.ThunkSize];
        Span<byte> patch = stackalloc byte[CallSite.PatchSize];
        if (!CallSite.TryMakeThunk(text, thunk, space.Thunks, site, comparison)
            || GuestMemory.Read(thread.Tid, site, patch) != Errno.None || !CallSite.TryPatch(patch, site, thunk, comparison.Length))
            return false;
        for (var i = 0; i < text.Length; i += 8)
        {
            if (Ptrace.Request(PtraceRequest.PokeData, thread.Tid, thunk + i, BitConverter.ToInt64(text[i..])) != 0)
                return false;
        }

        space.ThunkCount++;
        return Ptrace.Request(PtraceRequest.PokeData, thread.Tid, site, BitConverter.ToInt64(patch)) == 0;
    }

    /// <summary>
    /// Before a signal is delivered to a thread: one that could not read its path in the code goes on without it, so that the kernel says EFAULT; where others go on after their handlers is noted.
    /// Returns the signal to deliver.
    /// </summary>
    private static int WithoutFault(GuestThread thread, int signal)
    {
        const int SigBus = 7, SigSegv = 11;
        var address = Ptrace.PeekUser(thread.Tid, UserRegs.RipOffset);
        if (signal is SigSegv or SigBus && address is >= InGuestCode.Base + InGuestCode.Reading and < InGuestCode.Base + InGuestCode.Read && IsFault(thread.Tid))
        {
            Ptrace.PokeUser(thread.Tid, UserRegs.RipOffset, InGuestCode.Base + InGuestCode.Leave);
            return 0;
        }

        if (GuestMemory.Read(thread.Tid, address - 2, out ushort code) == Errno.None && code == CallSite.Instruction)
            (thread.Process.Memory.Interrupted ??= []).Add(address);
        return signal;
    }

    /// <summary>The signal comes from the kernel, for what the instruction did (si_code above SI_USER, sigaction(2)).</summary>
    private static unsafe bool IsFault(int tid)
    {
        var info = default(ChildSigInfo);
        return Ptrace.Request(PtraceRequest.GetSigInfo, tid, 0, (long)&info) == 0 && info.Code > 0;
    }

    /// <summary>More filters than ours and those we have ourselves; or the kernel does not tell (before 5.9).</summary>
    private bool HasOwnFilters(GuestThread thread)
    {
        if (ownFilterCount < 0)
            ownFilterCount = ProcStatus.FilterCount(Environment.ProcessId);
        return ownFilterCount < 0 || ProcStatus.FilterCount(thread.Tid) != ownFilterCount + thread.FilterCount;
    }
}
