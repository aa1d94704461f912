using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vuos.Native.Kernel;

/// <summary><c>struct statfs</c> (include/uapi/asm-generic/statfs.h, 64-bit).</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct KernelStatfs
{
    public long Type, BlockSize, Blocks, FreeBlocks, AvailableBlocks, Files, FreeFiles, Id, NameLength, FragmentSize, Flags;

    private fixed long spare[4];
}

/// <summary>Calls on descriptors. Results are the kernel's own: 0 or a value, or a negated errno.</summary>
public static unsafe class OpenFiles
{
    /// <summary>lseek(2) (include/uapi/linux/fs.h).</summary>
    public const int SeekSet = 0, SeekData = 3, SeekHole = 4;

    /// <summary>Nanoseconds that stand for the present, and for no change (include/linux/stat.h).</summary>
    public const long TimeNow = (1 << 30) - 1, TimeKeep = (1 << 30) - 2;

    /// <summary>pread(2) until the buffer is full or the file ends: the count, or a negated errno if nothing was read.</summary>
    public static long ReadAllAt(long fd, Span<byte> buffer, long offset)
    {
        long done = 0;
        fixed (byte* p = buffer)
        {
            while (done < buffer.Length)
            {
                var n = Sys.Call(Nr.Pread64, fd, (long)p + done, buffer.Length - done, offset + done);
                if (n == -(long)Errno.EINTR)
                    continue;
                if (n < 0 && done == 0)
                    return n;
                if (n <= 0)
                    break;
                done += n;
            }
        }

        return done;
    }

    /// <summary>pwrite(2), which may write less than it was given.</summary>
    public static long WriteAt(long fd, ReadOnlySpan<byte> data, long offset)
    {
        fixed (byte* p = data)
            return Sys.Call(Nr.Pwrite64, fd, (long)p, data.Length, offset);
    }

    /// <summary>truncate(2).</summary>
    public static long Truncate(ReadOnlySpan<byte> path, long size)
    {
        fixed (byte* p = path)
            return Sys.Call(Nr.Truncate, (long)p, size);
    }

    /// <summary>fstatfs(2); works on O_PATH descriptors.</summary>
    public static long Status(long fd, out KernelStatfs status)
    {
        Unsafe.SkipInit(out status);
        fixed (KernelStatfs* s = &status)
            return Sys.Call(Nr.Fstatfs, fd, (long)s);
    }

    /// <summary>When a file was made (statx(2), STATX_BTIME), in seconds and nanoseconds since 1970; zero where the file system does not tell.</summary>
    public static (long Seconds, uint Nanoseconds) Birth(long fd)
    {
        byte empty = 0;
        var status = stackalloc byte[StatxLayout.SizeOf];
        if (Sys.Failed(Sys.Call(Nr.Statx, fd, (long)(&empty), At.EmptyPath | At.SymlinkNoFollow, StatxLayout.WantBirth, (long)status)) || (*(uint*)status & StatxLayout.WantBirth) == 0)
            return default;
        return (*(long*)(status + StatxLayout.Btime), *(uint*)(status + StatxLayout.BtimeNsec));
    }

    /// <summary>fchownat(2) of what an O_PATH descriptor stands for, a link itself included.</summary>
    public static long SetOwner(long fd, uint uid, uint gid)
    {
        byte empty = 0;
        return Sys.Call(Nr.Fchownat, fd, (long)(&empty), uid, gid, At.EmptyPath | At.SymlinkNoFollow);
    }

    /// <summary>utimensat(2) of what an O_PATH descriptor stands for (Linux 5.8); nanoseconds may be <see cref="TimeNow"/> and <see cref="TimeKeep"/>.</summary>
    public static long SetTimes(long fd, long accessSeconds, long accessNanoseconds, long modifySeconds, long modifyNanoseconds)
    {
        byte empty = 0;
        var times = stackalloc long[] { accessSeconds, accessNanoseconds, modifySeconds, modifyNanoseconds };
        return Sys.Call(Nr.Utimensat, fd, (long)(&empty), (long)times, At.EmptyPath | At.SymlinkNoFollow);
    }
}
