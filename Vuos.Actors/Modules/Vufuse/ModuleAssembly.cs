using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Vuos.FileSystems;

namespace Vuos.Actors.Modules.Vufuse;

/// <summary>A class with <see cref="FileSystemAttribute"/>.</summary>
/// <param name="Type">The mount type it serves.</param>
/// <param name="Description">One line, or "".</param>
/// <param name="Class">Its full name.</param>
internal readonly record struct FileSystemClass(string Type, string Description, string Class);

/// <summary>What an assembly's metadata says: read without loading it, so that looking for one type runs and locks nothing of the others.</summary>
internal static class ModuleAssembly
{
    private static readonly AssemblyName Contract = typeof(IFileSystem).Assembly.GetName();

    /// <summary>The file systems in an assembly; or null and why it cannot be used, as the end of a sentence.</summary>
    public static IReadOnlyList<FileSystemClass>? Read(byte[] image, out string problem)
    {
        problem = "";
        try
        {
            using var file = new PEReader(new MemoryStream(image));
            if (!file.HasMetadata)
            {
                problem = "is no .NET assembly";
                return null;
            }

            var reader = file.GetMetadataReader();
            foreach (var handle in reader.AssemblyReferences)
            {
                var reference = reader.GetAssemblyReference(handle);
                if (reader.StringComparer.Equals(reference.Name, Contract.Name!) && !Serves(reference.Version))
                {
                    problem = $"was built for {Contract.Name} {reference.Version.ToString(2)}, and this program has {Contract.Version!.ToString(2)}: build it again";
                    return null;
                }
            }

            return [.. reader.TypeDefinitions.SelectMany(handle => FileSystems(reader, reader.GetTypeDefinition(handle)))];
        }
        catch (BadImageFormatException)
        {
            problem = "is no .NET assembly, or damaged";
            return null;
        }
    }

    /// <summary>An older contract of the same major version is a part of ours; before 1.0 each minor version may break.</summary>
    private static bool Serves(Version wanted) =>
        wanted.Major == Contract.Version!.Major && (wanted.Major == 0 ? wanted.Minor == Contract.Version.Minor : wanted.Minor <= Contract.Version.Minor);

    private static IEnumerable<FileSystemClass> FileSystems(MetadataReader reader, TypeDefinition type)
    {
        foreach (var handle in type.GetCustomAttributes())
        {
            var attribute = reader.GetCustomAttribute(handle);
            if (!IsOurs(reader, attribute))
                continue;
            // ECMA-335 II.23.3: a prolog, the argument of the constructor, and the named arguments (kind, type, name, value; ours are all texts).
            var blob = reader.GetBlobReader(attribute.Value);
            blob.ReadUInt16();
            var name = blob.ReadSerializedString() ?? "";
            var description = "";
            for (var left = blob.ReadUInt16(); left > 0; left--)
            {
                blob.ReadUInt16();
                if (blob.ReadSerializedString() == nameof(FileSystemAttribute.Description))
                    description = blob.ReadSerializedString() ?? "";
                else
                    blob.ReadSerializedString();
            }

            var space = reader.GetString(type.Namespace);
            yield return new FileSystemClass(name, description, (space.Length > 0 ? space + "." : "") + reader.GetString(type.Name));
        }
    }

    private static bool IsOurs(MetadataReader reader, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind != HandleKind.MemberReference)
            return false;
        var parent = reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
        if (parent.Kind != HandleKind.TypeReference)
            return false;
        var type = reader.GetTypeReference((TypeReferenceHandle)parent);
        return reader.StringComparer.Equals(type.Name, nameof(FileSystemAttribute)) && reader.StringComparer.Equals(type.Namespace, typeof(FileSystemAttribute).Namespace!);
    }
}
