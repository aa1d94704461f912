using Vuos.Actors.Guests;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>The first process of a run, started without fork: a stub is spawned, seized, and made to execute the command.</summary>
internal sealed partial class Tracer
{
    private GuestThread? starting;

    /// <summary>Why the last started command could not be executed; None when it was.</summary>
    public Errno StartError { get; private set; }

    /// <summary>Spawns and seizes a stub with the given filters. None, or the error and whether it was ptrace that failed.</summary>
    public Errno Spawn(FilterStage filters, out GuestThread? thread, out string refused)
    {
        thread = null;
        refused = "";
        filters |= required;
        var pid = Stub.Spawn(options.IgnoredSignals);
        if (pid < 0)
        {
            refused = "posix_spawn";
            return (Errno)(-pid);
        }

        var error = Sys.Error(Ptrace.Request(PtraceRequest.Seize, pid, 0, SeizeOptions));
        if (error != Errno.None)
        {
            refused = "ptrace";
            Sys.Fast(Nr.Kill, pid, 9);
            return error;
        }

        var process = new GuestProcess(pid) { Wanted = filters };
        process.Memory.Users = 1;
        thread = new GuestThread(pid, process);
        process.Threads.Add(thread);
        processes[pid] = process;
        threads[pid] = thread;
        mainPid = pid;
        mainStatus = null;
        StartError = Errno.None;
        Ptrace.Request(PtraceRequest.Interrupt, pid);
        // posix_spawn returns while the stub's execve is still ending: its exec event may come first, and any stop clears a pending interrupt.
        WaitEvent stop;
        while ((stop = WaitFor(pid)).Event != PtraceEvent.Stop && !stop.IsEnd && stop.Tid != 0)
        {
            Ptrace.Request(PtraceRequest.Interrupt, pid);
            Ptrace.Request(PtraceRequest.Cont, pid);
        }

        if (stop.Event != PtraceEvent.Stop || !injector.Begin(thread, Stub.SyscallSite))
            return Errno.ESRCH;
        if (Inject(thread, filters) != Errno.None)
        {
            refused = "seccomp";
            Sys.Fast(Nr.Kill, pid, 9);
            return Errno.EPERM;
        }

        Observer?.Started(thread);
        return Errno.None;
    }

    /// <summary>Makes the spawned stub execute a program (all strings without NUL); what becomes of it shows in the loop.</summary>
    public Errno Execute(GuestThread thread, ReadOnlySpan<byte> path, IReadOnlyList<byte[]> arguments, IReadOnlyList<byte[]> environment)
    {
        const int ReadWrite = 3, PrivateAnonymous = 0x22;
        var image = new ProgramImage(path, arguments, environment);
        var address = injector.Call(thread, Nr.Mmap, 0, (image.Length + 4095) & ~4095, ReadWrite, PrivateAnonymous, -1);
        if (Sys.Failed(address))
            return Sys.Error(address);
        var error = GuestMemory.Write(thread.Tid, address, image.At(address));
        if (error != Errno.None)
            return error;
        injector.End(thread);
        Ptrace.GetRegs(thread.Tid, out var regs);
        regs.Rip = Stub.SyscallSite;
        regs.OrigRax = -1;
        regs.Rax = Nr.Execve;
        regs.SetArguments(address, address + image.Arguments, address + image.Environment);
        Ptrace.SetRegs(thread.Tid, regs);
        starting = thread;
        Resume(thread);
        return Errno.None;
    }

    /// <summary>The stub came back from execve: it failed, and its breakpoint says so.</summary>
    private bool EndedStarting(GuestThread thread, int signal)
    {
        if (thread != starting || signal != SigTrap)
            return false;
        starting = null;
        StartError = (Errno)(-Ptrace.PeekUser(thread.Tid, UserRegs.RaxOffset));
        Sys.Fast(Nr.Kill, thread.Tid, 9);
        return true;
    }
}
