using System.Text;
using Vuos.Actors.Calls.Virtual;
using Vuos.Actors.Guests;
using Vuos.Actors.Modules;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls;

/// <summary>
/// mount(2), umount2(2) and their relatives. What a loaded module claims becomes a layer; the rest is the kernel's business, unless the run is sealed.
/// </summary>
internal sealed class MountCalls(PathArguments paths, PublishedView view, IModuleControl control, MountUsage usage, PathCalls generic, VirtualFetch fetch, bool sealedRun)
{
    private const int Page = 4096;
    private const ulong MagicMask = 0xFFFF0000, Magic = 0xC0ED0000;
    private const long Force = 1, Detach = 2;

    private readonly Resolution source = new();
    private readonly Resolution target = new();
    private readonly byte[] buffer = new byte[Page];

    public Verdict Decide(Call call, SyscallInfo row) => call.Number switch
    {
        Nr.Mount => Mount(call, row),
        Nr.Umount2 => Unmount(call, row),
        // With a module loaded, mount(8) must fall back to mount(2), which modules see.
        Nr.OpenTree or Nr.MoveMount or Nr.Fsopen or Nr.Fsconfig or Nr.Fsmount or Nr.Fspick or Nr.MountSetattr when !view.Modules.IsEmpty =>
            Verdict.Fail(Errno.ENOSYS),
        _ => Unclaimed(call, row),
    };

    /// <summary>
    /// Builds the specification of a mount; also for mounts asked for on the command line. False: the target does not resolve; with EAGAIN, something in a virtual file system must be fetched first
    /// (<see cref="IsPending"/>).
    /// </summary>
    public bool TrySpecify(GuestThread thread, string type, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, ulong flags, string data,
        out MountSpecification? specification, out Errno error)
    {
        specification = null;
        paths.Resolver.Resolve(thread, At.FdCwd, to, follow: true, examine: true, target);
        source.Reset();
        error = target.Kind switch { ResolutionKind.Failed => target.Error, ResolutionKind.Pending => Errno.EAGAIN, _ => target.Unexamined ? Errno.ENOENT : Errno.None };
        if (error != Errno.None)
            return false;
        paths.Resolver.Resolve(thread, At.FdCwd, from, follow: true, examine: true, source);
        if (source.Kind == ResolutionKind.Pending)
        {
            error = Errno.EAGAIN;
            return false;
        }

        var found = source.Kind != ResolutionKind.Failed && !source.Unexamined;
        specification = new MountSpecification
        {
            Epoch = view.NextEpoch(),
            Type = type,
            Source = from.ToArray(),
            SourceView = found ? source.View.Span.ToArray() : null,
            SourceHost = found ? BytePath.Tidy(source.Host.Span) : null,
            SourceError = source.Kind == ResolutionKind.Failed ? source.Error : Errno.ENOENT,
            TargetView = target.View.Span.ToArray(),
            TargetHost = BytePath.Tidy(target.Host.Span),
            SourceNode = found && source.Kind == ResolutionKind.Virtual ? source.Virtual.Node : null,
            TargetNode = target.Kind == ResolutionKind.Virtual ? target.Virtual.Node : null,
            Caller = GuestCaller.Of(thread).Plain(),
            Pid = thread.Process.Pid,
            Identity = thread.Process.OwnCredentials && GuestIdentity.Of(thread.Tid) is { } who ? (who.Uid, who.Gid) : null,
            ViewEpoch = thread.Process.Epoch,
            Flags = flags,
            Data = data,
        };
        return true;
    }

    /// <summary>Whether a path of the last specification needs something of a virtual file system; then the call is decided again.</summary>
    private bool IsPending(Call call, out Verdict verdict) => fetch.IsPending(call, target, out verdict) || fetch.IsPending(call, source, out verdict);

    private Verdict Mount(Call call, SyscallInfo row)
    {
        var thread = call.Thread;
        var flags = (ulong)call.Args[3];
        if ((flags & MagicMask) == Magic)
            flags &= ~MagicMask;
        var error = ReadData(thread, call.Args[2], out var type);
        if (error != Errno.None)
            return Verdict.Fail(error);
        if (!paths.Read(call, row.Paths[^1], 1))
            return Unclaimed(call, row);
        if ((flags & (MountFlag.Remount | MountFlag.Propagation)) != 0)
            return ChangeLayer(call, row, flags);
        var from = call.Args[0] == 0 ? [] : ReadBytes(thread, call.Args[0], out error);
        if (error != Errno.None)
            return Verdict.Fail(error);
        if ((flags & MountFlag.Move) != 0 && type.Length == 0)
            return MoveLayer(call, row, from);
        var module = view.Claims(type);
        if (module is null && (flags & MountFlag.Bind) != 0 && (type is "" or "none" or "bind"))
        {
            module = view.Claims("vufs");
            type = "vufs";
        }

        if (module is null)
            return Unclaimed(call, row);
        error = ReadData(thread, call.Args[4], out var data);
        if (error != Errno.None)
            return Verdict.Fail(error);
        if (!TrySpecify(thread, type, from, paths.Text(1), flags, data, out var specification, out error))
        {
            if (IsPending(call, out var verdict))
                return verdict;
            thread.Process.LastError = "the mount point does not resolve";
            return Verdict.Fail(error);
        }

        control.Mount(thread, module, specification!);
        return Verdict.Wait;
    }

