using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev.Blocks;

/// <summary>A part of another device: a partition. Owns nothing.</summary>
internal sealed class WindowDevice(BlockDevice whole, long start, long length, bool readOnly) : BlockDevice
{
    private long _length = length;

    /// <summary>Bytes of the whole before the first of this.</summary>
    public long Start { get; } = start;

    public override long Length => Volatile.Read(ref _length);

    public override int SectorSize => whole.SectorSize;

    public override int PhysicalSectorSize => whole.PhysicalSectorSize;

    public override bool ReadOnly => readOnly || whole.ReadOnly;

    public override Geometry Geometry => whole.Geometry;

    public override ValueTask<Errno> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancel) => whole.ReadAsync(Start + offset, buffer, cancel);

    public override ValueTask<Errno> WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancel) => whole.WriteAsync(Start + offset, data, cancel);

    public override ValueTask<Errno> FlushAsync(CancellationToken cancel) => whole.FlushAsync(cancel);

    public override ValueTask<Errno> DiscardAsync(long offset, long length, CancellationToken cancel) => whole.DiscardAsync(Start + offset, length, cancel);

    public override ValueTask<Errno> ZeroAsync(long offset, long length, CancellationToken cancel) => whole.ZeroAsync(Start + offset, length, cancel);

    /// <summary>BLKPG_RESIZE_PARTITION, which is allowed while the partition is open.</summary>
    public void Resize(long length) => Volatile.Write(ref _length, length);
}
