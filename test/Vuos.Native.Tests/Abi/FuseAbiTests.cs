using Vuos.Native.Fuse;
using Xunit;

namespace Vuos.Native.Tests.Abi;

/// <summary>Every struct and constant of the FUSE protocol against the kernel's header.</summary>
public class FuseAbiTests
{
    private static readonly string[] Headers = ["sys/types.h", "linux/limits.h", "linux/magic.h", "linux/fuse.h"];

    [Fact]
    public void Headers_and_init() => Assert.Empty(CAbi.Differences(
        Headers,
        CAbi.Struct(
            "struct fuse_in_header", typeof(FuseInHeader), ("len", "Length"), ("opcode", "Opcode"), ("unique", "Unique"), ("nodeid", "Node"), ("uid", "Uid"), ("gid", "Gid"), ("pid", "Pid"),
            ("total_extlen", "ExtensionLength")),
        CAbi.Struct("struct fuse_out_header", typeof(FuseOutHeader), ("len", "Length"), ("error", "Error"), ("unique", "Unique")),
        CAbi.Struct(
            "struct fuse_init_in", typeof(FuseInitIn), ("major", "Major"), ("minor", "Minor"), ("max_readahead", "MaxReadAhead"), ("flags", "Flags"), ("flags2", "Flags2"), ("unused", "_padding")),
        CAbi.Struct(
            "struct fuse_init_out", typeof(FuseInitOut), ("major", "Major"), ("minor", "Minor"), ("max_readahead", "MaxReadAhead"), ("flags", "Flags"), ("max_background", "MaxBackground"),
            ("congestion_threshold", "CongestionThreshold"), ("max_write", "MaxWrite"), ("time_gran", "TimeGranularity"), ("max_pages", "MaxPages"), ("map_alignment", "MapAlignment"),
            ("flags2", "Flags2"), ("unused", "_padding")),
        [
            CAbi.Constant("sizeof(struct fuse_in_header)", FuseInHeader.SizeOf),
            CAbi.Constant("sizeof(struct fuse_out_header)", FuseOutHeader.SizeOf),
            CAbi.Constant("sizeof(struct fuse_entry_out)", FuseEntryOut.SizeOf),
            CAbi.Constant("FUSE_NAME_OFFSET", FuseDirent.SizeOf),
            CAbi.Constant("FUSE_DIRENT_ALIGN(25)", FuseDirent.Aligned(25)),
        ],
        CAbi.Constants(
            typeof(FuseProtocol), ("Major", "FUSE_KERNEL_VERSION"), ("RootId", "FUSE_ROOT_ID"), ("MinReadBuffer", "FUSE_MIN_READ_BUFFER"), ("NameMax", "NAME_MAX"),
            ("ExtendedMax", "XATTR_SIZE_MAX"), ("SuperMagic", "?FUSE_SUPER_MAGIC"), ("Minor", null), ("InterruptBit", null), ("DefaultMaxTransfer", null)),
        CAbi.Constants(
            typeof(FuseCompat), ("InitOut", "FUSE_COMPAT_INIT_OUT_SIZE"), ("InitOut22", "FUSE_COMPAT_22_INIT_OUT_SIZE"), ("EntryOut", "FUSE_COMPAT_ENTRY_OUT_SIZE"),
            ("AttrOut", "FUSE_COMPAT_ATTR_OUT_SIZE"), ("MkNodIn", "FUSE_COMPAT_MKNOD_IN_SIZE"), ("WriteIn", "FUSE_COMPAT_WRITE_IN_SIZE"), ("StatFsOut", "FUSE_COMPAT_STATFS_SIZE"),
            ("SetXAttrIn", "FUSE_COMPAT_SETXATTR_IN_SIZE"), ("CreateIn", "sizeof(struct fuse_open_in)"), ("StatFsMinor", null),
            ("MaxWriteMinor", null), ("FlagsMinor", null), ("AttrMinor", null), ("UmaskMinor", null), ("BatchForgetMinor", null), ("PollEventsMinor", null), ("CtimeMinor", null))));

