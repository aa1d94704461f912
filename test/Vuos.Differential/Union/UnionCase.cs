using Vuos.Differential.Harness;

namespace Vuos.Differential.Union;

/// <summary>What a union is compared with.</summary>
public enum Model
{
    /// <summary>The kernel's overlayfs over the same lower tree.</summary>
    Overlay,

    /// <summary>A writable copy of the lower tree that belongs to whoever runs the program.</summary>
    Copy,

    /// <summary>A writable copy with the owners of the lower tree, and root: what an unprivileged user is shown by virtual ownership.</summary>
    CopyAsRoot,
}

/// <summary>One way to compare a vufs mode with a model.</summary>
/// <param name="Name">For reports.</param>
/// <param name="User">Who runs the program under the hypervisor.</param>
/// <param name="Mode">Option of the mount.</param>
/// <param name="Model">What it is compared with.</param>
/// <param name="Make">Letters of <c>ops make</c>.</param>
/// <param name="Letters">Letters of <c>ops run</c>.</param>
public sealed record UnionCase(string Name, User User, string Mode, Model Model, string Make, string Letters)
{
    /// <summary>The lower tree may be written: by a mode whose writes go to the target.</summary>
    public bool WritesLower => Mode is "merge" or "mincow";

    /// <summary>The lower tree belongs to the user, not to root or to the foreign user of <see cref="Model.CopyAsRoot"/>.</summary>
    public bool LowerIsOwn { get; init; }

    /// <summary>All comparisons.</summary>
    /// <remarks>
    /// An unprivileged user cannot read what the host forbids, so no letter s at its <c>make</c>; against a plain copy it cannot chown
    /// or mknod, so no d and o. Link counts: the lower tree has hard links (l) only against overlayfs, which breaks them at copy-up as
    /// vufs does. What the owner's own mode bits forbid an unprivileged user on the way to a name is not kept in all cases (no s at its
    /// <c>run</c> either). With mincow and merge no s either: what the owner's own mode bits forbid is then a reason to copy up, by design.
    /// </remarks>
    public static IReadOnlyList<UnionCase> All { get; } =
    [
        new("root, cow against overlayfs", User.Root, "cow", Model.Overlay, "doxs", "doxs"),
        new("root, cow with hard links below against overlayfs", User.Root, "cow", Model.Overlay, "doxl", "doxu"),
        new("nobody, cow against a copy", User.Nobody, "cow", Model.Copy, "x", "x"),
        new("nobody, cow with virtual owners against root's copy", User.Nobody, "cow", Model.CopyAsRoot, "dox", "doxv"),
        new("nobody, mincow over a foreign tree against a copy", User.Nobody, "mincow", Model.Copy, "x", "x"),
        new("nobody, mincow over an own tree against a copy", User.Nobody, "mincow", Model.Copy, "x", "x") { LowerIsOwn = true },
        new("root, merge with an empty source against a copy", User.Root, "merge", Model.Copy, "dox", "dox") { LowerIsOwn = true },
    ];
}
