using Vuos.Actors.Guests;

namespace Vuos.Actors.Tracing;

/// <summary>A program that a layer runs as a guest.</summary>
internal sealed record GuestLaunch
{
    /// <summary>With the program's name or path first; without NUL.</summary>
    public required IReadOnlyList<byte[]> Arguments { get; init; }

    public required IReadOnlyList<byte[]> Environment { get; init; }

    /// <summary>It sees mounts older than this.</summary>
    public required long Epoch { get; init; }

    /// <summary>What it must trap from the start.</summary>
    public required FilterStage Filters { get; init; }

    /// <summary>Descriptor of ours to which its output and errors go.</summary>
    public required int Output { get; init; }

    /// <summary>As whom it runs; null: as the hypervisor.</summary>
    public (uint Uid, uint Gid)? Identity { get; init; }

    /// <summary>Called on the tracer thread with its shell status.</summary>
    public required Action<int> Ended { get; init; }
}
