using System.Runtime.InteropServices;
using Vuos.Native.Tracing;

namespace Vuos.Native.Kernel;

/// <summary><c>struct msghdr</c> (include/linux/socket.h, struct user_msghdr). 56 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct MessageHeader
{
    public long Name;
    public uint NameLength, Padding;
    public long Vectors, VectorCount, Control, ControlLength;
    public int Flags, Padding2;
}

/// <summary><c>struct pollfd</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PollFd
{
    public int Descriptor;
    public short Events, Returned;

    public const short In = 1, Out = 4;
}

/// <summary>Constants of the socket calls (include/linux/socket.h, include/linux/net.h, include/uapi/asm-generic/socket.h).</summary>
public static class SocketConstant
{
    public const int AfUnix = 1, SeqPacket = 5, CloExec = 0x80000, SolSocket = 1, SndBuf = 7, SndBufForce = 32, DontWait = 0x40, NoSignal = 0x4000, Trunc = 0x20, ShutWrite = 1;
}

/// <summary>A connected pair of AF_UNIX SOCK_SEQPACKET sockets (unix(7)): messages keep their borders, in both directions. Results are the kernel's.</summary>
public static unsafe class MessageSocket
{
    /// <summary>What the kernel takes off the send buffer before it compares a message with it (net/unix/af_unix.c, unix_dgram_sendmsg: EMSGSIZE).</summary>
    public const int Overhead = 32;

    /// <summary>socketpair(2), both ends close-on-exec.</summary>
    public static Errno Pair(out int one, out int other)
    {
        var pair = stackalloc int[2];
        var error = Sys.Error(Sys.Call(Nr.Socketpair, SocketConstant.AfUnix, SocketConstant.SeqPacket | SocketConstant.CloExec, 0, (long)pair));
        (one, other) = error == Errno.None ? (pair[0], pair[1]) : (-1, -1);
        return error;
    }

    /// <summary>
    /// Wants <paramref name="bytes"/> of send buffer: beyond net.core.wmem_max where that is allowed (SO_SNDBUFFORCE needs CAP_NET_ADMIN), else up to it. The bytes of the greatest message
    /// that can be sent now; the kernel doubles what is asked for.
    /// </summary>
    public static int Enlarge(int socket, int bytes)
    {
        var asked = bytes;
        if (Sys.Failed(Sys.Call(Nr.Setsockopt, socket, SocketConstant.SolSocket, SocketConstant.SndBufForce, (long)&asked, sizeof(int))))
            Sys.Call(Nr.Setsockopt, socket, SocketConstant.SolSocket, SocketConstant.SndBuf, (long)&asked, sizeof(int));
        int got = 0, length = sizeof(int);
        Sys.Call(Nr.Getsockopt, socket, SocketConstant.SolSocket, SocketConstant.SndBuf, (long)&got, (long)&length);
        return got - Overhead;
    }

    /// <summary>Sends one message, made of two parts, without waiting: EAGAIN when our send buffer is full (net.unix.max_dgram_qlen does not bind connected pairs), EPIPE when it is closed.</summary>
    public static Errno Send(int socket, ReadOnlySpan<byte> head, ReadOnlySpan<byte> rest)
    {
        fixed (byte* h = head, r = rest)
        {
            var vectors = stackalloc IoVec[2];
            vectors[0] = new IoVec { Base = (long)h, Length = head.Length };
            vectors[1] = new IoVec { Base = (long)r, Length = rest.Length };
            var message = new MessageHeader { Vectors = (long)vectors, VectorCount = rest.IsEmpty ? 1 : 2 };
            while (true)
            {
                var error = Sys.Error(Sys.Call(Nr.Sendmsg, socket, (long)&message, SocketConstant.DontWait | SocketConstant.NoSignal));
                if (error != Errno.EINTR)
                    return error;
            }
        }
    }

    /// <summary>Receives one message without waiting: its length, which may exceed the buffer (the rest is lost), 0 at the end, or a negated errno.</summary>
    public static long Receive(int socket, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
            return Sys.Call(Nr.Recvfrom, socket, (long)p, buffer.Length, SocketConstant.DontWait | SocketConstant.Trunc);
    }

    /// <summary>poll(2).</summary>
    public static long Poll(Span<PollFd> descriptors, int milliseconds)
    {
        fixed (PollFd* p = descriptors)
            return Sys.Call(Nr.Poll, (long)p, descriptors.Length, milliseconds);
    }
}
