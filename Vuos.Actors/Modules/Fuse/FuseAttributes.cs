using Vuos.FileSystems;
using Vuos.Native.Fuse;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>From the structs of answers to the values of <see cref="IFileSystem"/>, with the checks of the kernel (fs/fuse/dir.c, fs/fuse/inode.c).</summary>
internal static class FuseAttributes
{
    private const uint MaxNanoseconds = 999_999_999;

    /// <summary>fuse_invalid_attr: an unknown file type, or a size that is no off_t.</summary>
    public static bool Invalid(in FuseAttr attr) => !KnownType(attr.Mode) || attr.Size > long.MaxValue;

    /// <summary>fuse_valid_type.</summary>
    public static bool KnownType(uint mode) =>
        (mode & FileType.Mask) is FileType.Regular or FileType.Directory or FileType.Link or FileType.Char or FileType.Block or FileType.Fifo or FileType.Socket;

    public static NodeAttributes Attributes(in FuseAttr attr) => new()
    {
        Inode = attr.Inode,
        Size = (long)attr.Size,
        Blocks = (long)attr.Blocks,
        AccessTime = new TimeSpec(attr.Atime, Math.Min(attr.AtimeNsec, MaxNanoseconds)),
        ModifyTime = new TimeSpec(attr.Mtime, Math.Min(attr.MtimeNsec, MaxNanoseconds)),
        ChangeTime = new TimeSpec(attr.Ctime, Math.Min(attr.CtimeNsec, MaxNanoseconds)),
        Mode = attr.Mode,
        Links = attr.Links,
        Uid = attr.Uid,
        Gid = attr.Gid,
        Device = attr.Device,
        BlockSize = attr.BlockSize,
    };

    public static NodeEntry Entry(in FuseEntryOut entry) =>
        new(entry.Node, entry.Generation, Attributes(entry.Attr), Validity(entry.EntryValid, entry.EntryValidNsec), Validity(entry.AttrValid, entry.AttrValidNsec));

    /// <summary>A time of validity: servers say "for ever" with any great number.</summary>
    public static TimeSpan Validity(ulong seconds, uint nanoseconds) =>
        seconds >= (ulong)TimeSpan.MaxValue.TotalSeconds - 1
            ? TimeSpan.MaxValue
            : TimeSpan.FromTicks((long)seconds * TimeSpan.TicksPerSecond + Math.Min(nanoseconds, MaxNanoseconds) / TimeSpan.NanosecondsPerTick);

    /// <summary>What SETATTR changes (iattr_to_fattr); <paramref name="type"/>: the node's type, which the mode carries along.</summary>
    public static FuseSetAttrIn Change(AttributeChange change, ulong? handle, uint type, uint minor)
    {
        var message = new FuseSetAttrIn();
        if (change.Mode is { } mode)
            (message.Valid, message.Mode) = (message.Valid | FuseAttrBits.Mode, (mode & ~FileType.Mask) | type);
        if (change.Uid is { } uid)
            (message.Valid, message.Uid) = (message.Valid | FuseAttrBits.Uid, uid);
        if (change.Gid is { } gid)
            (message.Valid, message.Gid) = (message.Valid | FuseAttrBits.Gid, gid);
        if (change.Size is { } size)
            (message.Valid, message.Size) = (message.Valid | FuseAttrBits.Size, (ulong)size);
        if (change.AccessTime is { } access)
            (message.Valid, message.Atime, message.AtimeNsec) = (message.Valid | FuseAttrBits.Atime, access.Seconds, access.Nanoseconds);
        if (change.ModifyTime is { } modify)
            (message.Valid, message.Mtime, message.MtimeNsec) = (message.Valid | FuseAttrBits.Mtime, modify.Seconds, modify.Nanoseconds);
        if (change.ChangeTime is { } changed && minor >= FuseCompat.CtimeMinor)
            (message.Valid, message.Ctime, message.CtimeNsec) = (message.Valid | FuseAttrBits.Ctime, changed.Seconds, changed.Nanoseconds);
        if (change.AccessNow)
            (message.Valid, message.Atime, message.AtimeNsec) = (message.Valid | FuseAttrBits.Atime | FuseAttrBits.AtimeNow, TimeSpec.Now.Seconds, TimeSpec.Now.Nanoseconds);
        if (change.ModifyNow)
            (message.Valid, message.Mtime, message.MtimeNsec) = (message.Valid | FuseAttrBits.Mtime | FuseAttrBits.MtimeNow, TimeSpec.Now.Seconds, TimeSpec.Now.Nanoseconds);
        if (handle is { } open)
            (message.Valid, message.Handle) = (message.Valid | FuseAttrBits.Handle, open);
        return message;
    }
}
