namespace Vuos.FileSystems;

/// <summary>
/// Names the mount type that a class serves; by it the class is found in an assembly of the module path. The class implements <see cref="IFileSystem"/>, is public,
/// not abstract, and has a public constructor without parameters, which is called once for each mount.
/// </summary>
/// <param name="type">What <c>mount -t</c> is given; begins with the name of the module that claims it: <c>vufuse</c> for a tree, <c>vudev</c> for a device.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class FileSystemAttribute(string type) : Attribute
{
    public string Type { get; } = type;

    /// <summary>One line for lists.</summary>
    public string Description { get; init; } = "";
}