    [Fact]
    public void Requests() => Assert.Empty(CAbi.Differences(
        Headers,
        CAbi.Struct("struct fuse_forget_in", typeof(FuseForgetIn), ("nlookup", "Lookups")),
        CAbi.Struct("struct fuse_forget_one", typeof(FuseForgetOne), ("nodeid", "Node"), ("nlookup", "Lookups")),
        CAbi.Struct("struct fuse_batch_forget_in", typeof(FuseBatchForgetIn), ("count", "Count")),
        CAbi.Struct("struct fuse_getattr_in", typeof(FuseGetAttrIn), ("getattr_flags", "Flags"), ("fh", "Handle")),
        CAbi.Struct(
            "struct fuse_setattr_in", typeof(FuseSetAttrIn), ("valid", "Valid"), ("fh", "Handle"), ("size", "Size"), ("lock_owner", "LockOwner"), ("atime", "Atime"), ("mtime", "Mtime"),
            ("ctime", "Ctime"), ("atimensec", "AtimeNsec"), ("mtimensec", "MtimeNsec"), ("ctimensec", "CtimeNsec"), ("mode", "Mode"), ("uid", "Uid"), ("gid", "Gid")),
        CAbi.Struct("struct fuse_mknod_in", typeof(FuseMkNodIn), ("mode", "Mode"), ("rdev", "Device"), ("umask", "Umask")),
        CAbi.Struct("struct fuse_mkdir_in", typeof(FuseMkDirIn), ("mode", "Mode"), ("umask", "Umask")),
        CAbi.Struct("struct fuse_rename_in", typeof(FuseRenameIn), ("newdir", "NewParent")),
        CAbi.Struct("struct fuse_rename2_in", typeof(FuseRename2In), ("newdir", "NewParent"), ("flags", "Flags")),
        CAbi.Struct("struct fuse_link_in", typeof(FuseLinkIn), ("oldnodeid", "OldNode")),
        CAbi.Struct("struct fuse_open_in", typeof(FuseOpenIn), ("flags", "Flags"), ("open_flags", "OpenFlags")),
        CAbi.Struct("struct fuse_create_in", typeof(FuseCreateIn), ("flags", "Flags"), ("mode", "Mode"), ("umask", "Umask"), ("open_flags", "OpenFlags")),
        CAbi.Struct("struct fuse_release_in", typeof(FuseReleaseIn), ("fh", "Handle"), ("flags", "Flags"), ("release_flags", "ReleaseFlags"), ("lock_owner", "LockOwner")),
        CAbi.Struct("struct fuse_flush_in", typeof(FuseFlushIn), ("fh", "Handle"), ("lock_owner", "LockOwner")),
        CAbi.Struct(
            "struct fuse_read_in", typeof(FuseReadIn), ("fh", "Handle"), ("offset", "Offset"), ("size", "Size"), ("read_flags", "ReadFlags"), ("lock_owner", "LockOwner"), ("flags", "Flags")),
        CAbi.Struct(
            "struct fuse_write_in", typeof(FuseWriteIn), ("fh", "Handle"), ("offset", "Offset"), ("size", "Size"), ("write_flags", "WriteFlags"), ("lock_owner", "LockOwner"), ("flags", "Flags")),
        CAbi.Struct("struct fuse_fsync_in", typeof(FuseFSyncIn), ("fh", "Handle"), ("fsync_flags", "Flags")),
        CAbi.Fields("struct fuse_setxattr_in", typeof(FuseSetXAttrIn), ("size", "Size"), ("flags", "Flags")),
        CAbi.Struct("struct fuse_getxattr_in", typeof(FuseGetXAttrIn), ("size", "Size")),
        CAbi.Struct("struct fuse_file_lock", typeof(FuseFileLock), ("start", "Start"), ("end", "End"), ("type", "Type"), ("pid", "Pid")),
        CAbi.Struct("struct fuse_lk_in", typeof(FuseLkIn), ("fh", "Handle"), ("owner", "Owner"), ("lk", "Lock"), ("lk_flags", "Flags")),
        CAbi.Struct("struct fuse_access_in", typeof(FuseAccessIn), ("mask", "Mask")),
        CAbi.Struct("struct fuse_interrupt_in", typeof(FuseInterruptIn), ("unique", "Unique")),
        CAbi.Struct(
            "struct fuse_ioctl_in", typeof(FuseIoctlIn), ("fh", "Handle"), ("flags", "Flags"), ("cmd", "Command"), ("arg", "Argument"), ("in_size", "InSize"), ("out_size", "OutSize")),
        CAbi.Struct("struct fuse_poll_in", typeof(FusePollIn), ("fh", "Handle"), ("kh", "KernelHandle"), ("flags", "Flags"), ("events", "Events")),
        CAbi.Struct("struct fuse_fallocate_in", typeof(FuseFAllocateIn), ("fh", "Handle"), ("offset", "Offset"), ("length", "Length"), ("mode", "Mode")),
        CAbi.Struct("struct fuse_lseek_in", typeof(FuseLSeekIn), ("fh", "Handle"), ("offset", "Offset"), ("whence", "Whence")),
        CAbi.Struct("struct fuse_notify_retrieve_in", typeof(FuseNotifyRetrieveIn), ("offset", "Offset"), ("size", "Size"))));

