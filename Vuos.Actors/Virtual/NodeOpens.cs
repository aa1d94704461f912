using Vuos.Actors.Guests;
using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual;

/// <summary>An open(2) in a virtual file system, as far as the tracer knows it.</summary>
/// <param name="Node">What the path names, or null: nothing.</param>
/// <param name="Parent">The directory of the last component, null: the path names the root or a directory by a dot.</param>
/// <param name="Name">The last component.</param>
/// <param name="Flags">As of open(2).</param>
/// <param name="Mode">For a file to be made.</param>
/// <param name="MustBeDirectory">The path ended in a slash.</param>
/// <param name="ReadOnly">The mount is.</param>
internal sealed record OpenRequest(VirtualNode? Node, VirtualNode? Parent, byte[] Name, int Flags, uint Mode, bool MustBeDirectory, bool ReadOnly);

/// <summary>Opens and makes files of a virtual file system; the answer carries a descriptor for the guest. On tasks of the layer.</summary>
internal sealed class NodeOpens(VirtualLayer layer)
{
    public async ValueTask<VirtualAnswer> OpenAsync(OpenRequest request, GuestCaller who, CancellationToken cancel)
    {
        var flags = request.Flags;
        if ((flags & OpenFlag.TmpFile) == OpenFlag.TmpFile)
            return await MakeTemporaryAsync(request, who, cancel).ConfigureAwait(false);
        if (request.Node is not { } node)
            return await MakeAsync(request, who, cancel).ConfigureAwait(false);
        if ((flags & (OpenFlag.Creat | OpenFlag.Excl)) == (OpenFlag.Creat | OpenFlag.Excl))
            return VirtualAnswer.Fail(Errno.EEXIST);
        if (Refuse(request, node, who) is var refused && refused != Errno.None)
            return VirtualAnswer.Fail(refused);
        if (node.IsDirectory)
            return await OpenDirectoryAsync(node, flags, who, cancel).ConfigureAwait(false);
        if ((flags & OpenFlag.Path) != 0)
            return await layer.OpenContentAsync(node, null, flags, who.Plain(), cancel).ConfigureAwait(false);
        if (node.Type == FileType.Socket)
            return VirtualAnswer.Fail(Errno.ENXIO);
        // Device nodes mean nothing here (nodev), but the layer's own device.
        if (node.Type != FileType.Regular && node.Parent is not null && !layer.Root.IsDevice)
            return VirtualAnswer.Fail(Errno.EACCES);
        var caller = who.Plain();
        var toServer = FileContent.FlagsForServer(flags, layer.Traits);
        var open = await layer.Files.OpenAsync(node.Id, toServer, caller, cancel).ConfigureAwait(false);
        if (open.Error == Errno.ENOSYS)
            open = new OpenResult(0);
        if (open.Failed)
        {
            if (open.Error is Errno.ENOENT or Errno.ESTALE && node.Parent is { } parent)
                VirtualLayer.ExpireEntry(parent, node.Name);
            return VirtualAnswer.Fail(open.Error);
        }

        if ((flags & OpenFlag.Trunc) != 0 && !layer.Traits.AtomicTruncate && node.Type == FileType.Regular
            && await layer.SetAsync(node, open.Value.Handle, new AttributeChange { Size = 0 }, caller, cancel).ConfigureAwait(false) is var failed && failed != Errno.None)
        {
            await layer.Files.ReleaseAsync(node.Id, open.Value.Handle, flags).UnlessAsync(cancel).ConfigureAwait(false);
            return VirtualAnswer.Fail(failed);
        }

        return await layer.OpenContentAsync(node, open.Value, flags, caller, cancel).ConfigureAwait(false);
    }

    /// <summary>The content of a program that is to be executed; EACCES: not by him.</summary>
    public async ValueTask<VirtualAnswer> OpenProgramAsync(VirtualNode node, GuestCaller who, CancellationToken cancel)
    {
        if (layer.Traits.DefaultPermissions && who.Check(node, Permissions.Search) is var refused && refused != Errno.None)
            return VirtualAnswer.Fail(refused);
        if (!layer.Traits.DefaultPermissions && await layer.Files.AccessAsync(node.Id, Permissions.Search, who.Plain(), cancel).ConfigureAwait(false) is var denied
            && denied is not (Errno.None or Errno.ENOSYS))
            return VirtualAnswer.Fail(denied);
        var open = await layer.Files.OpenAsync(node.Id, 0, who.Plain(), cancel).ConfigureAwait(false);
        if (open.Error == Errno.ENOSYS)
            open = new OpenResult(0);
        if (open.Failed)
            return VirtualAnswer.Fail(open.Error);
        var answer = await layer.OpenContentAsync(node, open.Value, 0, who.Plain(), cancel).ConfigureAwait(false);
        return answer.Descriptor < 0 ? answer : answer with { Again = true, Program = node, Needs = FilterStage.None };
    }

    private Errno Refuse(OpenRequest request, VirtualNode node, in GuestCaller who)
    {
        var flags = request.Flags;
        var writes = (flags & OpenFlag.AccessMode) != 0 || (flags & OpenFlag.Trunc) != 0;
        if (node.IsDirectory && (flags & OpenFlag.Path) == 0 && (writes || (flags & OpenFlag.Creat) != 0))
            return Errno.EISDIR;
        if (!node.IsDirectory && ((flags & OpenFlag.Directory) != 0 || request.MustBeDirectory))
            return Errno.ENOTDIR;
        if (node.IsLink && (flags & OpenFlag.Path) == 0)
            return Errno.ELOOP;
        // Before permissions, as fs/namei.c: sb_permission.
        if (writes && request.ReadOnly && node.Type == FileType.Regular && (flags & OpenFlag.Path) == 0)
            return Errno.EROFS;
        if ((flags & OpenFlag.Path) != 0 || !layer.Traits.DefaultPermissions)
            return Errno.None;
        var mask = Permissions.ToOpen(flags) | ((flags & OpenFlag.Trunc) != 0 ? Permissions.Write : 0);
        return who.Check(node, mask);
    }

