namespace Vuos.Native.Kernel;

/// <summary>Device numbers as st_rdev and st_dev have them: makedev(3), which extends the kernel's new_encode_dev (include/linux/kdev_t.h).</summary>
public static class DeviceNumber
{
    public static uint Major(ulong device) => (uint)(((device >> 8) & 0xFFF) | ((device >> 32) & 0xFFFFF000));

    public static uint Minor(ulong device) => (uint)((device & 0xFF) | ((device >> 12) & 0xFFFFFF00));

    public static ulong Make(uint major, uint minor) =>
        (minor & 0xFFUL) | ((major & 0xFFFUL) << 8) | ((minor & 0xFFFFFF00UL) << 12) | ((major & 0xFFFFF000UL) << 32);
}
