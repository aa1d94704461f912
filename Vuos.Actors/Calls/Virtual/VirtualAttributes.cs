using System.Runtime.InteropServices;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>chmod, chown, utimensat, truncate and extended attributes of what is in a virtual file system, by path or descriptor. Tracer thread only.</summary>
internal sealed class VirtualAttributes(VirtualFetch fetch, VirtualExtended extended)
{
    private const long Now = 0x3FFFFFFF, Omit = 0x3FFFFFFE, NanosecondsPerSecond = 1_000_000_000;

    private const uint SetUid = 0x800, SetGid = 0x400, GroupExecute = 8;

    public Verdict OfPath(Call call, VirtualLayer layer, Mount mount, VirtualNode node) => call.Number switch
    {
        Nr.Chmod => Change(call, layer, mount, node, new AttributeChange { Mode = (uint)call.Args[1] & 0xFFF }),
        Nr.Fchmodat or Nr.Fchmodat2 => Change(call, layer, mount, node, new AttributeChange { Mode = (uint)call.Args[2] & 0xFFF }),
        Nr.Chown or Nr.Lchown => Own(call, layer, mount, node, 1),
        Nr.Fchownat => Own(call, layer, mount, node, 2),
        Nr.Truncate => call.Args[1] < 0 ? Verdict.Fail(Errno.EINVAL) : Change(call, layer, mount, node, new AttributeChange { Size = call.Args[1] }),
        Nr.Utime or Nr.Utimes => SetTimes(call, layer, mount, node, call.Args[1]),
        Nr.Futimesat or Nr.Utimensat => SetTimes(call, layer, mount, node, call.Args[2]),
        Nr.Setxattr or Nr.Lsetxattr or Nr.Removexattr or Nr.Lremovexattr when mount.ReadOnly => Verdict.Fail(Errno.EROFS),
        Nr.Getxattr or Nr.Lgetxattr or Nr.Setxattr or Nr.Lsetxattr or Nr.Listxattr or Nr.Llistxattr or Nr.Removexattr or Nr.Lremovexattr => extended.Decide(call, layer, mount, node),
        // Their structure is of its own, and callers have the older calls to fall back to.
        Nr.Setxattrat or Nr.Getxattrat or Nr.Listxattrat or Nr.Removexattrat => Verdict.Fail(Errno.ENOSYS),
        _ => Verdict.Fail(Errno.EOPNOTSUPP),
    };

    /// <summary>The same calls on a descriptor; Continue: the kernel does it to the content.</summary>
    public Verdict OfDescriptor(Call call, OpenNode open, Mount mount) => call.Number switch
    {
        Nr.Fchmod => Change(call, open.Layer, mount, open.Node, new AttributeChange { Mode = (uint)call.Args[1] & 0xFFF }),
        Nr.Fchown => Own(call, open.Layer, mount, open.Node, 1),
        Nr.Fsetxattr or Nr.Fremovexattr when mount.ReadOnly => Verdict.Fail(Errno.EROFS),
        Nr.Fgetxattr or Nr.Fsetxattr or Nr.Flistxattr or Nr.Fremovexattr => extended.Decide(call, open.Layer, mount, open.Node),
        Nr.Fchmodat2 or Nr.Fchownat or Nr.Utimensat or Nr.Futimesat => OfPath(call, open.Layer, mount, open.Node),
        _ => Verdict.Continue,
    };

    private Verdict Own(Call call, VirtualLayer layer, Mount mount, VirtualNode node, int at)
    {
        var (uid, gid) = (Id(call.Args[at]), Id(call.Args[at + 1]));
        var mode = node.Attributes?.Value.Mode ?? 0;
        // As the kernel for file systems that do not do it themselves: a program that changes hands is no longer its owner's to run as.
        var lost = SetUid | ((mode & GroupExecute) != 0 ? SetGid : 0);
        uint? kept = (mode & FileType.Mask) == FileType.Regular && (mode & lost) != 0 ? mode & 0xFFF & ~lost : null;
        return uid is null && gid is null ? Verdict.Answer(0) : Change(call, layer, mount, node, new AttributeChange { Uid = uid, Gid = gid, Mode = kept });
    }

    private Verdict SetTimes(Call call, VirtualLayer layer, Mount mount, VirtualNode node, long address)
    {
        if (address == 0)
        {
            var now = TimeSpec.Now;
            return Change(call, layer, mount, node, new AttributeChange { AccessTime = now, ModifyTime = now, AccessNow = true, ModifyNow = true });
        }

        Span<long> fields = stackalloc long[4];
        fields.Clear();
        var used = call.Number == Nr.Utime ? 2 : 4;
        if (GuestMemory.Read(call.Thread.Tid, address, MemoryMarshal.AsBytes(fields[..used])) != Errno.None)
            return Verdict.Fail(Errno.EFAULT);
        if (call.Number == Nr.Utime)
            (fields[2], fields[1]) = (fields[1], 0);
        if (call.Number is Nr.Utimes or Nr.Futimesat)
        {
            if ((ulong)fields[1] >= 1_000_000 || (ulong)fields[3] >= 1_000_000)
                return Verdict.Fail(Errno.EINVAL);
            (fields[1], fields[3]) = (fields[1] * 1000, fields[3] * 1000);
        }

        if (!IsTime(fields[1]) || !IsTime(fields[3]))
            return Verdict.Fail(Errno.EINVAL);
        if (fields[1] == Omit && fields[3] == Omit)
            return Verdict.Answer(0);
        return Change(call, layer, mount, node, new AttributeChange
        {
            AccessTime = Time(fields[0], fields[1]),
            ModifyTime = Time(fields[2], fields[3]),
            AccessNow = fields[1] == Now,
            ModifyNow = fields[3] == Now,
        });
    }

    private Verdict Change(Call call, VirtualLayer layer, Mount mount, VirtualNode node, AttributeChange change)
    {
        if (mount.ReadOnly)
            return Verdict.Fail(Errno.EROFS);
        if (node.IsLink && change.Mode is not null)
            return Verdict.Fail(Errno.EOPNOTSUPP);
        var who = GuestCaller.Of(call.Thread);
        return fetch.Ask(call, mount, cancel => NodeChanges.ChangeAsync(layer, node, change, who, cancel));
    }

    private static bool IsTime(long nanoseconds) => nanoseconds is Now or Omit or (>= 0 and < NanosecondsPerSecond);

    private static TimeSpec? Time(long seconds, long nanoseconds) =>
        nanoseconds == Omit ? null : nanoseconds == Now ? TimeSpec.Now : new TimeSpec(seconds, (uint)nanoseconds);

    private static uint? Id(long argument) => (uint)argument == uint.MaxValue ? null : (uint)argument;
}
