namespace Vuos.FileSystems;

/// <summary>What a file system is started with.</summary>
public sealed record MountRequest
{
    /// <summary>The mount type, e.g. <c>vufusememory</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The source as the user gave it; may be a mere word.</summary>
    public required string Source { get; init; }

    /// <summary>The source as a path on the host, as older layers show it; null: it does not resolve to one.</summary>
    public string? SourcePath { get; init; }

    /// <summary>The options of <c>-o</c>, without those every layer knows (ro, nosuid, …); a word without a value has "".</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    public bool ReadOnly { get; init; }

    /// <summary>Who mounts.</summary>
    public Caller Caller { get; init; }

    /// <summary>Takes one sentence for the user, without a stop: why the mount is refused, or what he should know of one that is not.</summary>
    public Action<string> Say { get; init; } = static _ => { };

    /// <summary>Where a file system that changes by itself tells so, at any time until it is disposed; null: nothing is remembered longer than it says.</summary>
    public IInvalidation? Invalidation { get; init; }
}

/// <summary>What the hypervisor needs to know of a file system before it is used.</summary>
public sealed record FileSystemTraits
{
    /// <summary>Id of the root node. It need not be a directory: a device is mounted on a file.</summary>
    public ulong Root { get; init; } = 1;

    /// <summary>Bytes of the greatest write it takes at once.</summary>
    public int MaxWrite { get; init; } = 128 * 1024;

    /// <summary>Bytes of the greatest read.</summary>
    public int MaxRead { get; init; } = 128 * 1024;

    /// <summary>The hypervisor checks permissions by mode and owner (<c>default_permissions</c>); else the file system does.</summary>
    public bool DefaultPermissions { get; init; }

    /// <summary>Users other than the one who mounts may use it (<c>allow_other</c>).</summary>
    public bool AllowOther { get; init; } = true;

    /// <summary>The file system takes O_TRUNC in open itself (FUSE_ATOMIC_O_TRUNC).</summary>
    public bool AtomicTruncate { get; init; }

    /// <summary>It applies the umask itself (FUSE_DONT_MASK).</summary>
    public bool AppliesUmask { get; init; }

    /// <summary>Nothing can be changed in it: it is mounted read-only, so the answer is EROFS whoever asks.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Locks (flock, fcntl) are its business; else they hold among the guests of this run.</summary>
    public bool Locks { get; init; }

    /// <summary>Cached content is dropped when size or modification time changed outside (FUSE_AUTO_INVAL_DATA).</summary>
    public bool AutoInvalidate { get; init; }

    /// <summary>For /proc/self/mounts, after <c>rw</c> or <c>ro</c>; e.g. <c>user_id=0,group_id=0</c>.</summary>
    public string Shown { get; init; } = "";
}
