using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules;

/// <summary>
/// One kind of virtualization. A module turns mount requests into layers; it has no state of its own, so it may be called on any thread. To add one: implement this,
/// list it in <see cref="KnownModules"/>, specify it under specs/.
/// </summary>
internal interface IModule
{
    /// <summary>Name for vu_insmod; also the prefix of the mount types it claims.</summary>
    string Name { get; }

    /// <summary>The line of vu_lsmod.</summary>
    string Description { get; }

    /// <summary>Checks a request and makes the layer; may do I/O on the source, and start programs. A refusal carries an errno and one sentence for people.</summary>
    /// <param name="request">The mount.</param>
    /// <param name="run">What virtual file systems share.</param>
    /// <param name="cancel">The mount is given up.</param>
    ValueTask<LayerResult> CreateAsync(MountSpecification request, VirtualRun run, CancellationToken cancel);

    /// <summary>Its layers are served by guests: none can be mounted before there are guests.</summary>
    bool NeedsGuests => false;

    /// <summary>Modules without which this one is of no use: loaded before it.</summary>
    IReadOnlyList<string> Requires => [];

    /// <summary>A layer that is there as long as the module is loaded, such as a device; null: there is none.</summary>
    /// <param name="nextEpoch">An epoch for it.</param>
    /// <param name="run">What virtual file systems share.</param>
    Mount? OwnLayer(Func<long> nextEpoch, VirtualRun run) => null;
}

/// <summary>A mount(2) of a guest, or of the command line, after its paths were resolved in the view.</summary>
internal sealed record MountSpecification
{
    public required long Epoch { get; init; }

    public required string Type { get; init; }

    /// <summary>As given; may be a mere word for types without a source.</summary>
    public required byte[] Source { get; init; }

    /// <summary>Canonical view path of the source, null if it does not resolve (<see cref="SourceError"/> says why).</summary>
    public byte[]? SourceView { get; init; }

    /// <summary>Host path of the source at this epoch.</summary>
    public byte[]? SourceHost { get; init; }

    public Errno SourceError { get; init; }

    /// <summary>Canonical view path of the mount point.</summary>
    public required byte[] TargetView { get; init; }

    /// <summary>Host path of the mount point before this mount.</summary>
    public required byte[] TargetHost { get; init; }

    /// <summary>What the source is, where it lies in a virtual file system.</summary>
    public VirtualNode? SourceNode { get; init; }

    /// <summary>What the mount point is, where it lies in a virtual file system.</summary>
    public VirtualNode? TargetNode { get; init; }

    /// <summary>Who mounts.</summary>
    public Caller Caller { get; init; }

    /// <summary>His process; 0: the command line.</summary>
    public int Pid { get; init; }

    /// <summary>His user and group, where they are not the hypervisor's; else null.</summary>
    public (uint Uid, uint Gid)? Identity { get; init; }

    /// <summary>Epoch up to which he sees mounts; a server of a layer does not see its own.</summary>
    public long ViewEpoch { get; init; } = RoutingTable.Now;

    /// <summary>MS_* flags (mount(2)).</summary>
    public ulong Flags { get; init; }

    /// <summary>The option string.</summary>
    public string Data { get; init; } = "";
}

/// <summary>A new layer; or why there is none; or neither: the request was a server's, for a layer that somebody else waits for.</summary>
internal readonly record struct LayerResult(Mount? Mount, Errno Error, string Sentence)
{
    /// <summary>The request was a server's, and who started it goes on.</summary>
    public static readonly LayerResult Taken = new(null, Errno.None, "");

    public static LayerResult Refuse(Errno error, string sentence) => new(null, error, sentence);
}

/// <summary>mount(2) flags (include/uapi/linux/mount.h).</summary>
internal static class MountFlag
{
    public const ulong ReadOnly = 1, NoExec = 8, Remount = 32, Bind = 4096, Move = 8192, Recursive = 16384, Silent = 32768,
        Propagation = (1 << 17) | (1 << 18) | (1 << 19) | (1 << 20);
}
