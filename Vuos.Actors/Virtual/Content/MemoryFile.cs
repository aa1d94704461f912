using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual.Content;

/// <summary>Who has a file open besides the hypervisor's own descriptor: descriptors, mappings and running programs count.</summary>
/// <param name="Writers">An open file description that can write is left.</param>
/// <param name="Anyone">Any is left.</param>
internal readonly record struct Openness(bool Writers, bool Anyone);

/// <summary>
/// A memfd that holds a file's content. The hypervisor keeps a read-only description of it: as long as one can write, execve(2) of the file gives ETXTBSY. To write, it is
/// opened anew (<see cref="OpenWriter"/>), briefly.
/// </summary>
internal sealed unsafe class MemoryFile : IDisposable
{
    /// <summary>memfd_create(2): MFD_EXEC (Linux 6.3) asks for what is the default without it, and keeps the kernel from warning.</summary>
    private const int CloseOnExec = 1, Executable = 0x10;

    private const int SeekData = 3, SeekHole = 4;

    /// <summary>fcntl(2): F_SETSIG, F_SETLEASE (include/uapi/linux/fcntl.h).</summary>
    private const int SetSignal = 10, SetLease = 1024, ReadLease = 0, WriteLease = 1, NoLease = 2;

    private const int SigUrg = 23;

    /// <summary>Bytes of a huge page (x86-64).</summary>
    public const int HugePage = 2 << 20;

    /// <summary>madvise(2), Linux 6.1.</summary>
    private const int Collapse = 25;

    private readonly SafeFileHandle _handle;
    private readonly int _fd;

    private MemoryFile(int fd, in KernelStat stat)
    {
        _handle = new SafeFileHandle(fd, ownsHandle: true);
        _fd = fd;
        Device = stat.Dev;
        Inode = stat.Ino;
    }

    /// <summary>A path by which this process reaches it.</summary>
    public string Path => $"/proc/self/fd/{_fd}";

    /// <summary>As fstat(2) shows them to who has a descriptor of it.</summary>
    public ulong Device { get; }

    public ulong Inode { get; }

    /// <summary>Makes an empty one; <paramref name="label"/> is what /proc/PID/fd shows after "memfd:". EMFILE, ENFILE, ENOMEM.</summary>
    public static Answer<MemoryFile> Create(string label)
    {
        long first;
        fixed (byte* name = Encoding.UTF8.GetBytes(label + '\0'))
        {
            first = Sys.Call(Nr.MemfdCreate, (long)name, CloseOnExec | Executable);
            if (Sys.Error(first) is Errno.EINVAL or Errno.EACCES)
                first = Sys.Call(Nr.MemfdCreate, (long)name, CloseOnExec);
        }

        if (Sys.Failed(first))
            return Sys.Error(first);
        // Everyone may: whether a guest may open or run the file was decided by the attributes that the file system gives.
        Sys.Call(Nr.Fchmod, first, 0x1FF);
        var fd = Reopen((int)first, 0);
        Files.Close(first);
        if (Sys.Failed(fd))
            return Sys.Error(fd);
        Files.Stat(fd, out var stat);
        return new MemoryFile((int)fd, stat);
    }

    /// <summary>A new open file description of the same file. ETXTBSY: to write, while it is being executed. EMFILE.</summary>
    public Answer<int> Open(int flags)
    {
        var fd = Reopen(_fd, flags);
        return Sys.Failed(fd) ? Sys.Error(fd) : (int)fd;
    }

    /// <summary>To write content; to be disposed of soon. ETXTBSY: it is being executed.</summary>
    public Answer<MemoryWriter> OpenWriter()
    {
        var fd = Open(OpenFlag.RdWr);
        return fd.Failed ? fd.Error : new MemoryWriter(fd.Value);
    }

    /// <summary>fstat(2). May be asked from any thread at any time; false: it was disposed of.</summary>
    public bool TryStat(out KernelStat stat)
    {
        stat = default;
        if (!TryHold())
            return false;
        var known = Files.Stat(_fd, out stat) == 0;
        _handle.DangerousRelease();
        return known;
    }

