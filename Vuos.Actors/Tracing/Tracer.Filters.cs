using Vuos.Actors.Guests;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Seccomp;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>Installing filters into running guests, as late as possible.</summary>
internal sealed partial class Tracer
{
    private const int PrSetNoNewPrivs = 38, SeccompSetModeFilter = 1;

    private readonly HashSet<int> installing = [];
    private readonly List<Action> whenInstalled = [];
    private FilterStage required;

    /// <summary>
    /// Has <paramref name="stages"/> installed in every guest, then calls <paramref name="done"/>. A thread of the calling process that sits at a stop is served before it
    /// runs guest code again; a vfork parent when its child lets it go.
    /// </summary>
    public void RequireFilters(FilterStage stages, GuestThread? caller, Action done)
    {
        required |= stages;
        RefreshAll();
        foreach (var process in processes.Values)
        {
            if ((process.Wanted | stages) == process.Wanted)
                continue;
            process.Wanted |= stages;
            if (process != caller?.Process && AskForInstallation(process))
                installing.Add(process.Pid);
        }

        // Threads of the caller's own process other than the caller run on meanwhile.
        if (caller is not null)
        {
            foreach (var thread in caller.Process.Threads)
            {
                if (thread != caller && LacksFilters(thread))
                    Ptrace.Request(PtraceRequest.Interrupt, thread.Tid);
            }
        }

        whenInstalled.Add(done);
        InstallationProgressed(null);
    }

    /// <summary>
    /// Interrupts one thread that can stop now. Not the first one if there are others: it may have ended already, which the kernel tells only after them. Whichever is
    /// asked and ends before it stops, <see cref="HandleEnd"/> asks another.
    /// </summary>
    private static bool AskForInstallation(GuestProcess process)
    {
        var thread = process.Threads.FindLast(static t => !t.InVfork && t.State != GuestState.AwaitingLayer);
        return thread is not null && Ptrace.Request(PtraceRequest.Interrupt, thread.Tid) == 0;
    }

    private static bool LacksFilters(GuestThread thread) => (thread.Process.Wanted & ~thread.Filters) != 0 && !thread.Process.Foreign;

    private void InstallationProgressed(GuestProcess? process)
    {
        if (process is not null)
            installing.Remove(process.Pid);
        if (installing.Count > 0 || whenInstalled.Count == 0)
            return;
        var done = whenInstalled.ToArray();
        whenInstalled.Clear();
        foreach (var action in done)
            action();
    }

    /// <summary>Installs what the thread's process lacks, at an event stop. False: the thread ended.</summary>
    private bool InstallFilters(GuestThread thread)
    {
        var process = thread.Process;
        var stages = process.Wanted & ~thread.Filters;
        if (injector.Begin(thread))
        {
            if (Inject(thread, stages) is var error && error != Errno.None)
                log.Warning($"process {process.Pid} refused a filter ({error}); its calls are not virtualized");
            injector.End(thread);
        }
        else
        {
            // A 32-bit program, or one without a syscall instruction at hand: its calls go to the kernel.
            log.Warning($"process {process.Pid} cannot be given filters; its calls are not virtualized");
            process.Foreign = true;
        }

        InstallationProgressed(process);
        return !injector.Lost;
    }

    /// <summary>Injects the filter; the thread is prepared by <see cref="Injector.Begin"/>. With an error the process is left to the kernel.</summary>
    private Errno Inject(GuestThread thread, FilterStage stages)
    {
        var process = thread.Process;
        if (options.NoNewPrivileges || !HasSysAdmin(thread))
            injector.Call(thread, Nr.Prctl, PrSetNoNewPrivs, 1);
        var alone = process.Threads.Count == 1;
        var notify = options.Notify && stages.HasFlag(FilterStage.Naming);
        var result = Load(thread, stages, notify, tsync: !alone);
        if (notify && result < 0)
        {
            notify = false;
            result = Load(thread, stages, notify, tsync: !alone);
        }

        if (result != 0 && !alone && !notify)
        {
            // Threads of this process have filters of their own that differ: thread by thread.
            result = Load(thread, stages, notify: false, tsync: false);
            if (result == 0)
            {
                thread.Filters |= stages;
                thread.FilterCount++;
                foreach (var other in process.Threads)
                {
                    if (LacksFilters(other))
                        Ptrace.Request(PtraceRequest.Interrupt, other.Tid);
                }

                return Errno.None;
            }
        }

        if (result < 0)
        {
            process.Foreign = true;
            return (Errno)(-result);
        }

        foreach (var member in process.Threads)
        {
            member.Filters |= stages;
            member.FilterCount++;
        }

        return Errno.None;
    }

    private long Load(GuestThread thread, FilterStage stages, bool notify, bool tsync)
    {
        const int ReadWrite = 3, PrivateAnonymous = 0x22;
        var program = FilterPrograms.Build(stages, notify);
        var image = BpfProgram.Image(program);
        var length = (image.Length + 4095) & ~4095;
        var address = injector.Call(thread, Nr.Mmap, 0, length, ReadWrite, PrivateAnonymous, -1);
        if (Sys.Failed(address))
            return address;
        BpfProgram.Relocate(image, address);
        if (GuestMemory.Write(thread.Tid, address, image) is var error && error != Errno.None)
            return -(long)error;
        var flags = (notify ? SeccompListener.FilterFlagNewListener | SeccompListener.FilterFlagWaitKillable : 0)
            | (tsync ? SeccompListener.FilterFlagTsync : 0)
            | (notify && tsync ? SeccompListener.FilterFlagTsyncEsrch : 0);
        var result = injector.Call(thread, Nr.Seccomp, SeccompSetModeFilter, flags, address);
        injector.Call(thread, Nr.Munmap, address, length);
        if (!notify || Sys.Failed(result))
            return result;
        var listener = Fetch(thread, (int)result);
        injector.Close(thread, result);
        if (listener < 0)
        {
            // The filter is in, nobody listens: every hot call would give ENOSYS. Only death is honest.
            log.Warning($"process {thread.Process.Pid}: its notification listener cannot be fetched ({(Errno)(-listener)}); it is killed");
            Sys.Fast(Nr.Kill, thread.Process.Pid, 9);
            return listener;
        }

        SeccompListener.SetSyncWakeUp((int)listener);
        source.Watch((int)listener);
        return 0;
    }

    private static long Fetch(GuestThread thread, int fd)
    {
        var pidFd = Sys.Call(Nr.PidfdOpen, thread.Process.Pid, 0);
        if (Sys.Failed(pidFd))
            return pidFd;
        var listener = Sys.Call(Nr.PidfdGetfd, pidFd, fd);
        Files.Close(pidFd);
        return listener;
    }

    private static bool HasSysAdmin(GuestThread thread) => !thread.Process.OwnCredentials;
}
