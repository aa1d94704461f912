using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Vuos.Actors.Guests;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls;

/// <summary>
/// AF_UNIX paths (unix(7)) in the calls that take them, and in those that give them back. Both are trapped as late as can be: names in message headers once a process has a
/// datagram socket of that family (no other takes them), names given back once a socket was bound under another name than the guest's.
/// </summary>
internal sealed class SocketCalls(SocketAddresses addresses, SocketNames names, IFilterControl filters)
{
    private const int TypeMask = 0xF, Datagram = 2, Raw = 3, MostMessages = 1024;

    private readonly byte[] shown = new byte[SocketAddresses.PathOffset + SocketAddresses.MaxPath + 1];
    private bool showing;

    public Verdict Decide(Call call) => call.Number switch
    {
        Nr.Socket => Create(call),
        Nr.Bind => Bind(call),
        Nr.Connect => Reach(call, 1),
        Nr.Sendto => Reach(call, 4),
        Nr.Sendmsg => SendMessage(call),
        Nr.Sendmmsg => SendMessages(call),
        Nr.Recvfrom => Show(call, 5),
        _ => Show(call, 2),
    };

    /// <summary>A bind under another name succeeded.</summary>
    public void Bound(PendingCall pending) => names.Remember(pending.Content!, pending.View!);

    /// <summary>A call gave an address back: if it is one of ours, the guest's own name is put in its place.</summary>
    public void PutBack(GuestThread thread, PendingCall pending)
    {
        var at = pending.Number == Nr.Recvfrom ? 4 : 1;
        var (pointer, lengthPointer) = (pending.Original[at], pending.Original[at + 1]);
        if (GuestMemory.Read(thread.Tid, lengthPointer, out int length) != Errno.None || length <= SocketAddresses.PathOffset
            || length > pending.Room || length > shown.Length)
            return;
        var bytes = shown.AsSpan(0, length);
        if (GuestMemory.Read(thread.Tid, pointer, bytes) != Errno.None || BinaryPrimitives.ReadUInt16LittleEndian(bytes) != SocketAddresses.AfUnix)
            return;
        var path = bytes[SocketAddresses.PathOffset..];
        var nul = path.IndexOf((byte)0);
        if (names.Find(nul < 0 ? path : path[..nul]) is not { } name)
            return;
        name.CopyTo(shown, SocketAddresses.PathOffset);
        length = SocketAddresses.PathOffset + name.Length + 1;
        shown[length - 1] = 0;
        if (GuestMemory.Write(thread.Tid, pointer, shown.AsSpan(0, Math.Min(length, pending.Room))) == Errno.None)
            GuestMemory.Write(thread.Tid, lengthPointer, length);
    }

    private static Verdict Create(Call call)
    {
        if ((call.Args[1] & TypeMask) is Datagram or Raw)
            call.Thread.Process.Wanted |= FilterStage.Messages;
        return Verdict.Continue;
    }

    private Verdict Bind(Call call)
    {
        switch (addresses.Translate(call, call.Args[1], (int)call.Args[2], binds: true))
        {
            case AddressResult.Decided:
                return addresses.Verdict;
            case AddressResult.Same:
                if (!names.IsEmpty)
                    names.Forget(addresses.Given);
                return Verdict.Continue;
        }

        if (!showing)
            filters.Require(FilterStage.SocketNames, call.Thread);
        showing = true;
        var pending = Rewrite(call, 1);
        pending.After = AfterCall.Bound;
        pending.Content = addresses.Path.ToArray();
        pending.View = addresses.Given.ToArray();
        return Verdict.Rewrite;
    }

    private Verdict Reach(Call call, int at)
    {
        switch (addresses.Translate(call, call.Args[at], (int)call.Args[at + 1], binds: false))
        {
            case AddressResult.Decided:
                return addresses.Verdict;
            case AddressResult.Same:
                return Verdict.Continue;
        }

        Rewrite(call, at);
        return Verdict.Rewrite;
    }

    private PendingCall Rewrite(Call call, int at)
    {
        var pending = call.Thread.Pending;
        pending.Begin(call.Number);
        pending.Replace(at, addresses.Bytes);
        pending.Replace(at + 1, addresses.Bytes.Length);
        return pending;
    }

    private Verdict SendMessage(Call call)
    {
        if (GuestMemory.Read(call.Thread.Tid, call.Args[1], out MessageHeader header) != Errno.None)
            return Verdict.Continue;
        switch (addresses.Translate(call, header.Name, header.NameLength, binds: false))
        {
            case AddressResult.Decided:
                return addresses.Verdict;
            case AddressResult.Same:
                return Verdict.Continue;
        }

        call.Thread.Pending.Begin(call.Number);
        return WithHeader(call.Thread.Pending, header);
    }

    /// <summary>
    /// A sendmmsg may send fewer messages than it was given, and says how many. So it is cut before the first one whose name must be replaced; when that is the very first,
    /// it is sent alone.
    /// </summary>
    private Verdict SendMessages(Call call)
    {
        var count = (int)Math.Min((uint)call.Args[2], MostMessages);
        for (var i = 0; i < count; i++)
        {
            if (GuestMemory.Read(call.Thread.Tid, call.Args[1] + ((long)i * MessageHeader.Stride), out MessageHeader header) != Errno.None)
                return Verdict.Continue;
            var result = addresses.Translate(call, header.Name, header.NameLength, binds: false);
            if (result == AddressResult.Same)
                continue;
            var pending = call.Thread.Pending;
            if (i > 0)
            {
                pending.Begin(call.Number);
                pending.Replace(2, i);
                return Verdict.Rewrite;
            }

            if (result == AddressResult.Decided)
                return addresses.Verdict;
            pending.Begin(call.Number);
            pending.ReplacementNumber = Nr.Sendmsg;
            pending.Replace(2, call.Args[3]);
            pending.After = AfterCall.SentOne;
            return WithHeader(pending, header);
        }

        return Verdict.Continue;
    }

    private Verdict WithHeader(PendingCall pending, MessageHeader header)
    {
        header.Name = pending.Stage(addresses.Bytes);
        header.NameLength = addresses.Bytes.Length;
        pending.Relocations.Add(pending.Replace(1, MemoryMarshal.AsBytes(new ReadOnlySpan<MessageHeader>(in header))));
        return Verdict.Rewrite;
    }

    /// <summary>The kernel runs the call; at its end <see cref="PutBack"/> looks at the address.</summary>
    private Verdict Show(Call call, int lengthAt)
    {
        if (names.IsEmpty || GuestMemory.Read(call.Thread.Tid, call.Args[lengthAt], out int room) != Errno.None)
            return Verdict.Continue;
        var pending = call.Thread.Pending;
        pending.Begin(call.Number);
        pending.After = AfterCall.PutNameBack;
        pending.Room = room;
        return Verdict.Rewrite;
    }

    /// <summary><c>struct msghdr</c> of recvmsg(2); in a <c>struct mmsghdr</c> the count of bytes sent follows it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct MessageHeader
    {
        public const int Size = 56, Stride = 64;

        public long Name;
        public int NameLength, Padding;
        public long Vectors, VectorCount, Control, ControlLength;
        public int Flags, MorePadding;
    }
}

/// <summary>Asks for calls to be trapped that were not worth it so far.</summary>
internal interface IFilterControl
{
    /// <summary>In every guest. The caller's own thread has it before it runs guest code again, others as soon as they can be stopped.</summary>
    void Require(FilterStage stages, GuestThread caller);
}
