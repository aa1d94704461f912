using Vuos.Actors.Virtual;

namespace Vuos.Actors.Guests;

/// <summary>What CLONE_FS shares: the working directory and the root, as canonical view paths.</summary>
internal sealed class FsState
{
    /// <summary>View path of the working directory; null until the first call that needs it (then it is the host's own).</summary>
    public byte[]? Cwd { get; private set; }

    /// <summary>The working directory itself, when it is in a virtual file system: the name may mean something else by now, or nothing.</summary>
    public (VirtualLayer Layer, VirtualNode Node)? Within { get; private set; }

    /// <summary>View path of the root that chroot(2) set; empty: none.</summary>
    public byte[] Root { get; set; } = [];

    /// <summary>Processes that are no threads of each other have it (CLONE_FS).</summary>
    public bool IsShared { get; set; }

    public FsState Copy() => new() { Cwd = Cwd, Within = Within, Root = Root };

    public void Enter(byte[]? cwd, (VirtualLayer Layer, VirtualNode Node)? within = null) => (Cwd, Within) = (cwd, within);

    /// <summary>The same directory has another name.</summary>
    public void Rename(byte[] cwd) => Cwd = cwd;
}
