using System.Runtime.CompilerServices;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>Attributes, links' targets, permissions, status and extended attributes (fs/fuse/dir.c, fs/fuse/xattr.c).</summary>
internal sealed partial class FuseFileSystem
{
    /// <summary>Bytes of the longest target of a link (PATH_MAX - 1).</summary>
    private const int LongestLink = 4095;

    private int AttrSize => Minor < FuseCompat.AttrMinor ? FuseCompat.AttrOut : Unsafe.SizeOf<FuseAttrOut>();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Answer<TimedAttributes>> GetAttributesAsync(ulong node, ulong? handle, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.GetAttr, node, caller, cancel).ConfigureAwait(false);
        if (Minor >= FuseCompat.AttrMinor)
            request.Add(new FuseGetAttrIn { Flags = handle is null ? 0 : FuseMessageFlags.GetAttrHandle, Handle = handle ?? 0 });
        return await AttributesAsync(request, node, cancel).ConfigureAwait(false);
    }

    public async ValueTask<Answer<TimedAttributes>> SetAttributesAsync(ulong node, ulong? handle, AttributeChange change, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.SetAttr, node, caller, cancel).ConfigureAwait(false);
        request.Add(FuseAttributes.Change(change, handle, _nodes.Type(node), Minor));
        return await AttributesAsync(request, node, cancel).ConfigureAwait(false);
    }

    public async ValueTask<Answer<byte[]>> ReadLinkAsync(ulong node, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.ReadLink, node, caller, cancel).ConfigureAwait(false);
        var answer = await BytesAsync(request.ExpectUpTo(LongestLink), cancel).ConfigureAwait(false);
        // The kernel's target is a C string.
        return !answer.Failed && answer.Value.AsSpan().IndexOf((byte)0) is >= 0 and var end ? answer.Value[..end] : answer;
    }

    public async ValueTask<Errno> AccessAsync(ulong node, uint mask, Caller caller, CancellationToken cancel)
    {
        var request = await BeginAsync(FuseOpcode.Access, node, caller, cancel).ConfigureAwait(false);
        return await CallAndReturnAsync(request.Add(new FuseAccessIn { Mask = mask }), cancel).ConfigureAwait(false);
    }

    public async ValueTask<Answer<FileSystemStatus>> StatusAsync(ulong node, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.StatFs, node, caller, cancel).ConfigureAwait(false);
        request.Expect(Minor < FuseCompat.StatFsMinor ? FuseCompat.StatFsOut : Unsafe.SizeOf<FuseStatFsOut>());
        if (await CallAsync(request, cancel).ConfigureAwait(false) is var error && error != Errno.None)
            return error;
        var status = request.Read<FuseStatFsOut>();
        return new FileSystemStatus
        {
            Blocks = (long)status.Blocks,
            FreeBlocks = (long)status.FreeBlocks,
            AvailableBlocks = (long)status.AvailableBlocks,
            Files = (long)status.Files,
            FreeFiles = (long)status.FreeFiles,
            BlockSize = status.BlockSize,
            FragmentSize = Minor < FuseCompat.StatFsMinor ? status.BlockSize : status.FragmentSize,
            NameLength = status.NameLength,
            Type = FuseProtocol.SuperMagic,
        };
    }

    /// <summary>Asked for with the greatest size at once: one round trip instead of two.</summary>
    public async ValueTask<Answer<byte[]>> GetExtendedAsync(ulong node, byte[] name, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.GetXAttr, node, caller, cancel).ConfigureAwait(false);
        request.Add(new FuseGetXAttrIn { Size = (uint)ExtendedRoom }).AddName(name).ExpectUpTo(ExtendedRoom);
        return await BytesAsync(request, cancel).ConfigureAwait(false);
    }

    public async ValueTask<Errno> SetExtendedAsync(ulong node, byte[] name, ReadOnlyMemory<byte> value, uint flags, Caller caller, CancellationToken cancel)
    {
        var request = await BeginAsync(FuseOpcode.SetXAttr, node, caller, cancel).ConfigureAwait(false);
        request.Add(new FuseSetXAttrIn { Size = (uint)value.Length, Flags = flags }).AddName(name).Data = value;
        return await CallAndReturnAsync(request, cancel).ConfigureAwait(false);
    }

    public async ValueTask<Answer<byte[]>> ListExtendedAsync(ulong node, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.ListXAttr, node, caller, cancel).ConfigureAwait(false);
        request.Add(new FuseGetXAttrIn { Size = (uint)ExtendedRoom }).ExpectUpTo(ExtendedRoom);
        var answer = await BytesAsync(request, cancel).ConfigureAwait(false);
        return answer.Failed || WellFormedList(answer.Value) ? answer : Errno.EIO;
    }

    public async ValueTask<Errno> RemoveExtendedAsync(ulong node, byte[] name, Caller caller, CancellationToken cancel)
    {
        var request = await BeginAsync(FuseOpcode.RemoveXAttr, node, caller, cancel).ConfigureAwait(false);
        return await CallAndReturnAsync(request.AddName(name), cancel).ConfigureAwait(false);
    }

    private int ExtendedRoom => Math.Min(FuseProtocol.ExtendedMax, session.MaxTransfer);

    /// <summary>fuse_verify_xattr_list: names that are not empty, each with its NUL.</summary>
    private static bool WellFormedList(ReadOnlySpan<byte> list)
    {
        while (!list.IsEmpty)
        {
            var end = list.IndexOf((byte)0);
            if (end <= 0)
                return false;
            list = list[(end + 1)..];
        }

        return true;
    }

    private async ValueTask<Answer<byte[]>> BytesAsync(FuseRequest request, CancellationToken cancel)
    {
        var error = await CallAsync(request, cancel).ConfigureAwait(false);
        return error == Errno.None ? request.Reply.ToArray() : error;
    }

    /// <summary>A node whose type changes is broken: EIO.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<Answer<TimedAttributes>> AttributesAsync(FuseRequest request, ulong node, CancellationToken cancel)
    {
        request.Expect(AttrSize);
        if (await CallAsync(request, cancel).ConfigureAwait(false) is var error && error != Errno.None)
            return error;
        var answer = request.Read<FuseAttrOut>();
        if (FuseAttributes.Invalid(answer.Attr) || _nodes.WrongType(node, answer.Attr.Mode))
            return Errno.EIO;
        return new TimedAttributes(FuseAttributes.Attributes(answer.Attr), FuseAttributes.Validity(answer.AttrValid, answer.AttrValidNsec));
    }
}
