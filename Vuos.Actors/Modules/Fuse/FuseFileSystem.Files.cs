using System.Runtime.CompilerServices;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>Opening, creating and closing files, and what is done with open ones besides reading and writing (fs/fuse/file.c).</summary>
internal sealed partial class FuseFileSystem
{
    /// <summary>A server without OPEN: files are opened without asking it, and what is cached of them stays.</summary>
    public async ValueTask<Answer<OpenResult>> OpenAsync(ulong node, int flags, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.Open, node, caller, cancel).ConfigureAwait(false);
        var sent = flags & ~(OpenFlag.Creat | OpenFlag.Excl | OpenFlag.NoCtty);
        if (!_traits.AtomicTruncate)
            sent &= ~OpenFlag.Trunc;
        request.Add(new FuseOpenIn { Flags = (uint)sent }).Expect(Unsafe.SizeOf<FuseOpenOut>());
        var error = await CallAsync(request, cancel).ConfigureAwait(false);
        if (error != Errno.None)
            return error == Errno.ENOSYS ? new OpenResult(0, OpenTraits.KeepCache) : error;
        return Opened(node, flags, request.Read<FuseOpenOut>());
    }

    public async ValueTask<Answer<CreateResult>> CreateAsync(ulong parent, byte[] name, uint mode, int flags, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.Create, parent, caller, cancel).ConfigureAwait(false);
        AddCreation(request, mode, flags | OpenFlag.Creat, caller).AddName(name);
        return await CreatedAsync(request, flags, cancel).ConfigureAwait(false);
    }

    /// <summary>The name of a nameless file is "/" (fs/fuse/dir.c passes the dentry's of vfs_tmpfile).</summary>
    public async ValueTask<Answer<CreateResult>> CreateTemporaryAsync(ulong parent, uint mode, int flags, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.TmpFile, parent, caller, cancel).ConfigureAwait(false);
        AddCreation(request, mode, flags, caller).AddName("/"u8);
        return await CreatedAsync(request, flags, cancel).ConfigureAwait(false);
    }

    /// <summary>ENOSYS: the server needs no flush.</summary>
    public async ValueTask<Errno> FlushAsync(ulong node, ulong handle, ulong owner, Caller caller, CancellationToken cancel)
    {
        var request = await BeginAsync(FuseOpcode.Flush, node, caller, cancel).ConfigureAwait(false);
        return await CallAndReturnAsync(request.Add(new FuseFlushIn { Handle = handle, LockOwner = owner }), cancel).ConfigureAwait(false);
    }

    public async ValueTask<Errno> ReleaseAsync(ulong node, ulong handle, int flags)
    {
        _files.Remove(node, handle);
        if (_missing.Contains(FuseOpcode.Open))
            return Errno.None;
        var request = await BeginAsync(FuseOpcode.Release, node, Caller.Nobody, default).ConfigureAwait(false);
        return await CallAndReturnAsync(request.Add(new FuseReleaseIn { Handle = handle, Flags = (uint)flags }), default).ConfigureAwait(false);
    }

    public async ValueTask<Errno> SyncAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel)
    {
        var request = await BeginAsync(FuseOpcode.FSync, node, caller, cancel).ConfigureAwait(false);
        return await CallAndReturnAsync(request.Add(new FuseFSyncIn { Handle = handle, Flags = dataOnly ? FuseMessageFlags.SyncDataOnly : 0 }), cancel).ConfigureAwait(false);
    }

    public async ValueTask<Errno> AllocateAsync(ulong node, ulong handle, long offset, long length, uint mode, Caller caller, CancellationToken cancel)
    {
        var request = await BeginAsync(FuseOpcode.FAllocate, node, caller, cancel).ConfigureAwait(false);
        request.Add(new FuseFAllocateIn { Handle = handle, Offset = (ulong)offset, Length = (ulong)length, Mode = mode });
        return await CallAndReturnAsync(request, cancel).ConfigureAwait(false);
    }

    public async ValueTask<Answer<long>> SeekAsync(ulong node, ulong handle, long offset, int whence, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.LSeek, node, caller, cancel).ConfigureAwait(false);
        request.Add(new FuseLSeekIn { Handle = handle, Offset = (ulong)offset, Whence = (uint)whence }).Expect(Unsafe.SizeOf<FuseLSeekOut>());
        if (await CallAsync(request, cancel).ConfigureAwait(false) is var error && error != Errno.None)
            return error;
        // vfs_setpos: a place that no file has is EINVAL.
        return (long)request.Read<FuseLSeekOut>().Offset is >= 0 and var found ? found : Errno.EINVAL;
    }

    /// <summary>Restricted ioctls only (fs/fuse/ioctl.c): the memory is what the request's number encodes, so a server that asks for other memory (FUSE_IOCTL_RETRY) gives EIO.</summary>
    public async ValueTask<Answer<int>> ControlAsync(
        ulong node, ulong handle, uint request, long argument, ReadOnlyMemory<byte> input, Memory<byte> output, Caller caller, CancellationToken cancel)
    {
        using var message = await BeginAsync(FuseOpcode.Ioctl, node, caller, cancel).ConfigureAwait(false);
        message.Add(new FuseIoctlIn
        {
            Handle = handle,
            Flags = _nodes.IsDirectory(node) ? FuseMessageFlags.IoctlDirectory : 0,
            Command = request,
            Argument = argument,
            InSize = (uint)input.Length,
            OutSize = (uint)output.Length,
        }).ExpectUpTo(Unsafe.SizeOf<FuseIoctlOut>() + output.Length).Data = input;
        if (await CallAsync(message, cancel).ConfigureAwait(false) is var error && error != Errno.None)
            return error;
        var answer = message.Read<FuseIoctlOut>();
        if (message.ReplyLength < Unsafe.SizeOf<FuseIoctlOut>() || (answer.Flags & FuseMessageFlags.IoctlRetry) != 0 || answer.Result <= -(int)Errno.ERESTARTSYS)
            return Errno.EIO;
        if (answer.Result < 0)
            return (Errno)(-answer.Result);
        message.Reply[Unsafe.SizeOf<FuseIoctlOut>()..].CopyTo(output.Span);
        return answer.Result;
    }

    public async ValueTask<Answer<uint>> PollAsync(ulong node, ulong handle, uint events, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.Poll, node, caller, cancel).ConfigureAwait(false);
        request.Add(new FusePollIn
        {
            Handle = handle,
            KernelHandle = _files.PollId(node, handle),
            Flags = FuseMessageFlags.PollScheduleNotify,
            Events = Minor < FuseCompat.PollEventsMinor ? 0 : events,
        }).Expect(Unsafe.SizeOf<FusePollOut>());
        var error = await CallAsync(request, cancel).ConfigureAwait(false);
        return error == Errno.None ? request.Read<FusePollOut>().Events : error;
    }

    private FuseRequest AddCreation(FuseRequest request, uint mode, int flags, Caller caller) => request.Add(
        new FuseCreateIn { Flags = (uint)(flags & ~OpenFlag.NoCtty), Mode = (mode & PermissionBits) | FileType.Regular, Umask = caller.Umask },
        Minor < FuseCompat.UmaskMinor ? FuseCompat.CreateIn : 0);

    private async ValueTask<Answer<CreateResult>> CreatedAsync(FuseRequest request, int flags, CancellationToken cancel)
    {
        request.Expect(EntrySize + Unsafe.SizeOf<FuseOpenOut>());
        if (await CallAsync(request, cancel).ConfigureAwait(false) is var error && error != Errno.None)
            return error;
        // What an old server's shorter entry lacks must not be read from what follows it.
        var entry = Wire.Read<FuseEntryOut>(request.Reply[..EntrySize]);
        if ((entry.Attr.Mode & FileType.Mask) != FileType.Regular)
            return Errno.EIO;
        var accepted = Accept(entry);
        return accepted.Failed ? accepted.Error : new CreateResult(accepted.Value, Opened(entry.Node, flags & ~(OpenFlag.Creat | OpenFlag.Excl | OpenFlag.NoCtty), request.Read<FuseOpenOut>(EntrySize)));
    }

    private OpenResult Opened(ulong node, int flags, in FuseOpenOut open)
    {
        _files.Add(node, open.Handle, flags);
        return new OpenResult(open.Handle, (OpenTraits)open.OpenFlags);
    }
}
