using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vudev.Blocks;

/// <summary>Blocks of a file of the host: an image, or a block device of the kernel's. What is written is in the kernel's page cache at once, so it outlives this process.</summary>
internal class FileDevice : BlockDevice
{
    private const int KeepSize = 1, PunchHole = 2, ZeroRange = 0x10; // FALLOC_FL_*, include/uapi/linux/falloc.h

    protected FileDevice(SafeFileHandle file, long length, int sectorSize, int physicalSectorSize, bool readOnly)
    {
        File = file;
        Length = length;
        SectorSize = sectorSize;
        PhysicalSectorSize = physicalSectorSize;
        ReadOnly = readOnly;
    }

    public override long Length { get; }

    public override int SectorSize { get; }

    public override int PhysicalSectorSize { get; }

    public override bool ReadOnly { get; }

    protected SafeFileHandle File { get; }

    /// <summary>Opens a regular file or block device. ENOTBLK: it is something else. A last sector that is not whole does not count, as with loop devices.</summary>
    public static Answer<FileDevice> Open(string path, bool readOnly)
    {
        // Not blocking: the path may be a fifo, which is refused below and must not be waited for.
        var opened = Files.Open(Encoding.UTF8.GetBytes(path + "\0"), (readOnly ? 0 : OpenFlag.RdWr) | OpenFlag.CloExec | OpenFlag.NonBlock | OpenFlag.NoCtty);
        if (Sys.Failed(opened))
            return Sys.Error(opened);
        var file = new SafeFileHandle((nint)opened, ownsHandle: true);
        var error = Sys.Error(Files.Stat(opened, out var stat));
        if (error == Errno.None && stat.Type is not (FileType.Regular or FileType.Block))
            error = Errno.ENOTBLK;
        var end = Sys.Call(Nr.Lseek, opened, 0, 2);
        if (error == Errno.None)
            error = Sys.Error(end);
        if (error != Errno.None)
        {
            file.Dispose();
            return error;
        }

        var block = stat.Type == FileType.Block;
        var sector = block ? SizeOf(opened, BlockIoctl.BLKSSZGET) : 512;
        return new FileDevice(file, end - end % sector, sector, Math.Max(sector, block ? SizeOf(opened, BlockIoctl.BLKPBSZGET) : 512), readOnly);
    }

    public override async ValueTask<Errno> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancel)
    {
        try
        {
            while (buffer.Length > 0)
            {
                var read = await RandomAccess.ReadAsync(File, buffer, offset, cancel).ConfigureAwait(false);
                if (read <= 0)
                    return Errno.EIO; // somebody cut the image
                offset += read;
                buffer = buffer[read..];
            }

            return Errno.None;
        }
        catch (Exception e) when (ErrorOf(e) is { } error)
        {
            return error;
        }
    }

    public override async ValueTask<Errno> WriteAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancel)
    {
        try
        {
            await RandomAccess.WriteAsync(File, data, offset, cancel).ConfigureAwait(false);
            return Errno.None;
        }
        catch (Exception e) when (ErrorOf(e) is { } error)
        {
            return error;
        }
    }

    /// <summary>EINTR: cancelled. fdatasync(2) itself then runs on: nothing ends a call that waits for a disk which hangs.</summary>
    public override async ValueTask<Errno> FlushAsync(CancellationToken cancel)
    {
        try
        {
            return await OffThread(static fd => Sys.Call(Nr.Fdatasync, fd)).AsTask().WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return Errno.EINTR;
        }
    }

    public override ValueTask<Errno> DiscardAsync(long offset, long length, CancellationToken cancel) => OffThread(fd => Allocate(fd, PunchHole | KeepSize, offset, length));

    public override async ValueTask<Errno> ZeroAsync(long offset, long length, CancellationToken cancel)
    {
        var error = await OffThread(fd =>
        {
            var result = Allocate(fd, ZeroRange | KeepSize, offset, length);
            return Sys.Error(result) == Errno.EOPNOTSUPP ? Allocate(fd, PunchHole | KeepSize, offset, length) : result;
        }).ConfigureAwait(false);
        return error == Errno.EOPNOTSUPP ? await WriteZerosAsync(offset, length, cancel).ConfigureAwait(false) : error;
    }

    public override ValueTask DisposeAsync()
    {
        File.Dispose();
        return ValueTask.CompletedTask;
    }

    private static long Allocate(long fd, int mode, long offset, long length)
    {
        long result;
        do
            result = Sys.Call(Nr.Fallocate, fd, mode, offset, length);
        while (Sys.Error(result) == Errno.EINTR);
        return result;
    }

    /// <summary>Calls that block and have no asynchronous form run on a thread of the pool.</summary>
    private ValueTask<Errno> OffThread(Func<long, long> call) => new(Task.Run(() =>
    {
        var held = false;
        try
        {
            File.DangerousAddRef(ref held);
            return Sys.Error(call(File.DangerousGetHandle()));
        }
        catch (ObjectDisposedException)
        {
            return Errno.ENXIO;
        }
        finally
        {
            if (held)
                File.DangerousRelease();
        }
    }));

    /// <summary>.NET gives the kernel's number as HResult; null: not an error of the backing.</summary>
    private static Errno? ErrorOf(Exception exception) => exception switch
    {
        OperationCanceledException => Errno.EINTR,
        ObjectDisposedException => Errno.ENXIO,
        IOException or UnauthorizedAccessException when exception.HResult is > 0 and < 134 => (Errno)exception.HResult,
        IOException or UnauthorizedAccessException => Errno.EIO,
        _ => null,
    };

    /// <summary>A size told by a block device of the kernel's; 512 when it does not tell a sensible one.</summary>
    private static unsafe int SizeOf(long fd, uint request)
    {
        Span<byte> value = stackalloc byte[4];
        fixed (byte* p = value)
        {
            if (Sys.Failed(Sys.Call(Nr.Ioctl, fd, request, (long)p)))
                return 512;
        }

        var size = BinaryPrimitives.ReadInt32LittleEndian(value);
        return size is >= 512 and <= 65536 && int.IsPow2(size) ? size : 512;
    }
}
