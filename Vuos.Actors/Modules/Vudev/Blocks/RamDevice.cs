using System.Text;
using Microsoft.Win32.SafeHandles;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vudev.Blocks;

/// <summary>
/// Blocks in memory: a memfd, of which guests get descriptors of their own, so that they read, write and map it untrapped. It is sealed against growing and shrinking;
/// what the kernel says of a write beyond its end is therefore EPERM, where a disk says ENOSPC.
/// </summary>
internal sealed class RamDevice : FileDevice
{
    private const int CloExec = 1, AllowSealing = 2; // MFD_*, include/uapi/linux/memfd.h
    private const int AddSeals = 1033, SealSeal = 1, SealShrink = 2, SealGrow = 4; // F_ADD_SEALS, F_SEAL_*, include/uapi/linux/fcntl.h

    private RamDevice(SafeFileHandle file, long length, Geometry geometry, bool readOnly)
        : base(file, length, 512, 512, readOnly) => Geometry = geometry;

    public override Geometry Geometry { get; }

    /// <summary>Zeros; memory is taken when they are written.</summary>
    public static unsafe Answer<RamDevice> Create(long length, Geometry geometry, bool readOnly)
    {
        long made;
        fixed (byte* name = "vudevramdisk\0"u8)
            made = Sys.Call(Nr.MemfdCreate, (long)name, CloExec | AllowSealing);
        if (Sys.Failed(made))
            return Sys.Error(made);
        var file = new SafeFileHandle((nint)made, ownsHandle: true);
        var result = Sys.Call(Nr.Ftruncate, made, length);
        if (!Sys.Failed(result))
            result = Sys.Call(Nr.Fcntl, made, AddSeals, SealSeal | SealShrink | SealGrow);
        if (!Sys.Failed(result))
            return new RamDevice(file, length, geometry, readOnly);
        file.Dispose();
        return Sys.Error(result);
    }

    /// <summary>Memory has no stable storage to reach.</summary>
    public override ValueTask<Errno> FlushAsync(CancellationToken cancel) => ValueTask.FromResult(Errno.None);

    /// <summary>Opened anew, not duplicated: each open file has a position and an access mode of its own.</summary>
    public override Answer<int> Descriptor(int flags)
    {
        var held = false;
        try
        {
            File.DangerousAddRef(ref held);
            var path = Encoding.ASCII.GetBytes($"/proc/self/fd/{File.DangerousGetHandle()}\0");
            var fd = Files.Open(path, (flags & (OpenFlag.AccessMode | OpenFlag.Append | OpenFlag.NonBlock)) | OpenFlag.CloExec);
            return Sys.Failed(fd) ? Sys.Error(fd) : (int)fd;
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
    }
}
