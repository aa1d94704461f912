using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Virtual;

namespace Vuos.Actors.Views;

/// <summary>
/// One layer as the tracer sees it. A bind is a pure translation of names: everything below <see cref="Target"/> in the view is found below <see cref="Source"/> in the view
/// of older layers (smaller epochs). With a <see cref="Union"/> names are found in the source first, then at the target itself as older layers show it.
/// Immutable; a change makes a new one with the same <see cref="Epoch"/>.
/// </summary>
internal sealed record Mount
{
    /// <summary>Mount order, from 1; also the identity of the layer.</summary>
    public required long Epoch { get; init; }

    /// <summary>Canonical view path.</summary>
    public required byte[] Target { get; init; }

    /// <summary>Canonical view path at this epoch; null: the names are hidden (the old place of a moved tree).</summary>
    public required byte[]? Source { get; init; }

    /// <summary>The mount type, e.g. <c>vufs</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Source as the user gave it, for /proc/self/mounts.</summary>
    public required byte[] Shown { get; init; }

    /// <summary>Merge, cow and mincow; null: a bind.</summary>
    public Union? Union { get; init; }

    /// <summary>A file system of its own, without a place on the host; null: names lead to the host.</summary>
    public VirtualLayer? Virtual { get; init; }

    /// <summary>Names made of the target's and decimal digits belong to it too (/dev/hda1).</summary>
    public bool HasSubdevices { get; init; }

    /// <summary>Whether it is a place that names lead to; else it only hides them.</summary>
    public bool Shows => Source is not null || Virtual is not null;

    public bool ReadOnly { get; init; }

    /// <summary>No execution below the target.</summary>
    public bool NoExec { get; init; }

    public bool Permanent { get; init; }

    /// <summary>Comes and goes with its module; not listed among the mounts.</summary>
    public bool OfModule { get; init; }

    /// <summary>Moved: the source is no longer seen at its old place.</summary>
    public bool HidesSource { get; init; }

    /// <summary>Detached (umount -d): guests no longer see it, layers mounted while it was there still do.</summary>
    public bool Detached { get; init; }

    /// <summary>Paths below the target, each beginning with a slash, that this mount does not handle.</summary>
    public byte[][] Except { get; init; } = [];

    /// <summary>Options as shown in /proc/self/mounts, after ro or rw.</summary>
    public string Options { get; init; } = "";

    /// <summary>Whether a path at or below the target is handled by this mount.</summary>
    public bool Handles(ReadOnlySpan<byte> path)
    {
        foreach (var except in Except)
        {
            if (BytePath.IsAtOrBelow(path[Target.Length..], except))
                return false;
        }

        return true;
    }
}
