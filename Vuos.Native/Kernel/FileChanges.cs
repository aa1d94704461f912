namespace Vuos.Native.Kernel;

/// <summary>Flags of renameat2(2) (include/uapi/linux/fs.h).</summary>
public static class RenameFlag
{
    public const int NoReplace = 1, Exchange = 2;
}

/// <summary>
/// Calls that change names and attributes, on NUL-terminated byte paths. Results are the kernel's own: 0 or a value, or a negated errno.
/// </summary>
public static unsafe class FileChanges
{
    /// <summary>The id that leaves owner or group as it is (chown(2)).</summary>
    public const uint KeepId = uint.MaxValue;

    /// <summary>mkdirat(2).</summary>
    public static long MakeDirectory(long dirFd, ReadOnlySpan<byte> path, uint mode)
    {
        fixed (byte* p = path)
            return Sys.Call(Nr.Mkdirat, dirFd, (long)p, mode);
    }

    /// <summary>mknodat(2); <paramref name="device"/> in the kernel's encoding, of which the call takes 32 bits.</summary>
    public static long MakeNode(long dirFd, ReadOnlySpan<byte> path, uint mode, ulong device = 0)
    {
        fixed (byte* p = path)
            return Sys.Call(Nr.Mknodat, dirFd, (long)p, mode, (uint)device);
    }

    /// <summary>symlinkat(2).</summary>
    public static long MakeLink(ReadOnlySpan<byte> target, long dirFd, ReadOnlySpan<byte> path)
    {
        fixed (byte* t = target, p = path)
            return Sys.Call(Nr.Symlinkat, (long)t, dirFd, (long)p);
    }

    /// <summary>linkat(2).</summary>
    public static long Link(long fromFd, ReadOnlySpan<byte> from, long toFd, ReadOnlySpan<byte> to, int flags = 0)
    {
        fixed (byte* f = from, t = to)
            return Sys.Call(Nr.Linkat, fromFd, (long)f, toFd, (long)t, flags);
    }

    /// <summary>renameat2(2); EINVAL where the file system lacks a flag.</summary>
    public static long Rename(long fromFd, ReadOnlySpan<byte> from, long toFd, ReadOnlySpan<byte> to, int flags = 0)
    {
        fixed (byte* f = from, t = to)
            return Sys.Call(Nr.Renameat2, fromFd, (long)f, toFd, (long)t, flags);
    }

    /// <summary>unlinkat(2) of what is no directory.</summary>
    public static long Unlink(long dirFd, ReadOnlySpan<byte> path)
    {
        fixed (byte* p = path)
            return Sys.Call(Nr.Unlinkat, dirFd, (long)p);
    }

    /// <summary>unlinkat(2) of an empty directory.</summary>
    public static long RemoveDirectory(long dirFd, ReadOnlySpan<byte> path)
    {
        fixed (byte* p = path)
            return Sys.Call(Nr.Unlinkat, dirFd, (long)p, At.RemoveDir);
    }

    /// <summary>chown(2), which follows links.</summary>
    public static long SetOwner(ReadOnlySpan<byte> path, uint uid, uint gid)
    {
        fixed (byte* p = path)
            return Sys.Call(Nr.Chown, (long)p, uid, gid);
    }

    /// <summary>lchown(2).</summary>
    public static long SetOwnerOfLink(ReadOnlySpan<byte> path, uint uid, uint gid)
    {
        fixed (byte* p = path)
            return Sys.Call(Nr.Lchown, (long)p, uid, gid);
    }

    /// <summary>chmod(2).</summary>
    public static long SetMode(ReadOnlySpan<byte> path, uint mode)
    {
        fixed (byte* p = path)
            return Sys.Call(Nr.Chmod, (long)p, mode);
    }

    /// <summary>utimensat(2) with the access and modification time of <paramref name="stat"/>; follows links.</summary>
    public static long SetTimes(long dirFd, ReadOnlySpan<byte> path, in KernelStat stat)
    {
        var times = stackalloc long[] { stat.Atime, stat.AtimeNsec, stat.Mtime, stat.MtimeNsec };
        fixed (byte* p = path)
            return Sys.Call(Nr.Utimensat, dirFd, (long)p, (long)times, 0);
    }

    /// <summary>utimensat(2) with the present time for both.</summary>
    public static long SetTimesNow(ReadOnlySpan<byte> path)
    {
        fixed (byte* p = path)
            return Sys.Call(Nr.Utimensat, At.FdCwd, (long)p, 0, 0);
    }

    /// <summary>pwrite(2) of everything: 0, or a negated errno.</summary>
    public static long WriteAllAt(long fd, ReadOnlySpan<byte> data, long offset)
    {
        fixed (byte* p = data)
        {
            long done = 0;
            while (done < data.Length)
            {
                var n = Sys.Call(Nr.Pwrite64, fd, (long)p + done, data.Length - done, offset + done);
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