    [Fact]
    public void Answers_and_notices() => Assert.Empty(CAbi.Differences(
        Headers,
        CAbi.Struct(
            "struct fuse_attr", typeof(FuseAttr), ("ino", "Inode"), ("size", "Size"), ("blocks", "Blocks"), ("atime", "Atime"), ("mtime", "Mtime"), ("ctime", "Ctime"), ("atimensec", "AtimeNsec"),
            ("mtimensec", "MtimeNsec"), ("ctimensec", "CtimeNsec"), ("mode", "Mode"), ("nlink", "Links"), ("uid", "Uid"), ("gid", "Gid"), ("rdev", "Device"), ("blksize", "BlockSize"),
            ("flags", "Flags")),
        CAbi.Struct(
            "struct fuse_entry_out", typeof(FuseEntryOut), ("nodeid", "Node"), ("generation", "Generation"), ("entry_valid", "EntryValid"), ("attr_valid", "AttrValid"),
            ("entry_valid_nsec", "EntryValidNsec"), ("attr_valid_nsec", "AttrValidNsec"), ("attr", "Attr")),
        CAbi.Struct("struct fuse_attr_out", typeof(FuseAttrOut), ("attr_valid", "AttrValid"), ("attr_valid_nsec", "AttrValidNsec"), ("attr", "Attr")),
        CAbi.Struct("struct fuse_open_out", typeof(FuseOpenOut), ("fh", "Handle"), ("open_flags", "OpenFlags")),
        CAbi.Struct("struct fuse_write_out", typeof(FuseWriteOut), ("size", "Size")),
        CAbi.Struct(
            "struct fuse_statfs_out", typeof(FuseStatFsOut), ("st.blocks", "Blocks"), ("st.bfree", "FreeBlocks"), ("st.bavail", "AvailableBlocks"), ("st.files", "Files"), ("st.ffree", "FreeFiles"),
            ("st.bsize", "BlockSize"), ("st.namelen", "NameLength"), ("st.frsize", "FragmentSize"), ("st.spare", "_padding")),
        CAbi.Struct("struct fuse_ioctl_out", typeof(FuseIoctlOut), ("result", "Result"), ("flags", "Flags"), ("in_iovs", "InVectors"), ("out_iovs", "OutVectors")),
        CAbi.Struct("struct fuse_poll_out", typeof(FusePollOut), ("revents", "Events")),
        CAbi.Struct("struct fuse_lseek_out", typeof(FuseLSeekOut), ("offset", "Offset")),
        CAbi.Struct("struct fuse_dirent", typeof(FuseDirent), ("ino", "Inode"), ("off", "Offset"), ("namelen", "NameLength"), ("type", "Type")),
        CAbi.Struct("struct fuse_notify_inval_inode_out", typeof(FuseNotifyInodeOut), ("ino", "Node"), ("off", "Offset"), ("len", "Length")),
        CAbi.Fields("struct fuse_notify_inval_entry_out", typeof(FuseNotifyEntryOut), ("parent", "Parent"), ("namelen", "NameLength")),
        CAbi.Struct("struct fuse_notify_delete_out", typeof(FuseNotifyDeleteOut), ("parent", "Parent"), ("child", "Child"), ("namelen", "NameLength")),
        CAbi.Struct("struct fuse_notify_store_out", typeof(FuseNotifyStoreOut), ("nodeid", "Node"), ("offset", "Offset"), ("size", "Size")),
        CAbi.Struct("struct fuse_notify_retrieve_out", typeof(FuseNotifyRetrieveOut), ("notify_unique", "NotifyUnique"), ("nodeid", "Node"), ("offset", "Offset"), ("size", "Size")),
        CAbi.Struct("struct fuse_notify_poll_wakeup_out", typeof(FuseNotifyPollOut), ("kh", "KernelHandle"))));

