using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>What a session tells to the file system on top of it; always on the receiving thread, so it must not block.</summary>
internal interface IFuseOwner
{
    /// <summary>An answer nobody waits for any more, without error: what it gave (a look-up, an open file) must be given back.</summary>
    void Late(FuseOpcode opcode, ulong node, ReadOnlySpan<byte> payload);

    /// <summary>A notification; its content may be cut off at the end. False: it is malformed.</summary>
    bool Notified(FuseNotifyCode code, ReadOnlySpan<byte> payload);
}
