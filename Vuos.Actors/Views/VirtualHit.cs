using Vuos.Actors.Virtual;

namespace Vuos.Actors.Views;

/// <summary>What a layer must fetch before a path can be resolved.</summary>
internal enum Fetch : byte
{
    Nothing,

    /// <summary>The file system is not started yet.</summary>
    Start,

    /// <summary>The names of <see cref="VirtualHit.Rest"/>, from <see cref="VirtualHit.From"/> on.</summary>
    Names,

    /// <summary>The target of the link <see cref="VirtualHit.From"/>.</summary>
    Target,

    /// <summary>The attributes of <see cref="VirtualHit.From"/>.</summary>
    Attributes,
}

/// <summary>Where in a virtual file system a path led. Reused with its <see cref="Resolution"/>.</summary>
internal sealed class VirtualHit
{
    public VirtualLayer? Layer { get; set; }

    public Mount? Mount { get; set; }

    /// <summary>What the path names; null: nothing, but its directory exists.</summary>
    public VirtualNode? Node { get; set; }

    /// <summary>The directory of the last component; null: the path names the root, or ends in "." or "..".</summary>
    public VirtualNode? Parent { get; set; }

    /// <summary>The last component.</summary>
    public PathBuffer Name { get; } = new(256);

    public Fetch Fetch { get; set; }

    public VirtualNode? From { get; set; }

    public PathBuffer Rest { get; } = new(256);

    public void Clear()
    {
        Layer = null;
        Mount = null;
        Node = null;
        Parent = null;
        Name.Clear();
        Fetch = Fetch.Nothing;
        From = null;
        Rest.Clear();
    }
}