    private async ValueTask<VirtualAnswer> OpenDirectoryAsync(VirtualNode node, int flags, GuestCaller who, CancellationToken cancel)
    {
        // One that was removed is empty, and the file system may not know it any more.
        if ((flags & OpenFlag.Path) != 0 || node.IsUnlinked)
            return await layer.DescribeDirectoryAsync(node, null, cancel).ConfigureAwait(false);
        var open = await layer.OpenDirectoryAsync(node, flags & ~(OpenFlag.CloExec | OpenFlag.NoCtty), who.Plain(), cancel).ConfigureAwait(false);
        return open.Failed ? VirtualAnswer.Fail(open.Error) : await layer.DescribeDirectoryAsync(node, open.Value, cancel).ConfigureAwait(false);
    }

    private async ValueTask<VirtualAnswer> MakeAsync(OpenRequest request, GuestCaller who, CancellationToken cancel)
    {
        var flags = request.Flags;
        if ((flags & OpenFlag.Creat) == 0 || request.Parent is not { } parent)
            return VirtualAnswer.Fail(Errno.ENOENT);
        if (request.MustBeDirectory)
            return VirtualAnswer.Fail(Errno.EISDIR);
        if ((flags & OpenFlag.Directory) != 0)
            return VirtualAnswer.Fail(Errno.EINVAL);
        if (request.ReadOnly)
            return VirtualAnswer.Fail(Errno.EROFS);
        if (layer.Traits.DefaultPermissions && Permissions.CheckName(who, parent, null) is var refused && refused != Errno.None)
            return VirtualAnswer.Fail(refused);
        var caller = who.WithMask();
        var mode = FileType.Regular | (request.Mode & 0xFFF & ~(layer.Traits.AppliesUmask ? 0 : caller.Umask));
        var made = await layer.Files.CreateAsync(parent.Id, request.Name, mode, flags & ~(OpenFlag.NoCtty | OpenFlag.CloExec), caller, cancel).ConfigureAwait(false);
        if (made.Error == Errno.ENOSYS)
            made = await MakeAndOpenAsync(parent, request, mode, caller, cancel).ConfigureAwait(false);
        VirtualLayer.Expire(parent);
        if (made.Failed)
        {
            VirtualLayer.ExpireEntry(parent, request.Name);
            // Somebody else made it meanwhile: it is opened then.
            return made.Error == Errno.EEXIST && (flags & OpenFlag.Excl) == 0 ? VirtualAnswer.Retry : VirtualAnswer.Fail(made.Error);
        }

        var node = layer.LearnMade(parent, request.Name, made.Value.Entry).Node!;
        // A new file is empty, whatever the flags say.
        return await layer.OpenContentAsync(node, made.Value.Open, flags | OpenFlag.Trunc, caller, cancel).ConfigureAwait(false);
    }

    private async ValueTask<Answer<CreateResult>> MakeAndOpenAsync(VirtualNode parent, OpenRequest request, uint mode, Caller caller, CancellationToken cancel)
    {
        var made = await layer.Files.MakeNodeAsync(parent.Id, request.Name, mode, 0, caller, cancel).ConfigureAwait(false);
        if (made.Failed)
            return made.Error;
        var open = await layer.Files.OpenAsync(made.Value.Node, request.Flags & ~(OpenFlag.Creat | OpenFlag.Excl | OpenFlag.NoCtty | OpenFlag.CloExec | OpenFlag.Trunc), caller, cancel)
            .ConfigureAwait(false);
        if (open.Failed && open.Error != Errno.ENOSYS)
            return open.Error;
        return new CreateResult(made.Value, open.Failed ? new OpenResult(0) : open.Value);
    }

    private async ValueTask<VirtualAnswer> MakeTemporaryAsync(OpenRequest request, GuestCaller who, CancellationToken cancel)
    {
        if (request.Node is not { IsDirectory: true } directory)
            return VirtualAnswer.Fail(request.Node is null ? Errno.ENOENT : Errno.ENOTDIR);
        if ((request.Flags & OpenFlag.AccessMode) == 0)
            return VirtualAnswer.Fail(Errno.EINVAL);
        if (request.ReadOnly)
            return VirtualAnswer.Fail(Errno.EROFS);
        if (layer.Traits.DefaultPermissions && Permissions.CheckName(who, directory, null) is var refused && refused != Errno.None)
            return VirtualAnswer.Fail(refused);
        var caller = who.WithMask();
        var mode = FileType.Regular | (request.Mode & 0xFFF & ~(layer.Traits.AppliesUmask ? 0 : caller.Umask));
        var made = await layer.Files.CreateTemporaryAsync(directory.Id, mode, request.Flags & ~OpenFlag.CloExec, caller, cancel).ConfigureAwait(false);
        if (made.Failed)
            return VirtualAnswer.Fail(made.Error == Errno.ENOSYS ? Errno.EOPNOTSUPP : made.Error);
        var node = layer.LearnNameless(made.Value.Entry);
        return await layer.OpenContentAsync(node, made.Value.Open, request.Flags | OpenFlag.Trunc, caller, cancel).ConfigureAwait(false);
    }
}