    /// <summary>mount -o remount,ro and the propagation flags on a layer; elsewhere they are the kernel's.</summary>
    private Verdict ChangeLayer(Call call, SyscallInfo row, ulong flags)
    {
        if (LayerAt(call.Thread, paths.Text(1)) is not { } mount)
            return fetch.IsPending(call, target, out var pending) ? pending : Unclaimed(call, row);
        if ((flags & MountFlag.Remount) == 0)
            return Verdict.Answer(0);
        control.Replace(call.Thread, mount with { ReadOnly = (flags & MountFlag.ReadOnly) != 0, NoExec = (flags & MountFlag.NoExec) != 0 });
        return Verdict.Wait;
    }

    private Verdict MoveLayer(Call call, SyscallInfo row, byte[] from)
    {
        if (LayerAt(call.Thread, from) is not { } mount)
        {
            if (view.Claims("vufs") is not { } module)
                return Unclaimed(call, row);
            if (!TrySpecify(call.Thread, "vufs", from, paths.Text(1), MountFlag.Move, "", out var specification, out var wrong))
                return IsPending(call, out var verdict) ? verdict : Verdict.Fail(wrong);
            control.Mount(call.Thread, module, specification!);
            return Verdict.Wait;
        }

        paths.Resolver.Resolve(call.Thread, At.FdCwd, paths.Text(1), follow: true, examine: true, target);
        if (target.Kind == ResolutionKind.Failed)
            return Verdict.Fail(target.Error);
        if (BytePath.IsAtOrBelow(target.View.Span, mount.Target))
            return Verdict.Fail(Errno.ELOOP);
        control.Replace(call.Thread, mount with { Target = target.View.Span.ToArray() });
        return Verdict.Wait;
    }

    private Verdict Unmount(Call call, SyscallInfo row)
    {
        if (!paths.Read(call, row.Paths[0], 0))
            return Unclaimed(call, row);
        var flags = call.Args[1];
        // A server of a layer does not see its own mount, and must not reach what is below.
        if (call.Thread.Process.Epoch != RoutingTable.Now)
            return Verdict.Fail(Errno.EINVAL);
        var mount = LayerAt(call.Thread, paths.Text(0), (flags & 8) == 0);
        if (fetch.IsPending(call, target, out var pending))
            return pending;
        // As they end servers unmount what they serve, unless their device polls with POLLERR, which ours cannot. It is gone, and what is there now is somebody else's.
        if (call.Thread.Process.Served is { } served && served.Epoch != mount?.Epoch && target.View.Span.SequenceEqual(served.Target))
            return Verdict.Answer(0);
        if (mount is null || mount.OfModule)
            return Unclaimed(call, row);
        if (mount.Permanent)
        {
            call.Thread.Process.LastError = "the mount is permanent";
            return Verdict.Fail(Errno.EBUSY);
        }

        var detach = (flags & (Force | Detach)) != 0;
        if (!detach && usage.WhoUses(mount) is { } user)
        {
            call.Thread.Process.LastError = user;
            return Verdict.Fail(Errno.EBUSY);
        }

        if (mount.Virtual is not null && (flags & (Force | Detach)) == Detach && usage.WhoUses(mount) is not null)
        {
            control.Detach(call.Thread, mount, () => usage.WhoUses(mount) is not null);
            return Verdict.Wait;
        }

        if (detach)
            usage.Release(mount);
        // Layers whose source lies behind it go on seeing it, as binds of the kernel do.
        control.Unmount(call.Thread, mount, mount.Virtual is null && usage.IsDependedOn(mount), (flags & Force) != 0);
        return Verdict.Wait;
    }

    /// <summary>No module claims it: EPERM in a sealed run, else the kernel's, with its paths found in the view.</summary>
    private Verdict Unclaimed(Call call, SyscallInfo row)
    {
        if (sealedRun)
            return Verdict.Fail(Errno.EPERM);
        // A mount source may be a mere word or a device; only the mount point is surely a path.
        return row.Paths.IsEmpty || view.Table.IsEmpty ? Verdict.Continue : generic.Decide(call, row);
    }

    private Mount? LayerAt(GuestThread thread, ReadOnlySpan<byte> path, bool follow = true)
    {
        target.Reset();
        if (view.Table.IsEmpty || path.IsEmpty)
            return null;
        paths.Resolver.Resolve(thread, At.FdCwd, path, follow, examine: true, target);
        return target.Kind is ResolutionKind.Failed or ResolutionKind.Pending || target.Unexamined ? null : view.Table.At(target.View.Span);
    }

    private byte[] ReadBytes(GuestThread thread, long address, out Errno error)
    {
        error = GuestMemory.ReadString(thread.Tid, address, buffer, out var length);
        return error == Errno.None ? buffer[..length] : [];
    }

    /// <summary>An optional string; NULL is the empty one.</summary>
    private Errno ReadData(GuestThread thread, long address, out string data)
    {
        data = "";
        if (address == 0)
            return Errno.None;
        var error = GuestMemory.ReadString(thread.Tid, address, buffer, out var length);
        if (error is Errno.None)
            data = Encoding.UTF8.GetString(buffer, 0, length);
        return error;
    }
}
