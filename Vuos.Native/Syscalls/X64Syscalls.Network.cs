namespace Vuos.Native.Syscalls;

using static ArgKind;

/// <summary>
/// Sockets. Where an AF_UNIX name goes in or comes out it is a path (<see cref="Decision.Network"/>); the rest works on descriptors, which
/// are real, and is not trapped.
/// </summary>
internal static partial class X64Syscalls
{
    private const string PeerName = "An AF_UNIX name comes back as the path in the layer's source.";

    private static IEnumerable<SyscallInfo> Network =>
    [
        Free(41, "socket", Int, Int, Int) with { Note = "A later network module takes it by address family." },
        Free(53, "socketpair", Int, Int, Int, OutStruct),
        Row(49, "bind", Decision.Network, Fd, SockAddr, Size) with
        {
            Note = "An AF_UNIX name that does not start with NUL is a path, created here; it is limited to 108 bytes, so a longer translated one needs /proc/self/fd.",
        },
        Row(42, "connect", Decision.Network, Fd, SockAddr, Size) with
        {
            Note = "An AF_UNIX name that does not start with NUL is a path; limited to 108 bytes.",
        },
        Row(44, "sendto", Decision.Network, Fd, Buffer, Size, Flags, SockAddr, Size) with { Note = "Trapped only with an address: the fifth argument is not NULL." },
        Row(46, "sendmsg", Decision.Network, Fd, Struct, Flags) with { Note = "An AF_UNIX name may be in the message header; descriptors passed along are real." },
        Row(307, "sendmmsg", Decision.Network, Fd, Struct, UInt, Flags) with { Note = "An AF_UNIX name may be in each message header." },
        Row(51, "getsockname", Decision.Network, Fd, SockAddr, SockAddrLen) with { Note = "An AF_UNIX name must be given back as the guest bound it." },
        Row(52, "getpeername", Decision.Network, Fd, SockAddr, SockAddrLen) with { Note = "An AF_UNIX name must be given back as the peer bound it." },
        Free(43, "accept", Fd, SockAddr, SockAddrLen) with { Note = PeerName },
        Free(288, "accept4", Fd, SockAddr, SockAddrLen, Flags) with { Note = PeerName },
        Free(45, "recvfrom", Fd, OutBuffer, Size, Flags, SockAddr, SockAddrLen) with { Note = PeerName },
        Free(47, "recvmsg", Fd, Struct, Flags) with { Note = PeerName },
        Free(299, "recvmmsg", Fd, Struct, UInt, Flags, Struct) with { Note = PeerName },
        Free(50, "listen", Fd, Int),
        Free(48, "shutdown", Fd, Int),
        Free(54, "setsockopt", Fd, Int, Request, Buffer, Size),
        Free(55, "getsockopt", Fd, Int, Request, OutBuffer, SockAddrLen),
    ];
}
