using Vuos.Actors.Modules.Vudev.Blocks;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev.Nbd;

/// <summary>Blocks served over NBD by a program of its own, which ends with the device.</summary>
internal sealed class NbdDevice(NbdClient client, IAsyncDisposable server, bool readOnly) : BlockDevice
{
    /// <summary>Bytes of the greatest range of one command without payload; whole sectors, below 2^32.</summary>
    private const uint MaxRange = 1 << 30;

    public override long Length { get; } = client.Export.Size - client.Export.Size % 512;

    public override bool ReadOnly { get; } = readOnly || client.Export.Can(NbdFlags.ReadOnly);

    public override async ValueTask<Errno> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancel)
    {
        for (var done = 0; done < buffer.Length; done += NbdProtocol.MaxPayload)
        {
            var part = buffer.Slice(done, Math.Min(NbdProtocol.MaxPayload, buffer.Length - done));
            var error = await client.ReadAsync(offset + done, part, cancel).ConfigureAwait(false);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    public override async ValueTask<Errno> WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        for (var done = 0; done < data.Length; done += NbdProtocol.MaxPayload)
        {
            var part = data.Slice(done, Math.Min(NbdProtocol.MaxPayload, data.Length - done));
            var error = await client.WriteAsync(offset + done, part, cancel).ConfigureAwait(false);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    public override ValueTask<Errno> FlushAsync(CancellationToken cancel) => new(client.FlushAsync(cancel));

    public override ValueTask<Errno> DiscardAsync(long offset, long length, CancellationToken cancel) => RangesAsync(client.TrimAsync, offset, length, cancel);

    public override async ValueTask<Errno> ZeroAsync(long offset, long length, CancellationToken cancel)
    {
        var error = await RangesAsync(client.ZeroAsync, offset, length, cancel).ConfigureAwait(false);
        return error == Errno.EOPNOTSUPP ? await WriteZerosAsync(offset, length, cancel).ConfigureAwait(false) : error;
    }

    public override async ValueTask DisposeAsync()
    {
        await client.DisposeAsync().ConfigureAwait(false);
        await server.DisposeAsync().ConfigureAwait(false);
    }

    private static async ValueTask<Errno> RangesAsync(Func<long, uint, CancellationToken, Task<Errno>> command, long offset, long length, CancellationToken cancel)
    {
        var error = Errno.None;
        while (length > 0 && error == Errno.None)
        {
            var now = (uint)Math.Min(length, MaxRange);
            error = await command(offset, now, cancel).ConfigureAwait(false);
            offset += now;
            length -= now;
        }

        return error;
    }
}
