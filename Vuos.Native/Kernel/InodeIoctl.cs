namespace Vuos.Native.Kernel;

/// <summary>
/// Requests of ioctl(2) that change an inode or directory through a descriptor that need not be open for writing (include/uapi/linux/fs.h, fsverity.h, fscrypt.h, msdos_fs.h, btrfs.h; fs/ext4/ext4.h).
/// </summary>
public static class InodeIoctl
{
    private static readonly uint[] Requests =
    [
        0x40086602, 0x40046602, // FS_IOC_SETFLAGS, FS_IOC32_SETFLAGS
        0x40087602, 0x40047602, 0x40086604, // FS_IOC_SETVERSION, FS_IOC32_SETVERSION, EXT4_IOC_SETVERSION_OLD
        0x401C5820, // FS_IOC_FSSETXATTR
        0x40806685, // FS_IOC_ENABLE_VERITY
        0x800C6613, // FS_IOC_SET_ENCRYPTION_POLICY
        0x00006611, // EXT4_IOC_SWAP_BOOT
        0x40047211, // FAT_IOCTL_SET_ATTRIBUTES
        0x4008941A, // BTRFS_IOC_SUBVOL_SETFLAGS
        0x50009401, 0x50009417, // BTRFS_IOC_SNAP_CREATE, V2
        0x5000940E, 0x50009418, // BTRFS_IOC_SUBVOL_CREATE, V2
        0x5000940F, 0x5000943F, // BTRFS_IOC_SNAP_DESTROY, V2
    ];

    public static ReadOnlySpan<uint> Changes => Requests;
}
