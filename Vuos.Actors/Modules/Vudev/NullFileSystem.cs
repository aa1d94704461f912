using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev;

/// <summary>A /dev/null (null(4), drivers/char/mem.c): reads are at the end, writes are swallowed.</summary>
internal sealed class NullFileSystem(DeviceOptions options) : DeviceFileSystem(options)
{
    public override long? LengthOf(ulong node) => null;

    public override ValueTask<Answer<OpenResult>> OpenAsync(ulong node, int flags, Caller caller, CancellationToken cancel) =>
        (Answer<OpenResult>)new OpenResult(0, OpenTraits.Direct | OpenTraits.NoFlush);

    public override ValueTask<Errno> ReleaseAsync(ulong node, ulong handle, int flags) => ValueTask.FromResult(Errno.None);

    public override ValueTask<Answer<int>> ReadAsync(ulong node, ulong handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel) => (Answer<int>)0;

    public override ValueTask<Answer<int>> WriteAsync(ulong node, ulong handle, long offset, ReadOnlyMemory<byte> data, Caller caller, CancellationToken cancel) => (Answer<int>)data.Length;

    /// <summary>EINVAL, as fsync(2) of a special file without storage.</summary>
    public override ValueTask<Errno> SyncAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.EINVAL);

    /// <summary>Any seek succeeds and goes to 0.</summary>
    public override ValueTask<Answer<long>> SeekAsync(ulong node, ulong handle, long offset, int whence, Caller caller, CancellationToken cancel) => (Answer<long>)0L;
}
