using Vuos.FileSystems;

namespace Sample;

/// <summary>Mistakes a user can make, for the tests of the loader.</summary>
[FileSystem("vufusethrows")]
public sealed class Throws : IFileSystem
{
    public Throws() => throw new InvalidOperationException("no licence\nand more");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

[FileSystem("vufuseneeds")]
public sealed class Needs(string what) : IFileSystem
{
    public override string ToString() => what;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

[FileSystem("vufusenothing")]
public sealed class Nothing;
