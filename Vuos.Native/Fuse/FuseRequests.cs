using System.Runtime.InteropServices;

namespace Vuos.Native.Fuse;

/// <summary><c>struct fuse_forget_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseForgetIn
{
    public ulong Lookups;
}

/// <summary><c>struct fuse_forget_one</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseForgetOne
{
    public ulong Node, Lookups;
}

/// <summary><c>struct fuse_batch_forget_in</c>: that many <see cref="FuseForgetOne"/> follow.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseBatchForgetIn
{
    public uint Count, Padding;
}

/// <summary><c>struct fuse_getattr_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseGetAttrIn
{
    public uint Flags, Padding;
    public ulong Handle;
}

/// <summary><c>struct fuse_setattr_in</c>, 88 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseSetAttrIn
{
    public uint Valid, Padding;
    public ulong Handle, Size, LockOwner;
    public long Atime, Mtime, Ctime;
    public uint AtimeNsec, MtimeNsec, CtimeNsec, Mode, Padding4, Uid, Gid, Padding5;
}

/// <summary><c>struct fuse_mknod_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseMkNodIn
{
    public uint Mode, Device, Umask, Padding;
}

/// <summary><c>struct fuse_mkdir_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseMkDirIn
{
    public uint Mode, Umask;
}

/// <summary><c>struct fuse_rename_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseRenameIn
{
    public ulong NewParent;
}

/// <summary><c>struct fuse_rename2_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseRename2In
{
    public ulong NewParent;
    public uint Flags, Padding;
}

/// <summary><c>struct fuse_link_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseLinkIn
{
    public ulong OldNode;
}

/// <summary><c>struct fuse_open_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseOpenIn
{
    public uint Flags, OpenFlags;
}

/// <summary><c>struct fuse_create_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseCreateIn
{
    public uint Flags, Mode, Umask, OpenFlags;
}

/// <summary><c>struct fuse_release_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseReleaseIn
{
    public ulong Handle;
    public uint Flags, ReleaseFlags;
    public ulong LockOwner;
}

/// <summary><c>struct fuse_flush_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseFlushIn
{
    public ulong Handle;
    public uint PaddingUnused, Padding;
    public ulong LockOwner;
}

/// <summary><c>struct fuse_read_in</c>; of READ, READDIR and READDIRPLUS.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseReadIn
{
    public ulong Handle, Offset;
    public uint Size, ReadFlags;
    public ulong LockOwner;
    public uint Flags, Padding;
}

/// <summary><c>struct fuse_write_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseWriteIn
{
    public ulong Handle, Offset;
    public uint Size, WriteFlags;
    public ulong LockOwner;
    public uint Flags, Padding;
}

/// <summary><c>struct fuse_fsync_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseFSyncIn
{
    public ulong Handle;
    public uint Flags, Padding;
}

/// <summary><c>struct fuse_setxattr_in</c> without what FUSE_SETXATTR_EXT adds, which we do not offer (<see cref="FuseCompat.SetXAttrIn"/>).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseSetXAttrIn
{
    public uint Size, Flags;
}

/// <summary><c>struct fuse_getxattr_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseGetXAttrIn
{
    public uint Size, Padding;
}

/// <summary><c>struct fuse_file_lock</c>: bytes from start to end, both included; type as F_RDLCK, F_WRLCK, F_UNLCK.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseFileLock
{
    public ulong Start, End;
    public uint Type, Pid;
}

/// <summary><c>struct fuse_lk_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseLkIn
{
    public ulong Handle, Owner;
    public FuseFileLock Lock;
    public uint Flags, Padding;
}

/// <summary><c>struct fuse_access_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseAccessIn
{
    public uint Mask, Padding;
}

/// <summary><c>struct fuse_interrupt_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseInterruptIn
{
    public ulong Unique;
}

/// <summary><c>struct fuse_ioctl_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseIoctlIn
{
    public ulong Handle;
    public uint Flags, Command;
    public long Argument;
    public uint InSize, OutSize;
}

/// <summary><c>struct fuse_poll_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FusePollIn
{
    public ulong Handle, KernelHandle;
    public uint Flags, Events;
}

/// <summary><c>struct fuse_fallocate_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseFAllocateIn
{
    public ulong Handle, Offset, Length;
    public uint Mode, Padding;
}

/// <summary><c>struct fuse_lseek_in</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseLSeekIn
{
    public ulong Handle, Offset;
    public uint Whence, Padding;
}

/// <summary><c>struct fuse_notify_retrieve_in</c>: our answer to a RETRIEVE.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseNotifyRetrieveIn
{
    public ulong Padding1, Offset;
    public uint Size, Padding2;
    public ulong Padding3, Padding4;
}
