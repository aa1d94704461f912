using System.Runtime.CompilerServices;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>stat, statx, access, readlink, statfs of what is in a virtual file system: from what is known, where that is fresh. Tracer thread only.</summary>
internal sealed class VirtualStatus(VirtualFetch fetch)
{
    private const int AccessWrite = 2, AccessExecute = 1;

    private readonly byte[] statx = new byte[StatxLayout.SizeOf];

    /// <summary>The stat family, access and readlink on a path. False: the path does not lead into a virtual file system.</summary>
    public bool Decides(Call call, Resolution found, out Verdict verdict)
    {
        if (fetch.IsPending(call, found, out verdict))
            return true;
        if (found.Kind != ResolutionKind.Virtual)
            return false;
        var hit = found.Virtual;
        if (hit.Node is not { } node)
            return Fail(Errno.ENOENT, out verdict);
        if (fetch.LacksAttributes(call, hit.Layer!, hit.Mount!, node, out verdict))
            return true;
        if (found.MustBeDirectory && !node.IsDirectory)
            return Fail(Errno.ENOTDIR, out verdict);
        verdict = call.Number switch
        {
            Nr.Stat or Nr.Lstat => Stat(call, hit.Layer!, node, call.Args[1]),
            Nr.Newfstatat => Stat(call, hit.Layer!, node, call.Args[2]),
            Nr.Statx => Statx(call, hit.Layer!, node),
            Nr.Access => Access(call, hit.Layer!, hit.Mount!, node, (int)call.Args[1]),
            Nr.Faccessat or Nr.Faccessat2 => Access(call, hit.Layer!, hit.Mount!, node, (int)call.Args[2]),
            Nr.Readlink => ReadLink(call, hit, node, 1),
            Nr.Readlinkat => ReadLink(call, hit, node, 2),
            _ => Verdict.Fail(Errno.EOPNOTSUPP),
        };
        return true;
    }

    /// <summary>fstat, and the *at calls with an empty path.</summary>
    public Verdict OfDescriptor(Call call, OpenNode open, Mount mount)
    {
        if (fetch.LacksAttributes(call, open.Layer, mount, open.Node, out var verdict))
            return verdict;
        return call.Number switch
        {
            Nr.Fstat => Stat(call, open.Layer, open.Node, call.Args[1]),
            Nr.Newfstatat => Stat(call, open.Layer, open.Node, call.Args[2]),
            Nr.Statx => Statx(call, open.Layer, open.Node),
            Nr.Faccessat2 => Access(call, open.Layer, mount, open.Node, (int)call.Args[2]),
            _ => Verdict.Continue,
        };
    }

    /// <summary>statfs and fstatfs; the buffer is the call's second argument.</summary>
    public Verdict FileSystem(Call call, VirtualLayer layer, Mount mount, VirtualNode node)
    {
        var (tid, address, readOnly, who) = (call.Thread.Tid, call.Args[1], mount.ReadOnly, GuestCaller.Of(call.Thread));
        return fetch.Ask(call, mount, async cancel =>
        {
            var status = await layer.Files.StatusAsync(node.Id, who.Plain(), cancel).ConfigureAwait(false);
            if (status.Failed && status.Error != Errno.ENOSYS)
                return VirtualAnswer.Fail(status.Error);
            return VirtualAnswer.Of(GuestMemory.Write(tid, address, Shown.StatFs(layer, status.Value, readOnly)));
        });
    }

    private static Verdict Stat(Call call, VirtualLayer layer, VirtualNode node, long buffer)
    {
        var stat = Shown.Stat(layer, Shown.Of(node));
        return Delivered(GuestMemory.Write(call.Thread.Tid, buffer, in stat));
    }

    private Verdict Statx(Call call, VirtualLayer layer, VirtualNode node)
    {
        Shown.Statx(layer, Shown.Of(node), statx);
        return Delivered(GuestMemory.Write(call.Thread.Tid, call.Args[4], statx));
    }

    private Verdict Access(Call call, VirtualLayer layer, Mount mount, VirtualNode node, int mode)
    {
        if ((mode & ~7) != 0)
            return Verdict.Fail(Errno.EINVAL);
        if ((mode & AccessWrite) != 0 && mount.ReadOnly && (node.IsDirectory || node.Type is FileType.Regular or FileType.Link))
            return Verdict.Fail(Errno.EROFS);
        if (mode == 0)
            return Verdict.Answer(0);
        var who = GuestCaller.Of(call.Thread);
        if (layer.Traits.DefaultPermissions)
            return who.Check(node, (uint)mode) is var refused && refused != Errno.None ? Verdict.Fail(refused) : Verdict.Answer(0);
        // Without a word of the file system everything is allowed, but what nobody may execute.
        var executable = node.IsDirectory || ((node.Attributes?.Value.Mode ?? 0) & 0x49) != 0;
        return fetch.Ask(call, mount, async cancel =>
        {
            var error = await layer.Files.AccessAsync(node.Id, (uint)mode, who.Plain(), cancel).ConfigureAwait(false);
            if (error == Errno.ENOSYS)
                error = Errno.None;
            return VirtualAnswer.Of(error == Errno.None && (mode & AccessExecute) != 0 && !executable ? Errno.EACCES : error);
        });
    }

    private Verdict ReadLink(Call call, VirtualHit hit, VirtualNode node, int at)
    {
        if (!node.IsLink)
            return Verdict.Fail(Errno.EINVAL);
        if (node.Target is not { } target || !target.Freshness.IsUsable(call.Thread.WaitingSince))
        {
            var (layer, who) = (hit.Layer!, GuestCaller.Of(call.Thread));
            return fetch.Ask(call, hit.Mount!, cancel => NodeFetch.TargetAsync(layer, node, who, cancel));
        }

        var size = (int)call.Args[at + 1];
        if (size <= 0)
            return Verdict.Fail(Errno.EINVAL);
        var part = target.Target.AsSpan(0, Math.Min(size, target.Target.Length));
        return GuestMemory.Write(call.Thread.Tid, call.Args[at], part) == Errno.None ? Verdict.Answer(part.Length) : Verdict.Fail(Errno.EFAULT);
    }

    private static Verdict Delivered(Errno error) => error == Errno.None ? Verdict.Answer(0) : Verdict.Fail(Errno.EFAULT);

    private static bool Fail(Errno error, out Verdict verdict)
    {
        verdict = Verdict.Fail(error);
        return true;
    }
}
