namespace Vuos.Actors.Views;

/// <summary>Where a union has a name.</summary>
internal enum Place : byte
{
    /// <summary>No union is concerned.</summary>
    Native,

    /// <summary>In the source (or the way to it ends there, and the kernel says how).</summary>
    Upper,

    /// <summary>At the target, as older layers show it.</summary>
    Lower,

    /// <summary>Nowhere.</summary>
    Missing,

    /// <summary>At the target perhaps, but whited out.</summary>
    Deleted,

    /// <summary>A component before the last may be a symbolic link: the path must be walked.</summary>
    Link,

    /// <summary>In a virtual file system, which no host path reaches.</summary>
    Virtual,
}

/// <summary>The union that a resolved path leads through: the topmost one, and the name in it. Reused with its <see cref="Resolution"/>.</summary>
internal sealed class UnionHit
{
    public Mount? Layer { get; private set; }

    /// <summary>Path below the union's root, empty or beginning with a slash.</summary>
    public PathBuffer Rel { get; } = new();

    public Place Place { get; set; }

    public void Set(Mount layer, ReadOnlySpan<byte> rel)
    {
        Layer = layer;
        Rel.Set(rel);
    }

    public void Clear()
    {
        Layer = null;
        Rel.Clear();
        Place = Place.Native;
    }
}
