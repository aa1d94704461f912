using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev.Blocks;

/// <summary>
/// Blocks that can be read and written at any offset. Offsets and lengths are bytes; the callers keep every range inside <see cref="Length"/>, so an operation is done
/// wholly or fails with an errno (EIO where the backing lost what it should have). Operations may run at the same time, on any thread.
/// </summary>
internal abstract class BlockDevice : IAsyncDisposable
{
    /// <summary>Bytes, a multiple of 512.</summary>
    public abstract long Length { get; }

    /// <summary>Bytes of the smallest unit that can be addressed (BLKSSZGET).</summary>
    public virtual int SectorSize => 512;

    /// <summary>Bytes the medium writes at once (BLKPBSZGET).</summary>
    public virtual int PhysicalSectorSize => SectorSize;

    /// <summary>The medium itself cannot be written; BLKROSET does not change that.</summary>
    public abstract bool ReadOnly { get; }

    /// <summary>For HDIO_GETGEO and partition tables of old; nothing is addressed by it.</summary>
    public virtual Geometry Geometry => Geometry.Default;

    /// <summary>Fills the whole buffer.</summary>
    public abstract ValueTask<Errno> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancel);

    /// <summary>Writes all of it.</summary>
    public abstract ValueTask<Errno> WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancel);

    /// <summary>What was written before is on stable storage when this answers.</summary>
    public abstract ValueTask<Errno> FlushAsync(CancellationToken cancel);

    /// <summary>The content of a range is no longer needed. EOPNOTSUPP: the backing cannot free it.</summary>
    public abstract ValueTask<Errno> DiscardAsync(long offset, long length, CancellationToken cancel);

    /// <summary>Fills a range with zeros.</summary>
    public abstract ValueTask<Errno> ZeroAsync(long offset, long length, CancellationToken cancel);

    /// <summary>A descriptor of the same content that a guest can be given, to be closed by the caller. ENOSYS: there is none.</summary>
    public virtual Answer<int> Descriptor(int flags) => Errno.ENOSYS;

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Zeros by writing them, for backings that have no better way.</summary>
    protected async ValueTask<Errno> WriteZerosAsync(long offset, long length, CancellationToken cancel)
    {
        var zeros = new byte[(int)Math.Min(length, 1 << 20)];
        while (length > 0)
        {
            var now = (int)Math.Min(length, zeros.Length);
            var error = await WriteAsync(offset, zeros.AsMemory(0, now), cancel).ConfigureAwait(false);
            if (error != Errno.None)
                return error;
            offset += now;
            length -= now;
        }

        return Errno.None;
    }
}
