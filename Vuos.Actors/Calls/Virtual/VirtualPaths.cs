using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>Calls that make, remove, rename or link names in a virtual file system, and the changes of attributes by path. Tracer thread only.</summary>
internal sealed class VirtualPaths(VirtualFetch fetch, VirtualStatus status, VirtualAttributes attributes)
{
    private readonly byte[] text = new byte[4096];

    /// <summary>False: no path of the call leads into a virtual file system.</summary>
    public bool Decides(Call call, SyscallInfo row, Resolution[] found, RoutingTable table, out Verdict verdict)
    {
        verdict = default;
        var any = false;
        for (var i = 0; i < row.Paths.Length; i++)
        {
            if (fetch.IsPending(call, found[i], out verdict))
                return true;
            any |= found[i].Kind == ResolutionKind.Virtual;
        }

        if (!any)
            return false;
        for (var i = 0; i < row.Paths.Length; i++)
        {
            if (found[i].Kind == ResolutionKind.Failed)
            {
                verdict = Verdict.Fail(found[i].Error);
                return true;
            }
        }

        verdict = row.Paths.Length == 2 && row.Paths[0].Use is PathUse.RenameFrom or PathUse.LinkFrom
            ? Two(call, row.Paths[0].Use, found[0], found[1], table)
            : One(call, row, found[0].Kind == ResolutionKind.Virtual ? found[0] : found[1], row.Paths[found[0].Kind == ResolutionKind.Virtual ? 0 : 1].Use, table);
        return true;
    }

    private Verdict One(Call call, SyscallInfo row, Resolution found, PathUse use, RoutingTable table)
    {
        var hit = found.Virtual;
        switch (use)
        {
            case PathUse.Create:
                if (hit.Node is not null || hit.Parent is null)
                    return Verdict.Fail(Errno.EEXIST);
                if (found.MustBeDirectory && call.Number is not (Nr.Mkdir or Nr.Mkdirat))
                    return Verdict.Fail(Errno.ENOENT);
                return hit.Mount!.ReadOnly ? Verdict.Fail(Errno.EROFS) : Make(call, hit);
            case PathUse.Remove:
                return Remove(call, found, hit, table);
        }

        if (hit.Node is not { } node)
            return Verdict.Fail(Errno.ENOENT);
        if (found.MustBeDirectory && !node.IsDirectory)
            return Verdict.Fail(Errno.ENOTDIR);
        if (call.Number == Nr.Statfs)
            return status.FileSystem(call, hit.Layer!, hit.Mount!, node);
        return attributes.OfPath(call, hit.Layer!, hit.Mount!, node);
    }

    private Verdict Make(Call call, VirtualHit hit)
    {
        var (layer, parent, name, who) = (hit.Layer!, hit.Parent!, hit.Name.Span.ToArray(), GuestCaller.Of(call.Thread));
        switch (call.Number)
        {
            case Nr.Mkdir or Nr.Mkdirat:
                var mode = (uint)call.Args[call.Number == Nr.Mkdir ? 1 : 2];
                return fetch.Ask(call, hit.Mount!, cancel => NodeChanges.MakeDirectoryAsync(layer, parent, name, mode, who, cancel));
            case Nr.Mknod or Nr.Mknodat:
                var at = call.Number == Nr.Mknod ? 1 : 2;
                var (type, device) = ((uint)call.Args[at], (uint)call.Args[at + 1]);
                return fetch.Ask(call, hit.Mount!, cancel => NodeChanges.MakeNodeAsync(layer, parent, name, type, device, who, cancel));
            case Nr.Symlink or Nr.Symlinkat:
                if (GuestMemory.ReadString(call.Thread.Tid, call.Args[0], text, out var length) is var wrong && wrong != Errno.None)
                    return Verdict.Fail(wrong);
                if (length == 0)
                    return Verdict.Fail(Errno.ENOENT);
                var target = text[..length];
                return fetch.Ask(call, hit.Mount!, cancel => NodeChanges.MakeLinkAsync(layer, parent, name, target, who, cancel));
            default:
                return Verdict.Fail(Errno.EOPNOTSUPP);
        }
    }

