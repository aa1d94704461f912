using Vuos.Actors.Virtual;

namespace Vuos.Actors.Guests;

/// <summary>What threads share by CLONE_FS: the working directory and the root, as names in the view. Tracer thread only.</summary>
internal sealed class FsState
{
    /// <summary>View path of the working directory; null until the first call that needs it (then it is the host's own).</summary>
    public byte[]? Cwd { get; private set; }

    /// <summary>The working directory itself, when it is in a virtual file system: it may have lost its name.</summary>
    public VirtualNode? CwdNode { get; private set; }

    /// <summary>View path of the root that chroot(2) set; empty: none.</summary>
    public byte[] Root { get; set; } = [];

    public FsState Copy() => new() { Cwd = Cwd, CwdNode = CwdNode, Root = Root };

    public void Enter(byte[]? cwd, VirtualNode? node = null) => (Cwd, CwdNode) = (cwd, node);

    /// <summary>The same directory has another name.</summary>
    public void Rename(byte[] cwd) => Cwd = cwd;
}
