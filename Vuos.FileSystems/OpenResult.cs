namespace Vuos.FileSystems;

/// <summary>How an open file is to be treated (FOPEN_* of include/uapi/linux/fuse.h, same values).</summary>
[Flags]
public enum OpenTraits : uint
{
    None = 0,

    /// <summary>Every read and write goes to the file system; nothing is cached (FOPEN_DIRECT_IO).</summary>
    Direct = 1,

    /// <summary>What is cached of the content from earlier opens stays valid (FOPEN_KEEP_CACHE).</summary>
    KeepCache = 2,

    /// <summary>There is no file position; lseek gives ESPIPE (FOPEN_NONSEEKABLE).</summary>
    NonSeekable = 4,

    /// <summary>The listing of this directory may be cached (FOPEN_CACHE_DIR).</summary>
    CacheDirectory = 8,

    /// <summary>A stream: no position, and reads and writes do not exclude each other (FOPEN_STREAM).</summary>
    Stream = 16,

    /// <summary>No flush at close (FOPEN_NOFLUSH).</summary>
    NoFlush = 32,
}

/// <summary>An open file or directory.</summary>
/// <param name="Handle">Chosen by the file system; given back to it in every operation on this open file.</param>
/// <param name="Traits">How it is treated.</param>
public readonly record struct OpenResult(ulong Handle, OpenTraits Traits = OpenTraits.None);

/// <summary>A file made and opened in one.</summary>
public readonly record struct CreateResult(NodeEntry Entry, OpenResult Open);

/// <summary>One name of a directory.</summary>
/// <param name="Name">Without a NUL; "." and ".." included where the file system has them.</param>
/// <param name="Inode">As in <see cref="NodeAttributes.Inode"/>.</param>
/// <param name="Mode">File type bits of st_mode; 0: unknown.</param>
/// <param name="Offset">Where reading goes on after this entry; opaque, not 0.</param>
/// <param name="Entry">With READDIRPLUS what <see cref="IFileSystem.LookupAsync"/> would say; counts as a look-up.</param>
public readonly record struct DirectoryEntry(byte[] Name, ulong Inode, uint Mode, long Offset, NodeEntry? Entry = null);

/// <summary>statfs(2); all blocks are of <see cref="BlockSize"/> bytes.</summary>
public record struct FileSystemStatus
{
    public long Blocks { get; set; }

    public long FreeBlocks { get; set; }

    /// <summary>Free for users who are not root.</summary>
    public long AvailableBlocks { get; set; }

    public long Files { get; set; }

    public long FreeFiles { get; set; }

    public uint BlockSize { get; set; }

    public uint FragmentSize { get; set; }

    public uint NameLength { get; set; }

    /// <summary>f_type; 0: FUSE_SUPER_MAGIC.</summary>
    public uint Type { get; set; }
}
