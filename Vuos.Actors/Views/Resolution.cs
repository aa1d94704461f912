using Vuos.Native;

namespace Vuos.Actors.Views;

internal enum ResolutionKind : byte
{
    /// <summary>The kernel finds the same object when it runs the call as it is.</summary>
    Native,

    /// <summary>The object is at <see cref="Resolution.Host"/>.</summary>
    Host,

    /// <summary>The object is in a virtual file system: <see cref="Resolution.Virtual"/>.</summary>
    Virtual,

    /// <summary>The layer must fetch <see cref="VirtualHit.Fetch"/> first; then the call is decided again.</summary>
    Pending,

    /// <summary>The call fails with <see cref="Resolution.Error"/>.</summary>
    Failed,
}

/// <summary>Result of resolving one path argument; reused, valid until the next resolution with the same instance.</summary>
internal sealed class Resolution
{
    public ResolutionKind Kind { get; set; }

    public Errno Error { get; set; }

    /// <summary>Canonical view path; meaningful unless <see cref="Unexamined"/>.</summary>
    public PathBuffer View { get; } = new();

    /// <summary>Canonical host path, with the trailing "/" or "/." the guest wrote.</summary>
    public PathBuffer Host { get; } = new();

    /// <summary>The mount in which the object is seen, null: the host's own.</summary>
    public Mount? Top { get; set; }

    /// <summary>Where in a union it was found, when the way to it leads through one.</summary>
    public UnionHit Hit { get; } = new();

    /// <summary>Where in a virtual file system it was found.</summary>
    public VirtualHit Virtual { get; } = new();

    /// <summary>The fast test passed the path without building its view path.</summary>
    public bool Unexamined { get; set; }

    /// <summary>The path ended in a slash or "/.": it must be a directory.</summary>
    public bool MustBeDirectory { get; set; }

    /// <summary>A link was followed on the way.</summary>
    public bool LinksFollowed { get; set; }

    /// <summary>One of them was a /proc link to a directory (<c>RESOLVE_NO_MAGICLINKS</c> of openat2(2)).</summary>
    public bool MagicLinksFollowed { get; set; }

    public void Reset()
    {
        LinksFollowed = false;
        MagicLinksFollowed = false;
        Kind = ResolutionKind.Native;
        Error = Errno.None;
        View.Clear();
        Host.Clear();
        Top = null;
        Hit.Clear();
        Virtual.Clear();
        Unexamined = false;
        MustBeDirectory = false;
    }

    /// <summary>The object is what another resolution found.</summary>
    public void TakeName(Resolution named)
    {
        Kind = ResolutionKind.Host;
        View.Set(named.View.Span);
        Host.Set(named.Host.Span);
        Top = named.Top;
        Hit.Clear();
        if (named.Hit.Layer is { } layer)
            Hit.Set(layer, named.Hit.Rel.Span);
        Hit.Place = named.Hit.Place;
        Unexamined = false;
    }

    public void Fail(Errno error)
    {
        Kind = ResolutionKind.Failed;
        Error = error;
    }
}
