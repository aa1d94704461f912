using System.Text;
using Vuos.FileSystems;
using Vuos.Native;

namespace Sample;

/// <summary>Shows the environment of the hypervisor: a file for each variable.</summary>
[FileSystem("vufuseenvironment", Description = "the environment, a file for each variable")]
public sealed class EnvironmentFileSystem : ReadOnlyTree<string>
{
    // A file is the name of its variable; the directory is "".
    protected override Errno Start(MountRequest request, out string root)
    {
        root = "";
        return Errno.None;
    }

    protected override NodeAttributes Describe(string node) =>
        node == "" ? NodeAttributes.Directory() : NodeAttributes.File(Content(node).Length);

    protected override string? Find(string directory, string name) =>
        Environment.GetEnvironmentVariable(name) is null ? null : name;

    protected override IEnumerable<(string Name, string Node)> List(string directory) =>
        Environment.GetEnvironmentVariables().Keys.Cast<string>().Where(name => !name.Contains('/')).Select(name => (name, name));

    protected override int Read(string file, long offset, Span<byte> buffer)
    {
        var rest = Content(file).AsSpan((int)Math.Min(offset, Content(file).Length));
        var length = Math.Min(rest.Length, buffer.Length);
        rest[..length].CopyTo(buffer);
        return length;
    }

    private static byte[] Content(string name) => Encoding.UTF8.GetBytes(Environment.GetEnvironmentVariable(name) + "\n");
}
