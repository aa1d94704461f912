using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>Copies the data of a regular file: shared blocks where the file system can, holes as holes.</summary>
internal static unsafe class FileData
{
    /// <summary>ioctl_ficlone(2): _IOW(0x94, 9, int).</summary>
    private const long Ficlone = 0x40049409;

    /// <summary>lseek(2): the next data, the next hole.</summary>
    private const int SeekSet = 0, SeekData = 3, SeekHole = 4;

    /// <summary>The largest count one call takes is 0x7ffff000 (read(2)); less keeps a call interruptible.</summary>
    private const long Chunk = 1 << 30;

    private const int BufferSize = 256 * 1024;

    /// <summary>
    /// Copies the first <paramref name="length"/> bytes of <paramref name="from"/> into the empty file <paramref name="to"/>; <paramref name="size"/> is what stat(2) says of the
    /// former.
    /// </summary>
    public static Errno Copy(long from, long to, long size, long length)
    {
        if (length <= 0)
            return Errno.None;
        // Files of /proc and the like say 0 and hold text.
        if (size == 0)
            return ReadToEnd(from, to, 0, length);
        var whole = Math.Min(size, length);
        if (Retry(Nr.Ioctl, to, Ficlone, from) == 0)
            return whole < size ? Sys.Error(Retry(Nr.Ftruncate, to, whole)) : Errno.None;
        var end = whole;
        for (long at = 0; at < whole;)
        {
            var data = Retry(Nr.Lseek, from, at, SeekData);
            if (Sys.Error(data) == Errno.ENXIO)
                break;
            // A file system that knows no holes says EINVAL: all is data.
            var begin = data < 0 ? at : Math.Min(data, whole);
            var hole = data < 0 ? whole : Retry(Nr.Lseek, from, begin, SeekHole);
            var stop = hole < 0 ? whole : Math.Min(hole, whole);
            var error = Segment(from, to, begin, stop, out var reached);
            if (error != Errno.None)
                return error;
            at = stop;
            if (reached < stop)
            {
                // The file is shorter than it said (sysfs), or became so.
                end = reached;
                break;
            }
        }

        return Sys.Error(Retry(Nr.Ftruncate, to, end));
    }

    private static Errno Segment(long from, long to, long begin, long end, out long reached)
    {
        reached = begin;
        while (reached < end)
        {
            long inAt = reached, outAt = reached;
            var n = Sys.Call(Nr.CopyFileRange, from, (long)(&inAt), to, (long)(&outAt), Math.Min(end - reached, Chunk), 0);
            switch (Sys.Error(n))
            {
                case Errno.None when n > 0:
                    reached += n;
                    break;
                case Errno.EINTR:
                    break;
                case Errno.None or Errno.EXDEV or Errno.EINVAL or Errno.ENOSYS or Errno.EOPNOTSUPP or Errno.EPERM or Errno.EBADF or Errno.ETXTBSY:
                    // Not between these two, or a file of which it wrongly says that it ends here: read and write find out.
                    return ReadWrite(from, to, end, ref reached);
                default:
                    return Sys.Error(n);
            }
        }

        return Errno.None;
    }

    private static Errno ReadToEnd(long from, long to, long begin, long length)
    {
        var reached = begin;
        return ReadWrite(from, to, length, ref reached);
    }

    private static Errno ReadWrite(long from, long to, long end, ref long reached)
    {
        var buffer = new byte[BufferSize];
        fixed (byte* p = buffer)
        {
            while (reached < end)
            {
                var n = Retry(Nr.Pread64, from, (long)p, Math.Min(buffer.Length, end - reached), reached);
                if (n <= 0)
                    return Sys.Error(n);
                var error = Sys.Error(FileChanges.WriteAllAt(to, buffer.AsSpan(0, (int)n), reached));
                if (error != Errno.None)
                    return error;
                reached += n;
            }
        }

        return Errno.None;
    }

    private static long Retry(int nr, long a, long b, long c = 0, long d = 0)
    {
        while (true)
        {
            var result = Sys.Call(nr, a, b, c, d);
            if (result != -(long)Errno.EINTR)
                return result;
        }
    }
}
