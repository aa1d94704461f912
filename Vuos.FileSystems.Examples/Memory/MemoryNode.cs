using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>One file, directory, link or special file in memory. Not locked: its file system is.</summary>
internal sealed class MemoryNode
{
    public const uint SetUid = 0x800, SetGid = 0x400, GroupExecute = 8;

    public MemoryNode(uint mode, Caller owner)
    {
        Mode = mode;
        Uid = owner.Uid;
        Gid = owner.Gid;
        AccessTime = ModifyTime = ChangeTime = TimeSpec.Now;
        Links = mode.IsType(FileType.Directory) ? 2u : 1u;
    }

    public ulong Id { get; set; }

    /// <summary>As st_mode.</summary>
    public uint Mode { get; set; }

    public uint Uid { get; set; }

    public uint Gid { get; set; }

    public uint Links { get; set; }

    /// <summary>Of a device node, as <see cref="NodeAttributes.Device"/>.</summary>
    public uint Device { get; init; }

    public TimeSpec AccessTime { get; set; }

    public TimeSpec ModifyTime { get; set; }

    public TimeSpec ChangeTime { get; set; }

    /// <summary>Of a regular file.</summary>
    public SparseContent? Content { get; init; }

    /// <summary>Of a directory.</summary>
    public MemoryDirectory? Directory { get; set; }

    /// <summary>Of a symbolic link.</summary>
    public byte[]? Target { get; init; }

    /// <summary>Without a name, but link(2) may give it one (O_TMPFILE without O_EXCL).</summary>
    public bool Linkable { get; set; }

    public Dictionary<byte[], byte[]> Extended { get; } = new(FileName.Comparer);

    public NodeAttributes Attributes => new()
    {
        Inode = Id,
        Mode = Mode,
        Uid = Uid,
        Gid = Gid,
        Links = Links,
        Device = Device,
        Size = Content?.Size ?? Target?.Length ?? (Directory is null ? 0 : 20 * (Directory.Count + 2)),
        Blocks = (Content?.Count ?? 0) * (SparseContent.BlockSize / 512),
        BlockSize = SparseContent.BlockSize,
        AccessTime = AccessTime,
        ModifyTime = ModifyTime,
        ChangeTime = ChangeTime,
    };

    /// <summary>Content or names changed.</summary>
    public void Modified() => ModifyTime = ChangeTime = TimeSpec.Now;

    /// <summary>Attributes or links changed.</summary>
    public void Changed() => ChangeTime = TimeSpec.Now;

    /// <summary>A changed program no longer runs with its owner's rights (file_remove_privs, fs/inode.c).</summary>
    public void DropPrivileges()
    {
        if (Content is null)
            return;
        Mode &= ~SetUid;
        if ((Mode & GroupExecute) != 0)
            Mode &= ~SetGid;
    }
}

/// <summary>Tests of st_mode.</summary>
internal static class ModeExtensions
{
    public static bool IsType(this uint mode, uint type) => (mode & FileType.Mask) == type;
}
