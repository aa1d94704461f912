namespace Vuos.Benchmarks.OnWrite;

/// <summary>
/// The files of the copy-on-write rows. <c>l/TREE</c> is a lower tree, over which the systems mount their layer and which therefore
/// never changes; <c>u</c> and <c>w</c> are the layer's upper and work directory, made anew for each sample; <c>c</c> is the copy
/// that the native system works on, made anew as well.
/// </summary>
internal sealed class LayerFiles(string @base, string real)
{
    /// <summary>An empty tree, for commands that need none.</summary>
    public const string Empty = "empty";

    private readonly Dictionary<string, Action<string>> _fill = [];
    private string _tree = Empty;
    private bool _copied;

    /// <summary>The tree that lies below, and where the layer is mounted.</summary>
    public string Lower => Path.Combine(@base, "l", _tree);
    public string Upper => Path.Combine(@base, "u");
    public string Work => Path.Combine(@base, "w");

    /// <summary>Where the command of this sample finds its files.</summary>
    public string Root => _copied ? Copy : Lower;

    private string Copy => Path.Combine(@base, "c");

    /// <summary>Makes a lower tree, if it is not there; <paramref name="fill"/> makes what each upper directory holds at first.</summary>
    public void Make(string tree, Action<string> make, Action<string>? fill = null)
    {
        var path = Path.Combine(@base, "l", tree);
        if (Directory.Exists(path))
            return;
        Directory.CreateDirectory(path);
        make(path);
        if (fill is not null)
            _fill[tree] = fill;
    }

    /// <summary>
    /// The same of a tree of the other rows, which is made first if none of them has; a copy, since what those rows do to their
    /// trees must not change a lower one.
    /// </summary>
    public void Take(string tree, string source, Action make, Action<string>? fill = null) => Make(tree, path =>
    {
        if (!Directory.Exists(Path.Combine(real, source)))
            make();
        Fixture.Do("cp", "-a", $"{Path.Combine(real, source)}/.", path);
    }, fill);

    /// <summary>
    /// Readies a sample: an empty upper directory or a fresh copy. What was written for it, or by the sample before, is on the disk
    /// when this returns; else whoever syncs first in the sample would wait for it.
    /// </summary>
    public void Begin(string tree, bool copied)
    {
        Clear();
        _tree = tree;
        _copied = copied;
        Directory.CreateDirectory(Lower);
        Directory.CreateDirectory(Upper);
        Directory.CreateDirectory(Work);
        if (copied)
            Fixture.Do("cp", "-a", Lower, Copy);
        _fill.GetValueOrDefault(tree)?.Invoke(copied ? Copy : Upper);
        Fixture.Do("sync", "-f", @base);
    }

    /// <summary>The systems mount in namespaces of their own; if one did not, nothing of what it mounted may be removed.</summary>
    private void Clear()
    {
        if (File.ReadAllText("/proc/self/mountinfo").Contains(@base, StringComparison.Ordinal))
            throw new BenchException($"something is mounted under {@base}");
        foreach (var directory in (string[])[Upper, Work, Copy])
            if (Directory.Exists(directory))
                Directory.Delete(directory, recursive: true);
    }
}
