using System.Runtime.InteropServices;

namespace Vuos.Native.Fuse;

/// <summary><c>struct fuse_attr</c>, 88 bytes; before 7.9 without the last two fields.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseAttr
{
    /// <summary>Bytes; blocks are units of 512.</summary>
    public ulong Inode, Size, Blocks;

    /// <summary>Seconds; negative before 1970.</summary>
    public long Atime, Mtime, Ctime;
    public uint AtimeNsec, MtimeNsec, CtimeNsec, Mode, Links, Uid, Gid, Device, BlockSize, Flags;
}

/// <summary><c>struct fuse_entry_out</c>, 128 bytes (<see cref="FuseCompat.EntryOut"/> before 7.9).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseEntryOut
{
    public const int SizeOf = 128;

    public ulong Node, Generation, EntryValid, AttrValid;
    public uint EntryValidNsec, AttrValidNsec;
    public FuseAttr Attr;
}

/// <summary><c>struct fuse_attr_out</c>, 104 bytes (<see cref="FuseCompat.AttrOut"/> before 7.9).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseAttrOut
{
    public ulong AttrValid;
    public uint AttrValidNsec, Padding;
    public FuseAttr Attr;
}

/// <summary><c>struct fuse_open_out</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseOpenOut
{
    public ulong Handle;
    public uint OpenFlags, Padding;
}

/// <summary><c>struct fuse_write_out</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseWriteOut
{
    public uint Size, Padding;
}

/// <summary><c>struct fuse_kstatfs</c>, 80 bytes (<see cref="FuseCompat.StatFsOut"/> before 7.4).</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct FuseStatFsOut
{
    public ulong Blocks, FreeBlocks, AvailableBlocks, Files, FreeFiles;
    public uint BlockSize, NameLength, FragmentSize, Padding;
    private fixed uint _padding[6];
}

/// <summary><c>struct fuse_ioctl_out</c>; the data for the guest follows.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseIoctlOut
{
    public int Result;
    public uint Flags, InVectors, OutVectors;
}

/// <summary><c>struct fuse_poll_out</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FusePollOut
{
    public uint Events, Padding;
}

/// <summary><c>struct fuse_lseek_out</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseLSeekOut
{
    public ulong Offset;
}

/// <summary><c>struct fuse_dirent</c>: the name follows, and the next record begins at a multiple of 8 bytes. 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseDirent
{
    public const int SizeOf = 24;

    public ulong Inode, Offset;

    /// <summary>Type: the type bits of st_mode, shifted right by 12.</summary>
    public uint NameLength, Type;

    /// <summary>Bytes from one record to the next (FUSE_REC_ALIGN).</summary>
    public static long Aligned(long length) => (length + 7) & ~7L;
}

/// <summary><c>struct fuse_notify_inval_inode_out</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseNotifyInodeOut
{
    public ulong Node;
    public long Offset, Length;
}

/// <summary><c>struct fuse_notify_inval_entry_out</c>; the name and a NUL follow.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseNotifyEntryOut
{
    public ulong Parent;
    public uint NameLength, Flags;
}

/// <summary><c>struct fuse_notify_delete_out</c>; the name and a NUL follow.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseNotifyDeleteOut
{
    public ulong Parent, Child;
    public uint NameLength, Padding;
}

/// <summary><c>struct fuse_notify_store_out</c>; the data follows.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseNotifyStoreOut
{
    public ulong Node, Offset;
    public uint Size, Padding;
}

/// <summary><c>struct fuse_notify_retrieve_out</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseNotifyRetrieveOut
{
    public ulong NotifyUnique, Node, Offset;
    public uint Size, Padding;
}

/// <summary><c>struct fuse_notify_poll_wakeup_out</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseNotifyPollOut
{
    public ulong KernelHandle;
}
