using Vuos.Actors.Modules.Vudev.Blocks;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vudev;

/// <summary>Blocks in an array; a range outside is the caller's fault and throws.</summary>
internal sealed class MemoryDevice(byte[] content, int sectorSize = 512) : BlockDevice
{
    public override long Length => content.Length;

    public override int SectorSize => sectorSize;

    public override bool ReadOnly => false;

    /// <summary>How often it was flushed.</summary>
    public int Flushes { get; private set; }

    /// <summary>What a flush answers.</summary>
    public Errno FlushError { get; set; }

    public override ValueTask<Errno> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancel)
    {
        content.AsSpan((int)offset, buffer.Length).CopyTo(buffer.Span);
        return ValueTask.FromResult(Errno.None);
    }

    public override ValueTask<Errno> WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        data.Span.CopyTo(content.AsSpan((int)offset, data.Length));
        return ValueTask.FromResult(Errno.None);
    }

    public override ValueTask<Errno> FlushAsync(CancellationToken cancel)
    {
        Flushes++;
        return ValueTask.FromResult(FlushError);
    }

    public override ValueTask<Errno> DiscardAsync(long offset, long length, CancellationToken cancel) => ZeroAsync(offset, length, cancel);

    public override ValueTask<Errno> ZeroAsync(long offset, long length, CancellationToken cancel)
    {
        content.AsSpan((int)offset, (int)length).Clear();
        return ValueTask.FromResult(Errno.None);
    }
}
