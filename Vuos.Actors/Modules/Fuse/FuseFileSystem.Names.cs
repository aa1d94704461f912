using System.Runtime.CompilerServices;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>Looking up, making, moving and removing names (fs/fuse/dir.c).</summary>
internal sealed partial class FuseFileSystem
{
    private const uint PermissionBits = 0xFFF;

    private int EntrySize => Minor < FuseCompat.AttrMinor ? FuseCompat.EntryOut : FuseEntryOut.SizeOf;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Answer<NodeEntry>> LookupAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.Lookup, parent, caller, cancel).ConfigureAwait(false);
        request.AddName(name).Expect(EntrySize);
        if (await CallAsync(request, cancel).ConfigureAwait(false) is var error && error != Errno.None)
            return error;
        var entry = request.Read<FuseEntryOut>();
        if (entry.Node == 0)
            return new NodeEntry(0, 0, default, FuseAttributes.Validity(entry.EntryValid, entry.EntryValidNsec), default);
        return Accept(entry);
    }

    public void Forget(ulong node, ulong lookups)
    {
        if (_nodes.Forget(node, lookups) is > 0 and var told)
            session.Forget(node, told);
    }

    public async ValueTask<Answer<NodeEntry>> MakeNodeAsync(ulong parent, byte[] name, uint mode, uint device, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.MkNod, parent, caller, cancel).ConfigureAwait(false);
        request.Add(new FuseMkNodIn { Mode = mode, Device = device, Umask = caller.Umask }, Minor < FuseCompat.UmaskMinor ? FuseCompat.MkNodIn : 0).AddName(name);
        return await MadeAsync(request, mode, cancel).ConfigureAwait(false);
    }

    public async ValueTask<Answer<NodeEntry>> MakeDirectoryAsync(ulong parent, byte[] name, uint mode, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.MkDir, parent, caller, cancel).ConfigureAwait(false);
        request.Add(new FuseMkDirIn { Mode = mode & PermissionBits, Umask = caller.Umask }).AddName(name);
        return await MadeAsync(request, FileType.Directory, cancel).ConfigureAwait(false);
    }

    public async ValueTask<Answer<NodeEntry>> MakeLinkAsync(ulong parent, byte[] name, byte[] target, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.SymLink, parent, caller, cancel).ConfigureAwait(false);
        request.AddName(name).AddName(target);
        return await MadeAsync(request, FileType.Link, cancel).ConfigureAwait(false);
    }

    public async ValueTask<Answer<NodeEntry>> LinkAsync(ulong node, ulong newParent, byte[] newName, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.Link, newParent, caller, cancel).ConfigureAwait(false);
        request.Add(new FuseLinkIn { OldNode = node }).AddName(newName);
        return await MadeAsync(request, _nodes.Type(node), cancel).ConfigureAwait(false);
    }

    public async ValueTask<Errno> UnlinkAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        var request = await BeginAsync(FuseOpcode.Unlink, parent, caller, cancel).ConfigureAwait(false);
        return await CallAndReturnAsync(request.AddName(name), cancel).ConfigureAwait(false);
    }

    public async ValueTask<Errno> RemoveDirectoryAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        var request = await BeginAsync(FuseOpcode.RmDir, parent, caller, cancel).ConfigureAwait(false);
        return await CallAndReturnAsync(request.AddName(name), cancel).ConfigureAwait(false);
    }

    /// <summary>RENAME2 only where it is needed: servers may not know it, and then flags give EINVAL.</summary>
    public async ValueTask<Errno> RenameAsync(ulong parent, byte[] name, ulong newParent, byte[] newName, uint flags, Caller caller, CancellationToken cancel)
    {
        var request = await BeginAsync(flags == 0 ? FuseOpcode.Rename : FuseOpcode.Rename2, parent, caller, cancel).ConfigureAwait(false);
        if (flags == 0)
            request.Add(new FuseRenameIn { NewParent = newParent });
        else
            request.Add(new FuseRename2In { NewParent = newParent, Flags = flags });
        var error = await CallAndReturnAsync(request.AddName(name).AddName(newName), cancel).ConfigureAwait(false);
        return flags != 0 && error == Errno.ENOSYS ? Errno.EINVAL : error;
    }

    /// <summary>create_new_entry: the answer must be an object of the type asked for.</summary>
    private async ValueTask<Answer<NodeEntry>> MadeAsync(FuseRequest request, uint mode, CancellationToken cancel)
    {
        request.Expect(EntrySize);
        if (await CallAsync(request, cancel).ConfigureAwait(false) is var error && error != Errno.None)
            return error;
        var entry = request.Read<FuseEntryOut>();
        return ((entry.Attr.Mode ^ mode) & FileType.Mask) != 0 && (mode & FileType.Mask) != 0 ? Errno.EIO : Accept(entry);
    }

    /// <summary>An entry that names an object; one look-up of it is counted. The root has no name, and no object is 0.</summary>
    private Answer<NodeEntry> Accept(in FuseEntryOut entry)
    {
        if (entry.Node is 0 or FuseProtocol.RootId || FuseAttributes.Invalid(entry.Attr))
            return Errno.EIO;
        _nodes.Count(entry.Node, entry.Attr.Mode);
        return FuseAttributes.Entry(entry);
    }
}
