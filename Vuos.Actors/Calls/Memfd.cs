using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls;

/// <summary>memfd_create(2): a file that exists only as long as it is open.</summary>
internal static unsafe class Memfd
{
    /// <summary>A close-on-exec memfd with this content, read position 0; or a negated errno.</summary>
    public static long Create(ReadOnlySpan<byte> content)
    {
        long fd;
        fixed (byte* name = "proc\0"u8)
            fd = Sys.Call(Nr.MemfdCreate, (long)name, 1);
        if (fd < 0)
            return fd;
        var error = Fill(fd, content);
        if (error == 0)
            return fd;
        Files.Close(fd);
        return error;
    }

    /// <summary>Writes the content at the beginning, leaving the position where it is.</summary>
    public static long Fill(long fd, ReadOnlySpan<byte> content)
    {
        const int Pwrite64 = 18;
        fixed (byte* p = content)
        {
            long done = 0;
            while (done < content.Length)
            {
                var n = Sys.Call(Pwrite64, fd, (long)p + done, content.Length - done, done);
                if (n < 0)
                    return n;
                done += n;
            }
        }

        return 0;
    }
}