    private Verdict Remove(Call call, Resolution found, VirtualHit hit, RoutingTable table)
    {
        var directory = call.Number == Nr.Rmdir || (call.Number == Nr.Unlinkat && (call.Args[2] & At.RemoveDir) != 0);
        if (table.IsMountRoot(found.View.Span) && !found.Unexamined)
            return Verdict.Fail(Errno.EBUSY);
        if (hit.Parent is null)
            return Verdict.Fail(!directory ? Errno.EISDIR : found.Unexamined ? Errno.ENOTEMPTY : Errno.EINVAL);
        // mnt_want_write comes before the look-up (fs/namei.c, do_unlinkat).
        if (hit.Mount!.ReadOnly)
            return Verdict.Fail(Errno.EROFS);
        if (hit.Node is not { } node)
            return Verdict.Fail(Errno.ENOENT);
        if (found.MustBeDirectory && !node.IsDirectory)
            return Verdict.Fail(Errno.ENOTDIR);
        var (layer, parent, name, who) = (hit.Layer!, hit.Parent, hit.Name.Span.ToArray(), GuestCaller.Of(call.Thread));
        return fetch.Ask(call, hit.Mount, cancel => NodeChanges.RemoveAsync(layer, parent, name, node, directory, who, cancel));
    }

    private Verdict Two(Call call, PathUse use, Resolution from, Resolution to, RoutingTable table)
    {
        var (old, made) = (from.Virtual, to.Virtual);
        if (from.Kind == ResolutionKind.Virtual && old.Node is null)
            return Verdict.Fail(Errno.ENOENT);
        // What is mounted at a name hides that it is in the same file system as the other (fs/namei.c, do_renameat2: the parents are compared).
        if (use == PathUse.RenameFrom && (table.IsMountRoot(from.View.Span) || table.IsMountRoot(to.View.Span)) && ParentMount(from) == ParentMount(to))
            return Verdict.Fail(Errno.EBUSY);
        if (from.Kind != to.Kind || old.Mount!.Epoch != made.Mount!.Epoch)
            return Verdict.Fail(Errno.EXDEV);
        if (use == PathUse.LinkFrom)
            return made.Node is not null || made.Parent is null ? Verdict.Fail(Errno.EEXIST) : Link(call, old, made, to.MustBeDirectory);
        if (table.IsMountRoot(from.View.Span) || table.IsMountRoot(to.View.Span) || old.Parent is null || made.Parent is null)
            return Verdict.Fail(Errno.EBUSY);
        var flags = call.Number == Nr.Renameat2 ? (uint)call.Args[4] : 0;
        if ((flags & ~(uint)(RenameFlag.NoReplace | RenameFlag.Exchange | 4)) != 0 || (flags & 3) == 3)
            return Verdict.Fail(Errno.EINVAL);
        if (old.Mount.ReadOnly)
            return Verdict.Fail(Errno.EROFS);
        var node = old.Node!;
        if ((from.MustBeDirectory || (to.MustBeDirectory && (flags & RenameFlag.Exchange) == 0)) && !node.IsDirectory)
            return Verdict.Fail(Errno.ENOTDIR);
        if ((flags & RenameFlag.Exchange) != 0 && made.Node is null)
            return Verdict.Fail(Errno.ENOENT);
        var (layer, parent, name, newParent, newName, replaced, who) =
            (old.Layer!, old.Parent, old.Name.Span.ToArray(), made.Parent, made.Name.Span.ToArray(), made.Node, GuestCaller.Of(call.Thread));
        // Working directories and mounts below it are known by their names, and go along.
        (byte[], byte[])? renamed = node.IsDirectory && (flags & RenameFlag.Exchange) == 0 ? (from.View.Span.ToArray(), to.View.Span.ToArray()) : null;
        return fetch.Ask(call, old.Mount, async cancel =>
        {
            var answer = await NodeChanges.RenameAsync(layer, parent, name, node, newParent, newName, replaced, flags, who, cancel).ConfigureAwait(false);
            return answer.Result == 0 ? answer with { Renamed = renamed } : answer;
        });

        long? ParentMount(Resolution found) => table.Find(BytePath.Parent(found.View.Span))?.Epoch;
    }

    private Verdict Link(Call call, VirtualHit old, VirtualHit made, bool asDirectory)
    {
        if (asDirectory)
            return Verdict.Fail(Errno.ENOENT);
        if (made.Mount!.ReadOnly)
            return Verdict.Fail(Errno.EROFS);
        var (layer, node, parent, name, who) = (old.Layer!, old.Node!, made.Parent!, made.Name.Span.ToArray(), GuestCaller.Of(call.Thread));
        return fetch.Ask(call, made.Mount, cancel => NodeChanges.LinkAsync(layer, node, parent, name, who, cancel));
    }
}
