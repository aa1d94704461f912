using System.Runtime.InteropServices;
using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

/// <summary>
/// Descriptors for calls that trapped in a stop, where the kernel has no SECCOMP_IOCTL_NOTIF_ADDFD: they are sent to the guest by a socket that it is made to open for that
/// (unix(7), SCM_RIGHTS), whoever the guest is by now, and with the description we have.
/// </summary>
internal sealed partial class Tracer
{
    /// <summary>Regular files can be opened anew by their name in /proc, which is quicker; of a directory it would be another description, a socket cannot be opened, and another user may not look at us.</summary>
    private static bool MustHandOver(GuestThread thread, int fd) =>
        thread.Process.OwnCredentials || Files.Stat(fd, out var stat) < 0 || !stat.IsRegular;

    /// <summary>The call is skipped; at the event stop that follows the descriptor is handed over, and becomes its result.</summary>
    private void SkipAndHandOver(GuestThread thread, int fd)
    {
        EndPrograms(thread);
        thread.Graft = fd;
        thread.AwaitsGraft = true;
        Ptrace.PokeUser(thread.Tid, UserRegs.OrigRaxOffset, -1);
        Ptrace.PokeUser(thread.Tid, UserRegs.RaxOffset, -(long)Errno.EIO);
        Resume(thread);
    }

    /// <summary>False: the thread ended.</summary>
    private bool HandOver(GuestThread thread)
    {
        thread.AwaitsGraft = false;
        var began = injector.Begin(thread);
        if (began)
        {
            var result = Receive(thread, thread.Graft);
            injector.End(thread, result);
        }

        Files.Close(thread.Graft);
        thread.Graft = -1;
        return !began || !injector.Lost;
    }

    /// <summary>The number of our descriptor in the guest, the lowest that was free, as open(2) has it; or a negated errno.</summary>
    private long Receive(GuestThread thread, int fd)
    {
        const int ReadWrite = 3, PrivateAnonymous = 0x22, DuplicateLowest = 0, DuplicateLowestCloseOnExec = 1030, Page = 4096;
        var area = injector.Call(thread, Nr.Mmap, 0, Page, ReadWrite, PrivateAnonymous, -1);
        if (Sys.Failed(area))
            return area;
        Span<byte> image = stackalloc byte[Letter.Size];
        Letter.Write(image, area);
        var result = injector.Call(thread, Nr.Socketpair, SocketConstant.AfUnix, SocketConstant.SeqPacket | SocketConstant.CloExec, 0, area);
        if (!Sys.Failed(result) && GuestMemory.Read(thread.Tid, area, out long pair) == Errno.None && GuestMemory.Write(thread.Tid, area, image) == Errno.None)
        {
            var (one, other) = ((int)pair, (int)(pair >> 32));
            result = Letter.Send(thread.Process.Pid, other, fd);
            if (!Sys.Failed(result))
                result = injector.Call(thread, Nr.Recvmsg, one, area + Letter.Header, SocketConstant.DontWait);
            injector.Close(thread, one);
            injector.Close(thread, other);
            if (!Sys.Failed(result) && GuestMemory.Read(thread.Tid, area + Letter.Descriptor, out int received) == Errno.None && received >= 0)
            {
                result = injector.Call(thread, Nr.Fcntl, received, thread.GraftCloses ? DuplicateLowestCloseOnExec : DuplicateLowest);
                injector.Close(thread, received);
            }
            else if (!Sys.Failed(result))
            {
                // The kernel leaves the descriptor out when the guest may have no more.
                result = -(long)Errno.EMFILE;
            }
        }

        injector.Call(thread, Nr.Munmap, area, Page);
        return result;
    }

    /// <summary>One byte and a descriptor: the memory of a recvmsg(2), and its sending.</summary>
    private static class Letter
    {
        /// <summary>Offsets: where the pair's numbers were is the byte that is received; the header, the vector, the control message and in it the descriptor.</summary>
        public const int Header = 8, Vector = 64, Control = 80, Descriptor = 96, Size = 104;

        private const int ControlLength = 20, ControlSpace = 24, Rights = 1;

        /// <param name="image">All of it.</param>
        /// <param name="address">Where it will be.</param>
        public static void Write(Span<byte> image, long address)
        {
            image.Clear();
            var header = new MessageHeader { Vectors = address + Vector, VectorCount = 1, Control = address + Control, ControlLength = ControlSpace };
            MemoryMarshal.Write(image[Header..], header);
            MemoryMarshal.Write(image[Vector..], new IoVec { Base = address, Length = 1 });
            MemoryMarshal.Write(image[Descriptor..], -1);
        }

        public static unsafe long Send(int pid, int socket, int fd)
        {
            var own = GuestDescriptor.Borrow(pid, socket);
            if (own < 0)
                return own;
            var image = stackalloc byte[Size];
            var span = new Span<byte>(image, Size);
            Write(span, (long)image);
            MemoryMarshal.Write(span[Control..], (long)ControlLength);
            MemoryMarshal.Write(span[(Control + 8)..], SocketConstant.SolSocket);
            MemoryMarshal.Write(span[(Control + 12)..], Rights);
            MemoryMarshal.Write(span[Descriptor..], fd);
            var sent = Sys.Call(Nr.Sendmsg, own, (long)image + Header, SocketConstant.DontWait | SocketConstant.NoSignal);
            Files.Close(own);
            return sent;
        }
    }
}
