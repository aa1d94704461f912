using System.Runtime.InteropServices;
using Vuos.Native.Kernel;

namespace Vuos.Native.Tracing;

/// <summary><c>struct iovec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct IoVec
{
    public long Base;
    public long Length;
}

/// <summary>Reads and writes another process's memory with process_vm_readv/writev(2). Whatever the guest points at, the answer is a count or EFAULT.</summary>
public static unsafe class GuestMemory
{
    private const int Page = 4096;

    /// <summary>Reads exactly <paramref name="buffer"/>.Length bytes: None or EFAULT (ESRCH when the guest is gone).</summary>
    public static Errno Read(int tid, long address, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            var local = new IoVec { Base = (long)p, Length = buffer.Length };
            var remote = new IoVec { Base = address, Length = buffer.Length };
            return Check(Sys.Fast(Nr.ProcessVmReadv, tid, (long)&local, 1, (long)&remote, 1), buffer.Length);
        }
    }

    /// <summary>Writes exactly <paramref name="data"/>.Length bytes: None or EFAULT.</summary>
    public static Errno Write(int tid, long address, ReadOnlySpan<byte> data)
    {
        fixed (byte* p = data)
        {
            var local = new IoVec { Base = (long)p, Length = data.Length };
            var remote = new IoVec { Base = address, Length = data.Length };
            return Check(Sys.Fast(Nr.ProcessVmWritev, tid, (long)&local, 1, (long)&remote, 1), data.Length);
        }
    }

    public static Errno Read<T>(int tid, long address, out T value) where T : unmanaged
    {
        value = default;
        fixed (T* p = &value)
            return Read(tid, address, new Span<byte>(p, sizeof(T)));
    }

    public static Errno Write<T>(int tid, long address, in T value) where T : unmanaged
    {
        fixed (T* p = &value)
            return Write(tid, address, new ReadOnlySpan<byte>(p, sizeof(T)));
    }

    /// <summary>
    /// Reads a NUL-terminated string, at most <paramref name="buffer"/>.Length bytes with the NUL. On success <paramref name="length"/> excludes the NUL,
    /// which is in the buffer. ENAMETOOLONG when no NUL was found in time, EFAULT when the memory ends before one.
    /// </summary>
    public static Errno ReadString(int tid, long address, Span<byte> buffer, out int length)
    {
        length = 0;
        var done = 0;
        while (done < buffer.Length)
        {
            // Never across a page with one request: a string may end just before an unmapped page.
            var first = done == 0 ? 256 : Page;
            var chunk = (int)Math.Min(Math.Min(first, Page - ((address + done) & (Page - 1))), buffer.Length - done);
            var part = buffer.Slice(done, chunk);
            if (Read(tid, address + done, part) is var error && error != Errno.None)
                return error;
            var nul = part.IndexOf((byte)0);
            if (nul >= 0)
            {
                length = done + nul;
                return Errno.None;
            }

            done += chunk;
        }

        return Errno.ENAMETOOLONG;
    }

    private static Errno Check(long result, int wanted) =>
        result == wanted ? Errno.None : result == -(long)Errno.ESRCH ? Errno.ESRCH : Errno.EFAULT;
}