    [Fact]
    public void Flags() => Assert.Empty(CAbi.Differences(
        Headers,
        CAbi.Constants(
            typeof(FuseAttrBits), ("Mode", "FATTR_MODE"), ("Uid", "FATTR_UID"), ("Gid", "FATTR_GID"), ("Size", "FATTR_SIZE"), ("Atime", "FATTR_ATIME"), ("Mtime", "FATTR_MTIME"),
            ("Handle", "FATTR_FH"), ("AtimeNow", "FATTR_ATIME_NOW"), ("MtimeNow", "FATTR_MTIME_NOW"), ("LockOwner", "FATTR_LOCKOWNER"), ("Ctime", "FATTR_CTIME")),
        CAbi.Constants(
            typeof(FuseMessageFlags), ("GetAttrHandle", "FUSE_GETATTR_FH"), ("SyncDataOnly", "FUSE_FSYNC_FDATASYNC"), ("LockFlock", "FUSE_LK_FLOCK"), ("IoctlRetry", "FUSE_IOCTL_RETRY"),
            ("IoctlDirectory", "FUSE_IOCTL_DIR"), ("PollScheduleNotify", "FUSE_POLL_SCHEDULE_NOTIFY")),
        CAbi.Constants(
            typeof(FuseInitFlags), ("None", "0"), ("AsyncRead", "FUSE_ASYNC_READ"), ("PosixLocks", "FUSE_POSIX_LOCKS"), ("AtomicTruncate", "FUSE_ATOMIC_O_TRUNC"), ("ExportSupport", "FUSE_EXPORT_SUPPORT"),
            ("BigWrites", "FUSE_BIG_WRITES"), ("DontMask", "FUSE_DONT_MASK"), ("FlockLocks", "FUSE_FLOCK_LOCKS"), ("HasIoctlDir", "FUSE_HAS_IOCTL_DIR"), ("AutoInvalData", "FUSE_AUTO_INVAL_DATA"),
            ("DoReadDirPlus", "FUSE_DO_READDIRPLUS"), ("ReadDirPlusAuto", "FUSE_READDIRPLUS_AUTO"), ("AsyncDio", "FUSE_ASYNC_DIO"), ("WritebackCache", "FUSE_WRITEBACK_CACHE"),
            ("NoOpenSupport", "FUSE_NO_OPEN_SUPPORT"), ("ParallelDirOps", "FUSE_PARALLEL_DIROPS"), ("HandleKillPriv", "FUSE_HANDLE_KILLPRIV"), ("MaxPages", "FUSE_MAX_PAGES"),
            ("CacheSymlinks", "FUSE_CACHE_SYMLINKS"), ("NoOpenDirSupport", "FUSE_NO_OPENDIR_SUPPORT"), ("ExplicitInvalData", "FUSE_EXPLICIT_INVAL_DATA"), ("InitExt", "FUSE_INIT_EXT"),
            ("HasExpireOnly", "FUSE_HAS_EXPIRE_ONLY"))));

    /// <summary>Debian's headers may be older than the newest notices, which no macro tells.</summary>
    [Fact]
    public void Opcodes_and_notices() => Assert.Empty(CAbi.Differences(
        Headers,
        Enum.GetValues<FuseOpcode>().Select(static o => CAbi.Constant(
            o switch
            {
                FuseOpcode.NotifyReply => "FUSE_NOTIFY_REPLY",
                FuseOpcode.BatchForget => "FUSE_BATCH_FORGET",
                FuseOpcode.CopyFileRange => "FUSE_COPY_FILE_RANGE",
                _ => $"FUSE_{o.ToString().ToUpperInvariant()}",
            },
            (long)o)),
        [
            CAbi.Constant("FUSE_NOTIFY_POLL", (long)FuseNotifyCode.Poll),
            CAbi.Constant("FUSE_NOTIFY_INVAL_INODE", (long)FuseNotifyCode.InvalidateInode),
            CAbi.Constant("FUSE_NOTIFY_INVAL_ENTRY", (long)FuseNotifyCode.InvalidateEntry),
            CAbi.Constant("FUSE_NOTIFY_STORE", (long)FuseNotifyCode.Store),
            CAbi.Constant("FUSE_NOTIFY_RETRIEVE", (long)FuseNotifyCode.Retrieve),
            CAbi.Constant("FUSE_NOTIFY_DELETE", (long)FuseNotifyCode.Delete),
        ]));
}
