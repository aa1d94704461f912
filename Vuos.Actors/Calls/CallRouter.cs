using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Control;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Calls;

/// <summary>Sends a trapped call to its handler. What each call is comes from the system call table; the handlers are looked up once, by number.</summary>
internal sealed class CallRouter : ICallHandler
{
    private readonly Route[] routes = new Route[SyscallTable.Limit];
    private readonly SyscallInfo?[] rows = new SyscallInfo?[SyscallTable.Limit];
    private readonly PathCalls pathCalls;
    private readonly LookupCalls lookups;
    private readonly OpenCalls opens;
    private readonly ExecCalls execs;
    private readonly DirectoryCalls directories;
    private readonly SocketCalls sockets;
    private readonly DescriptorCalls descriptors;
    private readonly MountCalls mounts;
    private readonly ControlCalls controls;
    private readonly PublishedView view;
    private readonly IRootControl roots;
    private readonly bool sealedRun;

    public CallRouter(CallHandlers handlers, PublishedView view, IRootControl roots, bool sealedRun)
    {
        (pathCalls, lookups, opens, execs, directories, sockets, descriptors, mounts, controls) = handlers;
        this.view = view;
        this.roots = roots;
        this.sealedRun = sealedRun;
        foreach (var row in SyscallTable.All)
        {
            rows[row.Number] = row;
            routes[row.Number] = RouteOf(row);
        }
    }

    private enum Route : byte
    {
        Pass, Path, Lookup, Open, Exec, Chdir, Fchdir, Chroot, Getcwd, Socket, Descriptor, Mount, Identity, Namespace, Restrict, Confine, Clone, Exit,
    }

    public Verdict Decide(Call call)
    {
        if (call.Number is >= ControlProtocol.Base and < ControlProtocol.Base + ControlProtocol.Count)
            return controls.Decide(call);
        if ((uint)call.Number >= (uint)routes.Length || call.Thread.Process.Foreign)
            return Verdict.Continue;
        var row = rows[call.Number]!;
        switch (routes[call.Number])
        {
            case Route.Path:
                return pathCalls.Decide(call, row);
            case Route.Lookup:
                return lookups.Decide(call, row);
            case Route.Open:
                return opens.Decide(call, row);
            case Route.Exec:
                return execs.Decide(call, row);
            case Route.Chdir:
                return directories.ChangeDirectory(call, row);
            case Route.Fchdir:
                return directories.ChangeDirectoryTo(call);
            case Route.Chroot:
                return ChangeRoot(call, row);
            case Route.Getcwd:
                return directories.GetWorkingDirectory(call);
            case Route.Socket:
                return sockets.Decide(call);
            case Route.Descriptor:
                return descriptors.Decide(call, call.Args[0]);
            case Route.Exit:
                return descriptors.EndProcess(call);
            case Route.Mount:
                return mounts.Decide(call, row);
            case Route.Identity or Route.Restrict:
                // From now on what it may see or do can differ from what we may.
                call.Thread.Process.OwnCredentials = true;
                return Verdict.Continue;
            case Route.Confine:
                call.Thread.Process.OwnFilters = true;
                return Verdict.Continue;
            case Route.Namespace:
                return EnterNamespace(call);
            case Route.Clone:
                return KeepTraced(call);
            default:
                return Verdict.Continue;
        }
    }

    public bool Completed(GuestThread thread, PendingCall pending, long result)
    {
        if (Sys.Failed(result))
            return false;
        switch (pending.After)
        {
            case AfterCall.SetWorkingDirectory:
                thread.Process.Fs.Enter(pending.View);
                break;
            case AfterCall.FillMemfd:
                Fill(thread, result, pending.Content!);
                break;
            case AfterCall.Bound:
                sockets.Bound(pending);
                break;
            case AfterCall.PutNameBack:
                sockets.PutBack(thread, pending);
                break;
            case AfterCall.Renamed:
                return roots.Renamed(thread, pending.View!, pending.Content!);
        }

        return false;
    }

