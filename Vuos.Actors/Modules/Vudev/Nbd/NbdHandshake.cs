using System.Buffers.Binary;
using System.Text;

namespace Vuos.Actors.Modules.Vudev.Nbd;

/// <summary>Fixed newstyle negotiation: one NBD_OPT_GO for an export by its name; replies stay simple, because structured ones are not asked for.</summary>
internal static class NbdHandshake
{
    /// <summary>Bytes of the longest option reply that is taken; they are names and error texts.</summary>
    private const uint MaxReply = 64 << 10;

    /// <summary>Exceptions: <see cref="NbdException"/>; those of the stream.</summary>
    public static async Task<NbdExport> NegotiateAsync(Stream stream, string export, CancellationToken cancel)
    {
        var hello = await TakeAsync(stream, 18, cancel).ConfigureAwait(false);
        var flags = BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(16));
        if (BinaryPrimitives.ReadUInt64BigEndian(hello) != NbdProtocol.Magic || BinaryPrimitives.ReadUInt64BigEndian(hello.AsSpan(8)) != NbdProtocol.OptionMagic ||
            (flags & NbdProtocol.FixedNewstyle) == 0)
            throw new NbdException("the server does not speak the fixed newstyle protocol");
        await stream.WriteAsync(Go(export, (uint)(flags & (NbdProtocol.FixedNewstyle | NbdProtocol.NoZeroes))), cancel).ConfigureAwait(false);

        NbdExport? found = null;
        while (true)
        {
            var (type, data) = await OptionReplyAsync(stream, cancel).ConfigureAwait(false);
            if ((type & NbdProtocol.ReplyError) != 0)
                throw new NbdException(data.Length > 0 ? Encoding.UTF8.GetString(data) : $"the server refuses the export (error {type & ~NbdProtocol.ReplyError})");
            if (type == NbdProtocol.ReplyAck)
                return found ?? throw new NbdException("the server does not tell the size of the export");
            if (type == NbdProtocol.ReplyInfo && data.Length >= 12 && BinaryPrimitives.ReadUInt16BigEndian(data) == NbdProtocol.InfoExport)
                found = Export(data);
        }
    }

    private static NbdExport Export(byte[] info)
    {
        var size = BinaryPrimitives.ReadInt64BigEndian(info.AsSpan(2));
        return size >= 0 ? new NbdExport(size, (NbdFlags)BinaryPrimitives.ReadUInt16BigEndian(info.AsSpan(10))) : throw new NbdException("the server tells a size beyond 2^63");
    }

    /// <summary>The client's flags, and NBD_OPT_GO without requests for more information.</summary>
    private static byte[] Go(string export, uint clientFlags)
    {
        var name = Encoding.UTF8.GetBytes(export);
        var message = new byte[4 + 16 + 4 + name.Length + 2];
        var rest = message.AsSpan();
        BinaryPrimitives.WriteUInt32BigEndian(rest, clientFlags);
        BinaryPrimitives.WriteUInt64BigEndian(rest[4..], NbdProtocol.OptionMagic);
        BinaryPrimitives.WriteUInt32BigEndian(rest[12..], NbdProtocol.OptionGo);
        BinaryPrimitives.WriteUInt32BigEndian(rest[16..], (uint)(4 + name.Length + 2));
        BinaryPrimitives.WriteUInt32BigEndian(rest[20..], (uint)name.Length);
        name.CopyTo(rest[24..]);
        return message;
    }

    private static async Task<(uint Type, byte[] Data)> OptionReplyAsync(Stream stream, CancellationToken cancel)
    {
        var head = await TakeAsync(stream, 20, cancel).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(16));
        if (BinaryPrimitives.ReadUInt64BigEndian(head) != NbdProtocol.OptionReplyMagic || BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(8)) != NbdProtocol.OptionGo || length > MaxReply)
            throw new NbdException("the server answers something else");
        return (BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(12)), await TakeAsync(stream, (int)length, cancel).ConfigureAwait(false));
    }

    private static async Task<byte[]> TakeAsync(Stream stream, int length, CancellationToken cancel)
    {
        var bytes = new byte[length];
        await stream.ReadExactlyAsync(bytes, cancel).ConfigureAwait(false);
        return bytes;
    }
}
