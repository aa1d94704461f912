namespace Vuos.Actors.Modules.Vudev.Nbd;

/// <summary>Numbers of the network block device protocol (https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md). All of it is big-endian.</summary>
internal static class NbdProtocol
{
    public const ulong Magic = 0x4E42444D41474943; // "NBDMAGIC"
    public const ulong OptionMagic = 0x49484156454F5054; // "IHAVEOPT"
    public const ulong OptionReplyMagic = 0x3E889045565A9;
    public const uint RequestMagic = 0x25609513, ReplyMagic = 0x67446698;

    /// <summary>Handshake flags, the same in both directions.</summary>
    public const ushort FixedNewstyle = 1, NoZeroes = 2;

    public const uint OptionGo = 7, ReplyAck = 1, ReplyInfo = 3, ReplyError = 1u << 31;
    public const ushort InfoExport = 0;

    /// <summary>Bytes of a request's and of a simple reply's head.</summary>
    public const int RequestSize = 28, ReplySize = 16;

    /// <summary>Bytes of the greatest read or write every server takes.</summary>
    public const int MaxPayload = 32 << 20;
}

/// <summary>Types of requests.</summary>
internal enum NbdCommand : ushort
{
    Read = 0, Write = 1, Disconnect = 2, Flush = 3, Trim = 4, WriteZeroes = 6,
}

/// <summary>What a server can do with an export (transmission flags).</summary>
[Flags]
internal enum NbdFlags : ushort
{
    None = 0, HasFlags = 1, ReadOnly = 2, SendFlush = 4, SendFua = 8, Rotational = 16, SendTrim = 32, SendWriteZeroes = 64,
}

/// <summary>What a server serves.</summary>
/// <param name="Size">Bytes.</param>
internal readonly record struct NbdExport(long Size, NbdFlags Flags)
{
    public bool Can(NbdFlags flag) => (Flags & flag) == flag;
}

/// <summary>The other side does not speak the protocol, or refuses.</summary>
internal sealed class NbdException(string message) : IOException(message);
