using System.Runtime.CompilerServices;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>Locks (fs/fuse/file.c, fuse_setlk and fuse_getlk).</summary>
internal sealed partial class FuseFileSystem
{
    private const uint LastLockType = 2;

    public async ValueTask<Answer<FileLock>> GetLockAsync(ulong node, ulong handle, ulong owner, FileLock wanted, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(FuseOpcode.GetLk, node, caller, cancel).ConfigureAwait(false);
        if (!_negotiated.Has(FuseInitFlags.PosixLocks))
            return Errno.ENOSYS;
        request.Add(Lock(handle, owner, wanted, 0)).Expect(Unsafe.SizeOf<FuseFileLock>());
        if (await CallAsync(request, cancel).ConfigureAwait(false) is var error && error != Errno.None)
            return error;
        var answer = request.Read<FuseFileLock>();
        if (answer.Type > LastLockType || (answer.Type != LastLockType && (answer.Start > long.MaxValue || answer.End > long.MaxValue || answer.End < answer.Start)))
            return Errno.EIO;
        return answer.Type == LastLockType ? wanted with { Type = LastLockType } : new FileLock(answer.Type, (long)answer.Start, (long)answer.End, (int)answer.Pid);
    }

    public async ValueTask<Errno> SetLockAsync(ulong node, ulong handle, ulong owner, FileLock wanted, bool whole, bool wait, Caller caller, CancellationToken cancel)
    {
        using var request = await BeginAsync(wait ? FuseOpcode.SetLkW : FuseOpcode.SetLk, node, caller, cancel).ConfigureAwait(false);
        if (!_negotiated.Has(whole ? FuseInitFlags.FlockLocks : FuseInitFlags.PosixLocks))
            return Errno.ENOSYS;
        request.Add(Lock(handle, owner, wanted, whole ? FuseMessageFlags.LockFlock : 0));
        return await CallAsync(request, cancel).ConfigureAwait(false);
    }

    private static FuseLkIn Lock(ulong handle, ulong owner, FileLock wanted, uint flags) => new()
    {
        Handle = handle,
        Owner = owner,
        Lock = new FuseFileLock { Start = (ulong)wanted.Start, End = (ulong)wanted.End, Type = wanted.Type, Pid = (uint)wanted.Pid },
        Flags = flags,
    };
}
