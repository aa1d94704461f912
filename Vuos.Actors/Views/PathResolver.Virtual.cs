using Vuos.Actors.Guests;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Views;

internal sealed partial class PathResolver
{
    private readonly PathBuffer virtualRest = new();

    /// <summary>How a walk in a virtual file system ended.</summary>
    private enum Way : byte
    {
        /// <summary>The resolution says what was found, what failed, or what must be fetched.</summary>
        Ended,

        /// <summary>The path leads out of the layer: <see cref="Resolution.View"/> and the rest of the path say where to go on.</summary>
        Leaves,
    }

    /// <summary>
    /// Goes on in a virtual file system, in what is known of it. <paramref name="rel"/> is where in it (from its root, links resolved), <paramref name="rest"/> the path from there. When the path leaves,
    /// <see cref="todo"/> holds what is left of it and the view path is where it goes on. Neither blocks nor allocates.
    /// </summary>
    private Way WalkVirtual(GuestThread thread, Mount mount, ReadOnlySpan<byte> rel, ReadOnlySpan<byte> rest, bool follow, ReadOnlySpan<byte> root, ref int links, Resolution result)
    {
        var layer = mount.Virtual!;
        var hit = result.Virtual;
        hit.Clear();
        hit.Layer = layer;
        hit.Mount = mount;
        result.Top = mount;
        result.Kind = ResolutionKind.Virtual;
        result.Host.Set(RoutingTable.Nowhere);
        var view = result.View;
        view.Set(mount.Target);
        // A subdevice: digits that belong to the last component of the target.
        var subdevice = !rel.IsEmpty && rel[0] != (byte)'/';
        virtualRest.Set(rel);
        if (!rest.IsEmpty)
        {
            if (rest[0] != (byte)'/')
                virtualRest.Append("/"u8);
            virtualRest.Append(rest);
        }

        if (layer.IsEnded)
            return Fail(result, Errno.ENOTCONN);
        if (!layer.IsStarted)
            return Need(hit, result, Fetch.Start, null, default);
        if (!layer.Traits.AllowOther && thread.Process.OwnCredentials && GuestCaller.Of(thread).Plain().Uid != layer.Owner)
            return Fail(result, Errno.EACCES);
        var waitingSince = thread.WaitingSince;
        var node = layer.Root;
        var todoNow = virtualRest.Span;
        hit.Node = node;
        result.MustBeDirectory = !todoNow.IsEmpty && todoNow[^1] == (byte)'/';
        while (NextComponent(ref todoNow, out var component))
        {
            if (node.Type == 0 && node.Attributes is null)
                return Need(hit, result, Fetch.Attributes, node, default);
            if (!node.IsDirectory && !subdevice)
                return Fail(result, Errno.ENOTDIR);
            hit.Parent = null;
            if (component.SequenceEqual("."u8))
            {
                result.MustBeDirectory |= !HasMore(todoNow);
                continue;
            }

            if (component.SequenceEqual(".."u8))
            {
                // The guest's own root has nothing above it.
                if (view.Span.SequenceEqual(root))
                    continue;
                if (node == layer.Root && mount.Detached)
                    continue;
                if (node == layer.Root)
                {
                    view.Set(BytePath.Parent(mount.Target));
                    todo.Set(todoNow);
                    return Way.Leaves;
                }

                node = node.Parent ?? layer.Root;
                view.Pop();
                hit.Node = node;
                result.MustBeDirectory |= !HasMore(todoNow);
                continue;
            }

            if (component.Length > 255)
                return Fail(result, Errno.ENAMETOOLONG);
            if (!subdevice && layer.Traits.DefaultPermissions && GuestCaller.Of(thread).Check(node, Permissions.Search) is var refused && refused != Errno.None)
                return Fail(result, refused);
            if (subdevice)
                view.Append(component);
            else
                view.Push(component);
            subdevice = false;
            if (!mount.Detached && Table.Find(view.Span, epoch) is { } other && other.Epoch != mount.Epoch)
            {
                // Something is mounted inside: on from its mount point.
                todo.Set(todoNow);
                return Way.Leaves;
            }

            var final = !HasMore(todoNow);
            if (node.Find(component) is not { } entry || !entry.Freshness.IsUsable(waitingSince))
            {
                spare.Set(component);
                spare.Append(todoNow);
                return Need(hit, result, Fetch.Names, node, spare.Span);
            }

            if (entry.Node is not { } child)
            {
                if (!final)
                    return Fail(result, Errno.ENOENT);
                hit.Parent = node;
                hit.Name.Set(component);
                hit.Node = null;
                result.MustBeDirectory = !todoNow.IsEmpty;
                return Way.Ended;
            }

            if (child.IsLink && (!final || follow || (!todoNow.IsEmpty && !nameItself)))
            {
                if (child.Target is not { } known || !known.Freshness.IsUsable(waitingSince))
                    return Need(hit, result, Fetch.Target, child, default);
                result.LinksFollowed = true;
                if (++links > MaxLinks)
                    return Fail(result, Errno.ELOOP);
                spare.Set(known.Target);
                if (!todoNow.IsEmpty)
                {
                    spare.Append("/"u8);
                    spare.Append(todoNow);
                }

                if (known.Target is [(byte)'/', ..])
                {
                    view.Set(root);
                    todo.Set(spare.Span);
                    return Way.Leaves;
                }

                view.Pop();
                virtualRest.Set(spare.Span);
                todoNow = virtualRest.Span;
                result.MustBeDirectory = !todoNow.IsEmpty && todoNow[^1] == (byte)'/';
                continue;
            }

            hit.Parent = node;
            hit.Name.Set(component);
            hit.Node = node = child;
        }

        return Way.Ended;
    }

