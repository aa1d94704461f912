namespace Vuos.Guest.Syscalls;

/// <summary>Flags of mount(2) (include/uapi/linux/mount.h, MS_*).</summary>
[Flags]
internal enum MountFlags : uint
{
    None = 0,
    ReadOnly = 1,
    NoSuid = 1 << 1,
    NoDev = 1 << 2,
    NoExec = 1 << 3,
    Synchronous = 1 << 4,
    Remount = 1 << 5,
    MandLock = 1 << 6,
    DirSync = 1 << 7,
    NoAtime = 1 << 10,
    NoDirAtime = 1 << 11,
    Bind = 1 << 12,
    Move = 1 << 13,
    Recursive = 1 << 14,
    Silent = 1 << 15,
    PosixAcl = 1 << 16,
    RelAtime = 1 << 21,
    IVersion = 1 << 23,
    StrictAtime = 1 << 24,
    LazyTime = 1 << 25,
}

/// <summary>Flags of umount2(2) (MNT_*).</summary>
[Flags]
internal enum UnmountFlags
{
    None = 0,
    Force = 1,
    Detach = 2,
}
