namespace Vuos.Native.Fuse;

/// <summary>What a message to a FUSE server asks (<c>enum fuse_opcode</c>, include/uapi/linux/fuse.h).</summary>
public enum FuseOpcode : uint
{
    Lookup = 1, Forget = 2, GetAttr = 3, SetAttr = 4, ReadLink = 5, SymLink = 6, MkNod = 8, MkDir = 9, Unlink = 10, RmDir = 11, Rename = 12, Link = 13, Open = 14, Read = 15, Write = 16,
    StatFs = 17, Release = 18, FSync = 20, SetXAttr = 21, GetXAttr = 22, ListXAttr = 23, RemoveXAttr = 24, Flush = 25, Init = 26, OpenDir = 27, ReadDir = 28, ReleaseDir = 29, FSyncDir = 30,
    GetLk = 31, SetLk = 32, SetLkW = 33, Access = 34, Create = 35, Interrupt = 36, BMap = 37, Destroy = 38, Ioctl = 39, Poll = 40, NotifyReply = 41, BatchForget = 42, FAllocate = 43,
    ReadDirPlus = 44, Rename2 = 45, LSeek = 46, CopyFileRange = 47, SyncFs = 50, TmpFile = 51,
}

/// <summary>What a server tells unasked: the error field of a message whose unique is 0 (<c>enum fuse_notify_code</c>).</summary>
public enum FuseNotifyCode
{
    Poll = 1, InvalidateInode = 2, InvalidateEntry = 3, Store = 4, Retrieve = 5, Delete = 6, Resend = 7, IncrementEpoch = 8, Prune = 9,
}