    /// <summary>The directory a relative path begins in, if it is in a virtual file system and has lost its name: removed, or the file system is mounted no more (MNT_DETACH).</summary>
    private (VirtualNode Node, Mount Mount)? LostBase(GuestThread thread, long dirFd)
    {
        var within = (int)dirFd == At.FdCwd ? thread.Process.Fs.Within : baseOpen is { } open ? (open.Layer, open.Node) : null;
        return within is { } there && Table.MountOf(there.Layer) is { } mount && (there.Node.IsUnlinked || mount.Detached) ? (there.Node, mount) : null;
    }

    /// <summary>False: the path leads out of the file system by an absolute link, and goes on in <paramref name="path"/>.</summary>
    private bool WalkDetached(GuestThread thread, (VirtualNode Node, Mount Mount) lost, ref ReadOnlySpan<byte> path, bool follow, ReadOnlySpan<byte> root, Resolution result)
    {
        var from = PathBuffer.Rent();
        lost.Node.AppendPath(from);
        var links = 0;
        var way = WalkVirtual(thread, lost.Mount, from.Span, path, follow, root, ref links, result);
        PathBuffer.Return(from);
        if (way == Way.Ended)
            return true;
        baseView.Set(result.View.Span);
        path = todo.Span.ToArray();
        return false;
    }

    /// <summary>
    /// A path from a directory that has no name: it is itself there, nothing is in it, and the way up leads where it was. False: the path leads up, and goes on in <paramref name="path"/>.
    /// </summary>
    private bool WalkRemoved((VirtualNode Node, Mount Mount) removed, ref ReadOnlySpan<byte> path, Resolution result)
    {
        var rest = path;
        while (NextComponent(ref rest, out var component))
        {
            if (component.SequenceEqual("."u8))
                continue;
            if (!component.SequenceEqual(".."u8))
            {
                result.Fail(Errno.ENOENT);
                return true;
            }

            baseView.Pop();
            rest = rest.TrimStart((byte)'/');
            path = rest.IsEmpty ? "."u8 : rest;
            return false;
        }

        var hit = result.Virtual;
        hit.Clear();
        (hit.Layer, hit.Mount, hit.Node) = (removed.Mount.Virtual, removed.Mount, removed.Node);
        result.Top = removed.Mount;
        result.Kind = ResolutionKind.Virtual;
        result.Host.Set(RoutingTable.Nowhere);
        result.View.Set(baseView.Span);
        result.MustBeDirectory = true;
        return true;
    }

    private static Way Fail(Resolution result, Errno error)
    {
        result.Fail(error);
        return Way.Ended;
    }

    private static Way Need(VirtualHit hit, Resolution result, Fetch fetch, VirtualNode? from, ReadOnlySpan<byte> rest)
    {
        result.Kind = ResolutionKind.Pending;
        hit.Fetch = fetch;
        hit.From = from;
        hit.Rest.Set(rest);
        return Way.Ended;
    }
}
