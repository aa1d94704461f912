using Vuos.Benchmarks.OnWrite;

namespace Vuos.Benchmarks.Served;

/// <summary>
/// The files of the rows that compare mounts of one FUSE server: an ext4 image made from a tree of <see cref="LayerFiles"/>, a fresh copy of it for each sample, and where it is mounted. The native system works
/// on a copy of the tree.
/// </summary>
internal sealed class ImageFiles(string @base, LayerFiles layers)
{
    private const string Size = "320M";

    private bool _mounted;

    public string Image => Path.Combine(@base, "image");

    public string Mount => Path.Combine(@base, "d");

    /// <summary>Where the command of this sample finds its files.</summary>
    public string Root => _mounted ? Mount : layers.Root;

    /// <summary>Readies a sample; what was written for it is on the disk when this returns.</summary>
    public void Begin(string tree, bool mounted)
    {
        _mounted = mounted;
        layers.Begin(tree, copied: !mounted);
        Directory.CreateDirectory(Mount);
        if (!mounted)
            return;
        var made = Path.Combine(@base, $"{tree}.image");
        if (!File.Exists(made))
        {
            Fixture.Do("truncate", "-s", Size, made);
            Fixture.Do("mkfs.ext4", "-q", "-F", "-d", layers.Lower, made);
        }

        Fixture.Do("cp", "--sparse=always", made, Image);
        Fixture.Do("sync", "-f", @base);
    }
}