    /// <summary>Keeps the descriptor from being closed until <c>DangerousRelease</c>; false: it is.</summary>
    private bool TryHold()
    {
        try
        {
            var held = false;
            _handle.DangerousAddRef(ref held);
            return held;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Bytes.</summary>
    public long Size => TryStat(out var stat) ? stat.Size : 0;

    /// <summary>Bytes of memory it takes.</summary>
    public long Allocated => TryStat(out var stat) ? stat.Blocks * 512 : 0;

    /// <summary>Reads up to the buffer's end; fewer at the end of the file.</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        var done = 0;
        fixed (byte* p = buffer)
        {
            while (done < buffer.Length)
            {
                var n = Sys.Call(Nr.Pread64, _fd, (long)p + done, buffer.Length - done, offset + done);
                if (n == -(long)Errno.EINTR)
                    continue;
                if (n <= 0)
                    break;
                done += (int)n;
            }
        }

        return done;
    }

    /// <summary>The stretches that are not holes, from <paramref name="offset"/> on (lseek(2), SEEK_DATA).</summary>
    public IEnumerable<(long Begin, long End)> Data(long offset = 0)
    {
        while (true)
        {
            var begin = Sys.Call(Nr.Lseek, _fd, offset, SeekData);
            if (Sys.Failed(begin))
                yield break;
            var end = Sys.Call(Nr.Lseek, _fd, begin, SeekHole);
            if (Sys.Failed(end) || end <= begin)
                yield break;
            yield return (begin, end);
            offset = end;
        }
    }

    /// <summary>
    /// Has the kernel hold the whole <see cref="HugePage"/> at an offset in one page, which must all be data. MADV_COLLAPSE asks for this memory alone, whatever the system's administrator set; it may be done under
    /// readers. What does not succeed stays as it is.
    /// </summary>
    public void UseHugePage(long offset)
    {
        if (!TryHold())
            return;
        const int Shared = 1, Private = 2, Fixed = 0x10, Anonymous = 0x20, Read = 1;
        // Twice the room, for an aligned place in it.
        var room = Sys.Call(Nr.Mmap, 0, 2 * HugePage, 0, Private | Anonymous, -1, 0);
        if (!Sys.Failed(room))
        {
            var window = (room + HugePage - 1) & ~(HugePage - 1L);
            if (Sys.Call(Nr.Mmap, window, HugePage, Read, Shared | Fixed, _fd, offset) == window)
                Sys.Call(Nr.Madvise, window, HugePage, Collapse);
            Sys.Call(Nr.Munmap, room, 2 * HugePage);
        }

        _handle.DangerousRelease();
    }

    /// <summary>
    /// Asks the kernel who has the file open. Null: it does not say (/proc/sys/fs/leases-enable is 0). A lease is granted only if there is no other opener (writing: no writer),
    /// as fcntl(2) says of F_SETLEASE; it is given back at once. An open that falls between waits until then.
    /// </summary>
    public Openness? AskOpenness()
    {
        if (TryLease(WriteLease) is not { } alone)
            return null;
        if (alone)
            return default(Openness);
        return TryLease(ReadLease) is { } noWriter ? new Openness(!noWriter, true) : null;
    }

    private bool? TryLease(int type)
    {
        // Who opens meanwhile has the kernel send us a signal: SIGIO would end the process, SIGURG is ignored. Giving a lease back resets this, so it is set each time.
        Sys.Fast(Nr.Fcntl, _fd, SetSignal, SigUrg);
        var result = Sys.Call(Nr.Fcntl, _fd, SetLease, type);
        if (Sys.Error(result) == Errno.EAGAIN)
            return false;
        if (Sys.Failed(result))
            return null;
        Sys.Call(Nr.Fcntl, _fd, SetLease, NoLease);
        return true;
    }

    public void Dispose() => _handle.Dispose();

    private static long Reopen(int fd, int flags)
    {
        Span<byte> path = stackalloc byte[32];
        "/proc/self/fd/"u8.CopyTo(path);
        fd.TryFormat(path[14..], out var digits, provider: CultureInfo.InvariantCulture);
        path[14 + digits] = 0;
        return Files.Open(path, flags | OpenFlag.CloExec | OpenFlag.NoCtty);
    }
}

/// <summary>A writable description of a <see cref="MemoryFile"/>.</summary>
internal sealed unsafe class MemoryWriter(int fd) : IDisposable
{
    private const int KeepSizePunchHole = 3;

    public Errno Write(long offset, ReadOnlySpan<byte> data) => Sys.Error(FileChanges.WriteAllAt(fd, data, offset));

    public Errno SetSize(long size) => Sys.Error(Sys.Call(Nr.Ftruncate, fd, size));

    /// <summary>Frees the memory of a range, which then reads as zeros; the size stays (fallocate(2), FALLOC_FL_PUNCH_HOLE).</summary>
    public Errno Punch(long offset, long length) => Sys.Error(Sys.Call(Nr.Fallocate, fd, KeepSizePunchHole, offset, length));

    public void Dispose() => Files.Close(fd);
}
