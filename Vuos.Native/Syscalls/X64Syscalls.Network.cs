namespace Vuos.Native.Syscalls;

using static ArgKind;

/// <summary>
/// Sockets. Where an AF_UNIX name goes in or comes out it is a path (<see cref="Decision.Network"/>); the rest works on descriptors, which
/// are real, and is not trapped.
/// </summary>
internal static partial class X64Syscalls
{
    private const string NameBack = "Trapped once a socket was bound under a translated name: an AF_UNIX name comes back as the guest that bound it gave it.";
    private const string NameBackWithAddress = NameBack + " Only with an address that is not NULL.";
    private const string HeaderName = "Trapped in a process that made an AF_UNIX datagram socket: a name in a message header is a path. A datagram socket made before the first "
        + "layer, or received, does not count.";
    private const string Received = "A sender's AF_UNIX name comes back as it is on the host: the header is in memory, where a filter cannot look, and receiving is hot.";

    private static IEnumerable<SyscallInfo> Network =>
    [
        Row(41, "socket", Decision.Network, Int, Int, Int) with { Note = "Trapped only for AF_UNIX: a datagram socket may send to names in message headers." },
        Free(53, "socketpair", Int, Int, Int, OutStruct),
        Row(49, "bind", Decision.Network, Fd, SockAddr, Size) with
        {
            Note = "An AF_UNIX name that does not start with NUL is a path, created here; a translated one longer than 108 bytes is bound through /proc/self/fd, "
                + "with a last component of at most about 90 bytes.",
        },
        Row(42, "connect", Decision.Network, Fd, SockAddr, Size) with
        {
            Note = "An AF_UNIX name that does not start with NUL is a path; a translated one longer than 108 bytes is reached through /proc/self/fd.",
        },
        Row(44, "sendto", Decision.Network, Fd, Buffer, Size, Flags, SockAddr, Size) with { Note = "Trapped only with an address: the fifth argument is not NULL." },
        Row(46, "sendmsg", Decision.Network, Fd, Struct, Flags) with { Note = HeaderName },
        Row(307, "sendmmsg", Decision.Network, Fd, Struct, UInt, Flags) with
        {
            Note = HeaderName + " It is cut before a translated name: fewer messages are sent than asked for.",
        },
        Row(51, "getsockname", Decision.Network, Fd, SockAddr, SockAddrLen) with { Note = NameBack },
        Row(52, "getpeername", Decision.Network, Fd, SockAddr, SockAddrLen) with { Note = NameBack },
        Row(43, "accept", Decision.Network, Fd, SockAddr, SockAddrLen) with { Note = NameBackWithAddress },
        Row(288, "accept4", Decision.Network, Fd, SockAddr, SockAddrLen, Flags) with { Note = NameBackWithAddress },
        Row(45, "recvfrom", Decision.Network, Fd, OutBuffer, Size, Flags, SockAddr, SockAddrLen) with { Note = NameBackWithAddress },
        Free(47, "recvmsg", Fd, Struct, Flags) with { Note = Received },
        Free(299, "recvmmsg", Fd, Struct, UInt, Flags, Struct) with { Note = Received },
        Free(50, "listen", Fd, Int),
        Free(48, "shutdown", Fd, Int),
        Free(54, "setsockopt", Fd, Int, Request, Buffer, Size),
        Free(55, "getsockopt", Fd, Int, Request, OutBuffer, SockAddrLen),
    ];
}
