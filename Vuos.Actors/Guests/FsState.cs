namespace Vuos.Actors.Guests;

/// <summary>What CLONE_FS shares: the working directory and the root, as canonical view paths.</summary>
internal sealed class FsState
{
    /// <summary>View path of the working directory; null until the first call that needs it (then it is the host's own).</summary>
    public byte[]? Cwd { get; set; }

    /// <summary>View path of the root that chroot(2) set; empty: none.</summary>
    public byte[] Root { get; set; } = [];

    public FsState Copy() => new() { Cwd = Cwd, Root = Root };
}
