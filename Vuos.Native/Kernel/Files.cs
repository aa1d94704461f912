using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Vuos.Native.Kernel;

/// <summary>open(2) flags and the constants of the *at calls (include/uapi/asm-generic/fcntl.h, include/uapi/linux/fcntl.h).</summary>
public static class OpenFlag
{
    public const int WrOnly = 1, RdWr = 2, AccessMode = 3, Creat = 0x40, Excl = 0x80, NoCtty = 0x100, Trunc = 0x200, Append = 0x400,
        NonBlock = 0x800, Directory = 0x10000, NoFollow = 0x20000, NoAtime = 0x40000, CloExec = 0x80000, Path = 0x200000, TmpFileBit = 0x400000,
        TmpFile = TmpFileBit | Directory;
}

/// <summary>Constants of the *at calls (include/uapi/linux/fcntl.h).</summary>
public static class At
{
    public const int FdCwd = -100, SymlinkNoFollow = 0x100, RemoveDir = 0x200, EAccess = 0x200, SymlinkFollow = 0x400, EmptyPath = 0x1000;
}

/// <summary><c>struct open_how</c> of openat2(2) (include/uapi/linux/openat2.h).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct OpenHow
{
    public ulong Flags, Mode, Resolve;

    public const ulong NoXdev = 1, NoMagicLinks = 2, NoSymlinks = 4, Beneath = 8, InRoot = 16, Cached = 32;
}

/// <summary>The fields of the kernel's <c>struct stat</c> that we look at (arch/x86/include/uapi/asm/stat.h; 144 bytes).</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeOf)]
public struct KernelStat
{
    public const int SizeOf = 144;

    public ulong Dev, Ino, Nlink;
    public uint Mode, Uid, Gid, Pad;
    public ulong Rdev;
    public long Size, BlkSize, Blocks;

    /// <summary>Times in seconds since 1970 and nanoseconds.</summary>
    public long Atime, AtimeNsec, Mtime, MtimeNsec, Ctime, CtimeNsec;

    public readonly uint Type => Mode & 0xF000;

    public readonly bool IsDirectory => Type == 0x4000;

    public readonly bool IsRegular => Type == 0x8000;

    public readonly bool IsLink => Type == 0xA000;
}

/// <summary>File calls on NUL-terminated byte paths, for the tracer thread: nothing is allocated, results are the kernel's.</summary>
public static unsafe class Files
{
    /// <summary>openat(2) on a path; <paramref name="path"/> must hold a NUL.</summary>
    public static long Open(ReadOnlySpan<byte> path, int flags, int mode = 0, int dirFd = At.FdCwd)
    {
        fixed (byte* p = path)
            return Sys.Call(Nr.Openat, dirFd, (long)p, flags, mode);
    }

    /// <summary>openat2(2).</summary>
    public static long Open2(ReadOnlySpan<byte> path, int flags, ulong resolve, int dirFd = At.FdCwd)
    {
        var how = new OpenHow { Flags = (ulong)flags, Resolve = resolve };
        fixed (byte* p = path)
            return Sys.Call(Nr.Openat2, dirFd, (long)p, (long)&how, sizeof(OpenHow));
    }

    public static void Close(long fd) => Sys.Fast(Nr.Close, fd);

    /// <summary>readlink(2): the length of the target, or a negated errno (EINVAL: not a link).</summary>
    public static long ReadLink(ReadOnlySpan<byte> path, Span<byte> target)
    {
        fixed (byte* p = path, t = target)
            return Sys.Call(Nr.Readlink, (long)p, (long)t, target.Length);
    }

    /// <summary>readlinkat(2) of a link that an O_PATH descriptor stands for.</summary>
    public static long ReadLink(int fd, Span<byte> target)
    {
        byte empty = 0;
        fixed (byte* t = target)
            return Sys.Call(Nr.Readlinkat, fd, (long)(&empty), (long)t, target.Length);
    }

    /// <summary>newfstatat(2).</summary>
    public static long Stat(ReadOnlySpan<byte> path, out KernelStat stat, int flags = 0, int dirFd = At.FdCwd)
    {
        fixed (byte* p = path)
        fixed (KernelStat* s = &stat)
        {
            Unsafe.SkipInit(out stat);
            return Sys.Call(Nr.Newfstatat, dirFd, (long)p, (long)s, flags);
        }
    }

    /// <summary>fstat(2).</summary>
    public static long Stat(long fd, out KernelStat stat)
    {
        Unsafe.SkipInit(out stat);
        fixed (KernelStat* s = &stat)
            return Sys.Call(Nr.Fstat, fd, (long)s);
    }

    /// <summary>faccessat2(2); old kernels without it answer ENOSYS.</summary>
    public static long Access(ReadOnlySpan<byte> path, int mode, int flags)
    {
        fixed (byte* p = path)
            return flags == 0 ? Sys.Call(Nr.Faccessat, At.FdCwd, (long)p, mode) : Sys.Call(Nr.Faccessat2, At.FdCwd, (long)p, mode, flags);
    }

    /// <summary>read(2) until the buffer is full or the file ends: the count, or a negated errno.</summary>
    public static long ReadAll(long fd, Span<byte> buffer)
    {
        long done = 0;
        fixed (byte* p = buffer)
        {
            while (done < buffer.Length)
            {
                var n = Sys.Call(Nr.Read, fd, (long)p + done, buffer.Length - done);
                if (n == -(long)Errno.EINTR)
                    continue;
                if (n < 0)
                    return n;
                if (n == 0)
                    break;
                done += n;
            }
        }

        return done;
    }

    /// <summary>write(2) of everything: 0, or a negated errno.</summary>
    public static long WriteAll(long fd, ReadOnlySpan<byte> data)
    {
        fixed (byte* p = data)
        {
            long done = 0;
            while (done < data.Length)
            {
                var n = Sys.Call(Nr.Write, fd, (long)p + done, data.Length - done);
                if (n == -(long)Errno.EINTR)
                    continue;
                if (n < 0)
                    return n;
                done += n;
            }
        }

        return 0;
    }
}
