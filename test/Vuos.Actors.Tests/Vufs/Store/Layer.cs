using System.Text;
using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vufs.Store;

/// <summary>A source and a lower tree on the disk, with the source's marks open for writing.</summary>
internal sealed class Layer : IDisposable
{
    private readonly TempDirectory folder = new();

    public Layer(bool open = true)
    {
        Source = folder.Folder("source");
        Lower = folder.Folder("lower");
        foreach (var path in new[] { folder.Path, Source, Lower })
            File.SetUnixFileMode(path, (UnixFileMode)0x1FF);
        if (open)
            Reopen();
    }

    public string Source { get; }

    public string Lower { get; }

    public SourceMarks Marks { get; private set; } = null!;

    public void Reopen(bool writable = true)
    {
        Marks?.Dispose();
        Marks = Open(Source, writable);
    }

    /// <summary>Nothing here refers to the marks afterwards.</summary>
    public void Forget() => Marks = null!;

    public static SourceMarks Open(string source, bool writable = true)
    {
        var error = SourceMarks.Open(Make.Bytes(source), writable, out var marks, out var sentence);
        Assert.True(error == Errno.None, sentence);
        return marks!;
    }

    /// <summary>The host path of an object of the source, of its mark, and of the lower tree.</summary>
    public string Upper(string rel) => Source + rel;

    public string Mark(string rel) => Source + "/.-" + rel;

    public string Record(string rel) => Source + "/.-" + rel + "\u007f";

    public string Below(string rel) => Lower + rel;

    public string LowerFile(string rel, string content = "")
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Below(rel))!);
        File.WriteAllText(Below(rel), content);
        return Below(rel);
    }

    public bool Hides(string rel) => Marks.IsWhitedOut(Make.Bytes(rel));

    public Errno Whiteout(string rel) => Marks.Whiteout(Make.Bytes(rel));

    public Errno Write(string rel, RecordedAttributes attributes) => Marks.WriteAttributes(Make.Bytes(rel), attributes);

    public RecordedAttributes? Read(string rel) => Marks.TryReadAttributes(Make.Bytes(rel), out var found) ? found : null;

    public Errno Up(string rel, long length = long.MaxValue) => CopyUp.Copy(Marks, Make.Bytes(Below(rel)), Make.Bytes(rel), length);

    /// <summary>All names in <c>.-</c>, sorted, "/" behind a directory's and "^?" for DEL.</summary>
    public string[] Tree() => Tree(Source + "/.-");

    public static string[] Tree(string root) =>
    [
        .. Directory.EnumerateFileSystemEntries(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Select(p => p[root.Length..].Replace("\u007f", "^?") + (Directory.Exists(p) ? "/" : "")).Where(static p => !p.StartsWith("/.vuos-", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    public static HashSet<byte[]> Names(params string[] names) =>
        new(names.Select(static n => Encoding.UTF8.GetBytes(n)), BytePathComparer.Instance);

    public void Dispose()
    {
        Marks?.Dispose();
        folder.Dispose();
    }
}
