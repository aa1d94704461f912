using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>INIT: what we offer and what the server chose of it (fs/fuse/inode.c, process_init_reply).</summary>
internal sealed record FuseNegotiation
{
    /// <summary>
    /// What the hypervisor does. Not offered: EXPORT_SUPPORT (nobody exports a view), WRITEBACK_CACHE (times and sizes stay the server's, and files are opened as guests open them), MAX_PAGES (one message
    /// would need physically contiguous memory far over 128 KiB), SETXATTR_EXT, POSIX_ACL, SECURITY_CTX, DAX, passthrough.
    /// </summary>
    private const FuseInitFlags Offered = FuseInitFlags.AsyncRead | FuseInitFlags.PosixLocks | FuseInitFlags.AtomicTruncate | FuseInitFlags.BigWrites | FuseInitFlags.DontMask
        | FuseInitFlags.FlockLocks | FuseInitFlags.HasIoctlDir | FuseInitFlags.AutoInvalData | FuseInitFlags.DoReadDirPlus | FuseInitFlags.ReadDirPlusAuto | FuseInitFlags.AsyncDio
        | FuseInitFlags.NoOpenSupport | FuseInitFlags.ParallelDirOps | FuseInitFlags.HandleKillPriv | FuseInitFlags.CacheSymlinks | FuseInitFlags.NoOpenDirSupport
        | FuseInitFlags.ExplicitInvalData | FuseInitFlags.InitExt | FuseInitFlags.HasExpireOnly;

    public uint Minor { get; private init; }

    public FuseInitFlags Flags { get; private init; }

    /// <summary>Bytes.</summary>
    public uint MaxWrite { get; private init; }

    public static FuseInitIn Offer(int maxReadAhead) => new()
    {
        Major = FuseProtocol.Major,
        Minor = FuseProtocol.Minor,
        MaxReadAhead = (uint)maxReadAhead,
        Flags = (uint)((ulong)Offered & uint.MaxValue),
        Flags2 = (uint)((ulong)Offered >> 32),
    };

    /// <summary>Null: the server does not speak version 7.</summary>
    public static FuseNegotiation? Of(in FuseInitOut answer)
    {
        if (answer.Major != FuseProtocol.Major)
            return null;
        var minor = Math.Min(answer.Minor, FuseProtocol.Minor);
        var flags = minor >= FuseCompat.FlagsMinor ? (FuseInitFlags)answer.Flags : FuseInitFlags.None;
        if ((flags & FuseInitFlags.InitExt) != 0)
            flags |= (FuseInitFlags)((ulong)answer.Flags2 << 32);
        return new FuseNegotiation
        {
            Minor = minor,
            Flags = flags & Offered,
            MaxWrite = minor >= FuseCompat.MaxWriteMinor ? Math.Max(4096, answer.MaxWrite) : 4096,
        };
    }

    public bool Has(FuseInitFlags flag) => (Flags & flag) != 0;

    /// <summary>The traits known before, completed.</summary>
    public FileSystemTraits Complete(FileSystemTraits traits, int maxTransfer) => traits with
    {
        // Without BIG_WRITES a write is a page at most (fs/fuse/file.c, fuse_fill_write_pages).
        MaxWrite = (int)Math.Min(Has(FuseInitFlags.BigWrites) ? MaxWrite : 4096, (uint)maxTransfer),
        AtomicTruncate = Has(FuseInitFlags.AtomicTruncate),
        AppliesUmask = Has(FuseInitFlags.DontMask),
        Locks = Has(FuseInitFlags.PosixLocks | FuseInitFlags.FlockLocks),
        AutoInvalidate = Has(FuseInitFlags.AutoInvalData) && !Has(FuseInitFlags.ExplicitInvalData),
    };
}
