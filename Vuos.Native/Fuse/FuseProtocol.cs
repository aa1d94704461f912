namespace Vuos.Native.Fuse;

/// <summary>Version, ids and limits of the protocol (include/uapi/linux/fuse.h; fs/fuse/fuse_i.h for what only the kernel names).</summary>
public static class FuseProtocol
{
    /// <summary>The version offered in INIT; the smaller minor of both sides is spoken.</summary>
    public const uint Major = 7, Minor = 45;

    public const ulong RootId = 1;

    /// <summary>Bit of a unique that marks the INTERRUPT of the request without it (FUSE_INT_REQ_BIT); the uniques of requests are even.</summary>
    public const ulong InterruptBit = 1;

    /// <summary>Bytes every server's read buffer holds (FUSE_MIN_READ_BUFFER).</summary>
    public const int MinReadBuffer = 8192;

    /// <summary>Bytes of one read or write without FUSE_MAX_PAGES: 32 pages (FUSE_DEFAULT_MAX_PAGES_PER_REQ).</summary>
    public const int DefaultMaxTransfer = 32 * 4096;

    /// <summary>Bytes of the greatest name (NAME_MAX), extended attribute value and list (XATTR_SIZE_MAX, XATTR_LIST_MAX).</summary>
    public const int NameMax = 255, ExtendedMax = 65536;

    /// <summary>f_type of statfs(2) (FUSE_SUPER_MAGIC).</summary>
    public const uint SuperMagic = 0x65735546;
}

/// <summary>Sizes of messages as older minors have them (FUSE_COMPAT_*), and the first minor with the present size.</summary>
public static class FuseCompat
{
    public const int InitOut = 8, InitOut22 = 24, EntryOut = 120, AttrOut = 96, MkNodIn = 8, CreateIn = 8, WriteIn = 24, StatFsOut = 48, SetXAttrIn = 8;

    /// <summary>7.4: frsize of statfs. 7.5: max_write. 7.6: max_readahead and flags. 7.9: fh of GETATTR, blksize, lock owners. 7.12: umask. 7.16: BATCH_FORGET. 7.23: RENAME2 and ctime.</summary>
    public const uint StatFsMinor = 4, MaxWriteMinor = 5, FlagsMinor = 6, AttrMinor = 9, UmaskMinor = 12, BatchForgetMinor = 16, PollEventsMinor = 21, CtimeMinor = 23;
}

/// <summary>Flags of the INIT request and its answer; those above bit 31 are in flags2.</summary>
[Flags]
public enum FuseInitFlags : ulong
{
    None = 0, AsyncRead = 1 << 0, PosixLocks = 1 << 1, AtomicTruncate = 1 << 3, ExportSupport = 1 << 4, BigWrites = 1 << 5, DontMask = 1 << 6, FlockLocks = 1 << 10, HasIoctlDir = 1 << 11,
    AutoInvalData = 1 << 12, DoReadDirPlus = 1 << 13, ReadDirPlusAuto = 1 << 14, AsyncDio = 1 << 15, WritebackCache = 1 << 16, NoOpenSupport = 1 << 17, ParallelDirOps = 1 << 18,
    HandleKillPriv = 1 << 19, MaxPages = 1 << 22, CacheSymlinks = 1 << 23, NoOpenDirSupport = 1 << 24, ExplicitInvalData = 1 << 25, InitExt = 1 << 30, HasExpireOnly = 1UL << 35,
}

/// <summary>Bits of <see cref="FuseSetAttrIn.Valid"/> (FATTR_*).</summary>
public static class FuseAttrBits
{
    public const uint Mode = 1, Uid = 2, Gid = 4, Size = 8, Atime = 16, Mtime = 32, Handle = 64, AtimeNow = 128, MtimeNow = 256, LockOwner = 512, Ctime = 1024;
}

/// <summary>Flags of single messages (FUSE_GETATTR_FH, FUSE_FSYNC_FDATASYNC, FUSE_LK_FLOCK, FUSE_IOCTL_*, FUSE_POLL_SCHEDULE_NOTIFY).</summary>
public static class FuseMessageFlags
{
    public const uint GetAttrHandle = 1, SyncDataOnly = 1, LockFlock = 1, IoctlRetry = 4, IoctlDirectory = 16, PollScheduleNotify = 1;
}