    public bool IsUninterruptible(Call call) => (uint)call.Number < (uint)rows.Length && rows[call.Number] is { Hot: true } row && routes[call.Number] switch
    {
        Route.Open => !opens.MayBlock(call, row),
        Route.Descriptor => !descriptors.MayBlock(call),
        _ => true,
    };

    private static Route RouteOf(SyscallInfo row) => row.Decision switch
    {
        Decision.Mount => Route.Mount,
        Decision.Exec => Route.Exec,
        Decision.Identity => Route.Identity,
        Decision.Network => Route.Socket,
        Decision.Descriptor => Route.Descriptor,
        Decision.Path when row.Number is Nr.Open or Nr.Openat or Nr.Openat2 or Nr.Creat => Route.Open,
        Decision.Path when row.Hot => Route.Lookup,
        Decision.Path => Route.Path,
        Decision.Process => row.Number switch
        {
            Nr.Chdir => Route.Chdir,
            Nr.Fchdir => Route.Fchdir,
            Nr.Chroot => Route.Chroot,
            Nr.Getcwd => Route.Getcwd,
            Nr.Seccomp or Nr.Prctl => Route.Confine,
            Nr.Unshare or Nr.Setns => Route.Namespace,
            Nr.LandlockRestrictSelf => Route.Restrict,
            Nr.Clone => Route.Clone,
            Nr.ExitGroup => Route.Exit,
            _ => Route.Pass,
        },
        _ => Route.Pass,
    };

    private Verdict ChangeRoot(Call call, SyscallInfo row)
    {
        var verdict = directories.ChangeRoot(call, row);
        if (verdict is not { Kind: VerdictKind.Answer, Value: 0 })
            return verdict;
        // The first change of a root needs the naming calls; until they are trapped in every thread the caller waits.
        return roots.RootChanged(call.Thread) ? verdict : Verdict.Wait;
    }

    private Verdict EnterNamespace(Call call)
    {
        const long NewNs = 0x20000, NewUser = 0x10000000, ShareFs = 0x200;
        var process = call.Thread.Process;
        var flags = call.Number == Nr.Unshare ? call.Args[0] : call.Args[1] == 0 ? NewNs : call.Args[1];
        if ((flags & ShareFs) != 0 && call.Number == Nr.Unshare)
            process.Fs = process.Fs.Copy();
        if ((flags & NewUser) != 0)
            process.OwnCredentials = true;
        if ((flags & NewNs) == 0)
            return Verdict.Continue;
        if (sealedRun)
            return Verdict.Fail(Errno.EPERM);
        // A mount namespace of its own starts as a copy: names mean the same until it mounts, and then they are no longer ours to translate.
        process.OwnCredentials = true;
        process.Foreign = !view.Table.IsEmpty || call.Number == Nr.Setns;
        return Verdict.Continue;
    }

    /// <summary>CLONE_UNTRACED would take the child out of the view; without a tracer it means nothing, so it goes.</summary>
    private static Verdict KeepTraced(Call call)
    {
        call.Thread.Pending.Begin(call.Number);
        call.Thread.Pending.Replace(0, call.Args[0] & ~(long)CloneFlags.Untraced);
        return Verdict.Rewrite;
    }

    private static void Fill(GuestThread thread, long fd, byte[] content)
    {
        var path = System.Text.Encoding.ASCII.GetBytes($"/proc/{thread.Tid}/fd/{fd}\0");
        var own = Files.Open(path, OpenFlag.RdWr | OpenFlag.CloExec);
        if (own < 0)
            return;
        Memfd.Fill(own, content);
        Files.Close(own);
    }
}

/// <summary>Told when a guest changed what names stand for.</summary>
internal interface IRootControl
{
    /// <summary>True if the naming calls are trapped already; else the caller's call is completed with 0 once they are.</summary>
    bool RootChanged(GuestThread caller);

    /// <summary>A view path was renamed: working directories and mounts below it go along. True: the caller is completed once the table says so.</summary>
    bool Renamed(GuestThread caller, byte[] from, byte[] to);
}
