using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>Extended attributes (xattr(7)) in a virtual file system. Tracer thread only; values move between guest and file system on tasks of the layer.</summary>
internal sealed class VirtualExtended(VirtualFetch fetch)
{
    private readonly byte[] name = new byte[257];

    /// <summary>The eleven calls by path or descriptor: the name is their second argument, a buffer and its size follow.</summary>
    public Verdict Decide(Call call, VirtualLayer layer, Mount mount, VirtualNode node)
    {
        var (tid, who) = (call.Thread.Tid, GuestCaller.Of(call.Thread));
        if (call.Number is Nr.Listxattr or Nr.Llistxattr or Nr.Flistxattr)
        {
            var (list, room) = (call.Args[1], call.Args[2]);
            return fetch.Ask(call, mount, async cancel =>
                Deliver(tid, list, room, await layer.Files.ListExtendedAsync(node.Id, who.Plain(), cancel).ConfigureAwait(false), none: true));
        }

        var wrong = GuestMemory.ReadString(tid, call.Args[1], name, out var length);
        if (wrong != Errno.None || length is 0 or > 255)
            return Verdict.Fail(wrong == Errno.EFAULT ? wrong : Errno.ERANGE);
        var key = name[..length];
        // Without FUSE_POSIX_ACL the kernel does not ask (fs/fuse/acl.c); every ls would.
        if (key.AsSpan().StartsWith("system.posix_acl_"u8))
            return Verdict.Fail(Errno.EOPNOTSUPP);
        var (address, size) = (call.Args[2], call.Args[3]);
        switch (call.Number)
        {
            case Nr.Getxattr or Nr.Lgetxattr or Nr.Fgetxattr:
                return fetch.Ask(call, mount, async cancel =>
                    Deliver(tid, address, size, await layer.Files.GetExtendedAsync(node.Id, key, who.Plain(), cancel).ConfigureAwait(false), none: false));
            case Nr.Removexattr or Nr.Lremovexattr or Nr.Fremovexattr:
                return fetch.Ask(call, mount, async cancel => Changed(node, await layer.Files.RemoveExtendedAsync(node.Id, key, who.Plain(), cancel).ConfigureAwait(false)));
            default:
                if (size is < 0 or > ExtendedAttributes.ValueMax)
                    return Verdict.Fail(Errno.E2BIG);
                var value = new byte[size];
                if (size > 0 && GuestMemory.Read(tid, address, value) != Errno.None)
                    return Verdict.Fail(Errno.EFAULT);
                var flags = (uint)call.Args[4];
                return fetch.Ask(call, mount, async cancel => Changed(node, await layer.Files.SetExtendedAsync(node.Id, key, value, flags, who.Plain(), cancel).ConfigureAwait(false)));
        }
    }

    private static VirtualAnswer Changed(VirtualNode node, Errno error)
    {
        VirtualLayer.Expire(node);
        return VirtualAnswer.Of(error == Errno.ENOSYS ? Errno.EOPNOTSUPP : error);
    }

    private static VirtualAnswer Deliver(int tid, long address, long size, in Answer<byte[]> value, bool none)
    {
        if (value.Error == Errno.ENOSYS)
            return none ? VirtualAnswer.Done : VirtualAnswer.Fail(Errno.EOPNOTSUPP);
        if (value.Failed)
            return VirtualAnswer.Fail(value.Error);
        if (size == 0)
            return new VirtualAnswer(value.Value.Length);
        if (value.Value.Length > size)
            return VirtualAnswer.Fail(Errno.ERANGE);
        return GuestMemory.Write(tid, address, value.Value) == Errno.None ? new VirtualAnswer(value.Value.Length) : VirtualAnswer.Fail(Errno.EFAULT);
    }
}
