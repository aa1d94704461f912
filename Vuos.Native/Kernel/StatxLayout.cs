namespace Vuos.Native.Kernel;

/// <summary>Offsets in <c>struct statx</c> (include/uapi/linux/stat.h) of what we read or change in one.</summary>
public static class StatxLayout
{
    public const int SizeOf = 256, Uid = 20, Gid = 24, Mode = 28, Ino = 32, Size = 40, Blocks = 48, Btime = 80, BtimeNsec = 88, Ctime = 96, CtimeNsec = 104, Mtime = 112, MtimeNsec = 120, RdevMajor = 128, RdevMinor = 132,
        DevMajor = 136, DevMinor = 140;

    /// <summary>Bits of the mask (STATX_TYPE, STATX_MTIME, STATX_SIZE, STATX_BTIME).</summary>
    public const uint WantType = 1, WantMtime = 0x40, WantSize = 0x200, WantBirth = 0x800;
}
