using Vuos.Actors.Guests;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>Processes that are no guest's children (the first of a run, servers of layers), started without fork: a stub is spawned, seized, and made to execute the program.</summary>
internal sealed partial class Tracer
{
    private const int StubMemory = 4096;

    /// <summary>Why the last started command could not be executed; None when it was.</summary>
    public Errno StartError { get; private set; }

    /// <summary>Spawns and seizes a stub with the given filters, whose end is the end of the command. None, or the error and whether it was ptrace that failed.</summary>
    public Errno Spawn(FilterStage filters, out GuestThread? thread, out string refused)
    {
        var error = SpawnStub(out thread, out refused);
        if (thread is not null)
            mainPid = thread.Tid;
        mainStatus = null;
        StartError = Errno.None;
        return error == Errno.None ? Admit(thread!, filters, out refused) : error;
    }

    /// <summary>
    /// Starts a program of a layer as a guest. What becomes of it tells <see cref="GuestProcess.Ended"/>. The error: of posix_spawn(3), ptrace(2), seccomp(2), or that the program is not found.
    /// </summary>
    /// <param name="launch">What to start.</param>
    /// <param name="find">The program's path in the view of the new process, or null.</param>
    /// <param name="process">The new process.</param>
    public Errno Launch(GuestLaunch launch, Func<GuestThread, byte[]?> find, out GuestProcess? process)
    {
        process = null;
        var error = SpawnStub(out var thread, out _);
        if (error != Errno.None)
            return error;
        // Before there are filters, which would trap what is injected here.
        error = Redirect(thread!, launch.Output);
        if (error == Errno.None)
            error = TakeIdentity(thread!, launch.Identity);
        if (error == Errno.None)
            error = Admit(thread!, launch.Filters, out _);
        if (error != Errno.None)
        {
            Sys.Fast(Nr.Kill, thread!.Tid, 9);
            return error;
        }

        process = thread!.Process;
        process.Epoch = launch.Epoch;
        process.Serves = true;
        process.Ended = launch.Ended;
        if (find(thread) is not { } program)
        {
            process.Ended = null;
            Sys.Fast(Nr.Kill, process.Pid, 9);
            return Errno.ENOENT;
        }

        error = Execute(thread, program, launch.Arguments, launch.Environment);
        if (error == Errno.None)
            return error;
        process.Ended = null;
        Sys.Fast(Nr.Kill, process.Pid, 9);
        return error;
    }

    private Errno SpawnStub(out GuestThread? thread, out string refused)
    {
        thread = null;
        refused = "";
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

        var process = new GuestProcess(pid);
        process.Memory.Users = 1;
        thread = new GuestThread(pid, process);
        process.Threads.Add(thread);
        processes[pid] = process;
        threads[pid] = thread;
        Ptrace.Request(PtraceRequest.Interrupt, pid);
        // posix_spawn returns while the stub's execve is still ending: its exec event may come first, and any stop clears a pending interrupt.
        WaitEvent stop;
        while ((stop = WaitFor(pid)).Event != PtraceEvent.Stop && !stop.IsEnd && stop.Tid != 0)
        {
            Ptrace.Request(PtraceRequest.Interrupt, pid);
            Ptrace.Request(PtraceRequest.Cont, pid);
        }

        return stop.Event != PtraceEvent.Stop || !injector.Begin(thread, Stub.SyscallSite) ? Errno.ESRCH : Errno.None;
    }

    /// <summary>The stub gets its filters and is a guest from now on.</summary>
    private Errno Admit(GuestThread thread, FilterStage filters, out string refused)
    {
        refused = "";
        filters |= required;
        thread.Process.Wanted = filters;
        if (Inject(thread, filters) != Errno.None)
        {
            refused = "seccomp";
            Sys.Fast(Nr.Kill, thread.Tid, 9);
            return Errno.EPERM;
        }

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
        thread.Starts = true;
        Resume(thread);
        return Errno.None;
    }

    /// <summary>Standard input is /dev/null, output and errors go to a descriptor of ours.</summary>
    private Errno Redirect(GuestThread thread, int output)
    {
        const int ReadWrite = 3, PrivateAnonymous = 0x22;
        var address = injector.Call(thread, Nr.Mmap, 0, StubMemory, ReadWrite, PrivateAnonymous, -1);
        if (Sys.Failed(address))
            return Sys.Error(address);
        var error = Open(0, "/dev/null", 0);
        if (error == Errno.None)
            error = Open(1, $"/proc/{Environment.ProcessId}/fd/{output}", OpenFlag.WrOnly);
        if (error == Errno.None)
            error = Sys.Error(Math.Min(0, injector.Call(thread, Nr.Dup2, 1, 2)));
        injector.Call(thread, Nr.Munmap, address, StubMemory);
        return error;

        Errno Open(int number, string path, int flags)
        {
            if (GuestMemory.Write(thread.Tid, address, System.Text.Encoding.ASCII.GetBytes(path + "\0")) is var wrong && wrong != Errno.None)
                return wrong;
            var fd = injector.Call(thread, Nr.Open, address, flags);
            if (Sys.Failed(fd))
                return Sys.Error(fd);
            if (fd == number)
                return Errno.None;
            var moved = injector.Call(thread, Nr.Dup2, fd, number);
            injector.Close(thread, fd);
            return Sys.Error(Math.Min(0, moved));
        }
    }

    /// <summary>The program runs as who mounts.</summary>
    private Errno TakeIdentity(GuestThread thread, (uint Uid, uint Gid)? identity)
    {
        if (identity is not { } who)
            return Errno.None;
        thread.Process.OwnCredentials = true;
        injector.Call(thread, Nr.Setgroups, 0, 0);
        var error = Sys.Error(Math.Min(0, injector.Call(thread, Nr.Setresgid, who.Gid, who.Gid, who.Gid)));
        return error != Errno.None ? error : Sys.Error(Math.Min(0, injector.Call(thread, Nr.Setresuid, who.Uid, who.Uid, who.Uid)));
    }

    /// <summary>The stub came back from execve: it failed, and its breakpoint says so.</summary>
    private bool EndedStarting(GuestThread thread, int signal)
    {
        if (!thread.Starts || signal != SigTrap)
            return false;
        thread.Starts = false;
        if (thread.Tid == mainPid)
            StartError = (Errno)(-Ptrace.PeekUser(thread.Tid, UserRegs.RaxOffset));
        Sys.Fast(Nr.Kill, thread.Tid, 9);
        return true;
    }
}
