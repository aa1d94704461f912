using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Vuos.Native.Kernel;

namespace Vuos.Native.Rings;

/// <summary>Byte offsets of <c>struct io_uring_params</c> and its ring offsets (include/uapi/linux/io_uring.h).</summary>
[StructLayout(LayoutKind.Explicit, Size = 120)]
public struct RingParams
{
    [FieldOffset(0)] public uint SqEntries;
    [FieldOffset(4)] public uint CqEntries;
    [FieldOffset(8)] public uint Flags;
    [FieldOffset(40)] public uint SqHead;
    [FieldOffset(44)] public uint SqTail;
    [FieldOffset(48)] public uint SqMask;
    [FieldOffset(64)] public uint SqArray;
    [FieldOffset(80)] public uint CqHead;
    [FieldOffset(84)] public uint CqTail;
    [FieldOffset(88)] public uint CqMask;
    [FieldOffset(100)] public uint CqCqes;

    public const uint SingleIssuer = 1u << 12, DeferTaskRun = 1u << 13;
}

/// <summary><c>struct io_uring_sqe</c>, the fields we use, 64 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
public struct RingEntry
{
    [FieldOffset(0)] public byte Opcode;
    [FieldOffset(4)] public int Fd;
    [FieldOffset(8)] public ulong Offset;
    [FieldOffset(16)] public ulong Address;
    [FieldOffset(24)] public uint Length;
    [FieldOffset(28)] public uint OpFlags;
    [FieldOffset(32)] public ulong UserData;
    [FieldOffset(44)] public uint FileIndex;

    public const byte OpPollAdd = 6, OpRead = 22, OpWaitId = 50;
}

/// <summary>
/// One io_uring used by one thread: requests are queued with <see cref="Add"/> and submitted by <see cref="Enter"/>, which also waits for at least one completion.
/// </summary>
public sealed unsafe class Ring : IDisposable
{
    private readonly int fd;
    private readonly uint* sqTail, sqMask, sqArray, cqHead, cqTail, cqMask;
    private readonly byte* completions;
    private readonly RingEntry* entries;
    private uint pending;

    private Ring(int fd, RingParams p)
    {
        this.fd = fd;
        var size = Math.Max(p.SqArray + (p.SqEntries * 4), p.CqCqes + (p.CqEntries * 16));
        var rings = (byte*)Sys.Call(Nr.Mmap, 0, size, 3, 0x8001, fd, 0);
        entries = (RingEntry*)Sys.Call(Nr.Mmap, 0, p.SqEntries * 64, 3, 0x8001, fd, 0x10000000);
        sqTail = (uint*)(rings + p.SqTail);
        sqMask = (uint*)(rings + p.SqMask);
        sqArray = (uint*)(rings + p.SqArray);
        cqHead = (uint*)(rings + p.CqHead);
        cqTail = (uint*)(rings + p.CqTail);
        cqMask = (uint*)(rings + p.CqMask);
        completions = rings + p.CqCqes;
    }

    /// <summary>Opens a ring that supports WAITID (kernel 6.7), or null where io_uring is missing, forbidden or too old.</summary>
    public static Ring? Open(uint size)
    {
        var p = new RingParams { Flags = RingParams.SingleIssuer | RingParams.DeferTaskRun };
        var fd = Sys.Call(Nr.IoUringSetup, size, (long)&p);
        if (Sys.Failed(fd))
            return null;
        if (Supports((int)fd, RingEntry.OpWaitId))
            return new Ring((int)fd, p);
        Files.Close(fd);
        return null;
    }

    public void Add(in RingEntry entry)
    {
        var tail = *sqTail;
        var index = tail & *sqMask;
        entries[index] = entry;
        sqArray[index] = index;
        Volatile.Write(ref *sqTail, tail + 1);
        pending++;
    }

    /// <summary>Submits what is queued and waits until a completion is there.</summary>
    public void Enter()
    {
        var ready = Volatile.Read(ref *cqTail) != *cqHead;
        var result = Sys.Call(Nr.IoUringEnter, fd, pending, ready ? 0 : 1, 1);
        if (result > 0)
            pending -= (uint)result;
    }

    /// <summary>Takes the next completion, if any.</summary>
    public bool Next(out ulong userData, out int result)
    {
        var head = *cqHead;
        if (head == Volatile.Read(ref *cqTail))
        {
            userData = 0;
            result = 0;
            return false;
        }

        var completion = completions + ((head & *cqMask) * 16);
        userData = *(ulong*)completion;
        result = *(int*)(completion + 8);
        Volatile.Write(ref *cqHead, head + 1);
        return true;
    }

    public void Dispose() => Files.Close(fd);

    /// <summary>IORING_REGISTER_PROBE: struct io_uring_probe is 16 bytes, each op 8 bytes, flag 1 means supported.</summary>
    private static bool Supports(int ring, byte opcode)
    {
        const int Ops = 64;
        var probe = stackalloc byte[16 + (Ops * 8)];
        Unsafe.InitBlock(probe, 0, 16 + (Ops * 8));
        return Sys.Call(Nr.IoUringRegister, ring, 8, (long)probe, Ops) >= 0 && (*(ushort*)(probe + 16 + (opcode * 8) + 2) & 1) != 0;
    }
}
