using Akka.Configuration;

namespace Vuos.Actors.Virtual.Content;

/// <summary>How contents are loaded, written back and kept: <c>vuos.virtual</c> of the settings, and what only tests change.</summary>
internal sealed record ContentSettings
{
    /// <summary>Bytes. A larger file is loaded piecewise, as it is read (<see cref="FileContent.IsPartial"/>).</summary>
    public long WholeFileLimit { get; init; } = 64 << 20;

    /// <summary>Bytes of contents that a layer keeps although nobody has them open.</summary>
    public long CacheBytes { get; init; } = 256 << 20;

    /// <summary>Contents that a layer keeps although nobody has them open, however small: each takes a descriptor of the hypervisor.</summary>
    public int CacheFiles { get; init; } = 1000;

    /// <summary>Bytes that are kept of one partial file while it is open; what is in use or not written back may exceed it.</summary>
    public long PartialBytes { get; init; } = 64 << 20;

    /// <summary>Reads that a load has under way at a time.</summary>
    public int ReadsInFlight { get; init; } = 4;

    /// <summary>Writes that a write-back has under way at a time. 1: in the order of offsets, for a file system that cannot write at random.</summary>
    public int WritesInFlight { get; init; } = 4;

    /// <summary>Handles of one class (reading, writing) kept at the file system for one file; those of further opens are released at once.</summary>
    public int HandlesKept { get; init; } = 32;

    /// <summary>How often a file that inotify could not watch is asked whether it is still open.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(1);

    public static ContentSettings From(Config config)
    {
        var otherwise = new ContentSettings();
        return otherwise with
        {
            WholeFileLimit = config.GetByteSize("vuos.virtual.whole-file-limit", otherwise.WholeFileLimit) ?? otherwise.WholeFileLimit,
            PartialBytes = config.GetByteSize("vuos.virtual.partial-bytes", otherwise.PartialBytes) ?? otherwise.PartialBytes,
            CacheBytes = config.GetByteSize("vuos.virtual.cache-bytes", otherwise.CacheBytes) ?? otherwise.CacheBytes,
        };
    }
}
