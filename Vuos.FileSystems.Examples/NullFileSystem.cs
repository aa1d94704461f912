using Vuos.Native;

namespace Vuos.FileSystems.Examples;

/// <summary>An empty directory in which nothing can be made (EROFS). The least a file system can be.</summary>
[FileSystem("vufusenull", Description = "an empty directory")]
public sealed class NullFileSystem : ReadOnlyTree<string>
{
    protected override Errno Start(MountRequest request, out string root)
    {
        root = "";
        return Errno.None;
    }

    protected override NodeAttributes Describe(string node) => NodeAttributes.Directory();

    protected override string? Find(string directory, string name) => null;

    protected override IEnumerable<(string Name, string Node)> List(string directory) => [];

    protected override int Read(string file, long offset, Span<byte> buffer) => 0;
}
