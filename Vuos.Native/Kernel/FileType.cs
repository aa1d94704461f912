namespace Vuos.Native.Kernel;

/// <summary>The file type bits of st_mode (include/uapi/linux/stat.h).</summary>
public static class FileType
{
    public const uint Mask = 0xF000, Fifo = 0x1000, Char = 0x2000, Directory = 0x4000, Block = 0x6000, Regular = 0x8000, Link = 0xA000, Socket = 0xC000;

    /// <summary>The type byte of a directory entry (include/linux/fs_types.h: the bits of st_mode shifted down); 0, unknown, where a file system does not say.</summary>
    public static byte Entry(uint mode) => (byte)((mode & Mask) >> 12);
}
