using System.Reflection;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vufuse;

/// <summary>A new file system; or why there is none: an errno and one sentence. Neither: no class serves the type.</summary>
internal readonly record struct ManagedResult(IFileSystem? System, Errno Error, string Sentence);

/// <summary>
/// The file systems that are .NET classes: our own, then those in the directories of the module path, as <c>NAME.dll</c> or, with what they need, <c>NAME/NAME.dll</c>.
/// May be used from any thread.
/// </summary>
/// <param name="builtIn">Assemblies of the program's own.</param>
/// <param name="path">Directories, in order (<see cref="ModulePath"/>).</param>
internal sealed class ManagedFileSystems(IReadOnlyList<Assembly> builtIn, IReadOnlyList<string> path)
{
    /// <summary>The assembly that the program brings along, by its name: what only tests or users of this library need is not loaded by them.</summary>
    private const string Examples = "Vuos.FileSystems.Examples";

    private readonly Lock gate = new();
    private readonly Dictionary<string, (DateTime Written, Assembly Assembly)> loaded = [];

    /// <summary>The built-in ones where the program has them, and those of the module path.</summary>
    public static ManagedFileSystems Of(IReadOnlyList<string> path)
    {
        try
        {
            return new ManagedFileSystems([Assembly.Load(Examples)], path);
        }
        catch (FileNotFoundException)
        {
            return new ManagedFileSystems([], path);
        }
    }

    /// <summary>All types, each with the file it is in ("": built in). What cannot be read is left out.</summary>
    public IEnumerable<(FileSystemClass Class, string File)> Known()
    {
        foreach (var (found, _) in BuiltIn())
            yield return (found, "");
        foreach (var file in path.SelectMany(ModuleFiles))
        {
            if (!TryReadFile(file, out var image, out _) || ModuleAssembly.Read(image, out _) is not { } classes)
                continue;
            foreach (var found in classes)
                yield return (found, file);
        }
    }

    /// <summary>A new instance of the class that serves a type.</summary>
    public ManagedResult Create(string type)
    {
        foreach (var (found, itself) in BuiltIn())
        {
            if (found.Type == type)
                return Construct(itself, type, "");
        }

        // A file named like the type is meant for it, so what is wrong with it is told; others are none of the user's concern now.
        string? complaint = null;
        foreach (var file in path.SelectMany(ModuleFiles).OrderBy(file => Path.GetFileNameWithoutExtension(file) != type))
        {
            var meant = Path.GetFileNameWithoutExtension(file) == type;
            IReadOnlyList<FileSystemClass>? classes = null;
            if (TryReadFile(file, out var image, out var problem))
                classes = ModuleAssembly.Read(image, out problem);
            if (classes is null)
            {
                complaint ??= meant ? $"{type}: {file} {problem}" : null;
                continue;
            }

            foreach (var found in classes)
            {
                if (found.Type == type)
                    return Load(file, image, found);
            }

            complaint ??= meant ? $"{type}: {file} has no public class with [FileSystem(\"{type}\")]" : null;
        }

        return complaint is null ? default : new ManagedResult(null, Errno.ENOEXEC, complaint);
    }

    private static IEnumerable<string> ModuleFiles(string directory)
    {
        foreach (var file in ModulePath.Files(directory, ".dll"))
            yield return file;
        string[] folders;
        try
        {
            folders = Directory.GetDirectories(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (var folder in folders.Order(StringComparer.Ordinal))
        {
            var file = Path.Combine(folder, Path.GetFileName(folder) + ".dll");
            if (File.Exists(file))
                yield return file;
        }
    }

    private static bool TryReadFile(string file, out byte[] image, out string problem)
    {
        try
        {
            image = File.ReadAllBytes(file);
            problem = "";
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            image = [];
            problem = "cannot be read: " + FirstLine(e);
            return false;
        }
    }

    private ManagedResult Load(string file, byte[] image, FileSystemClass found)
    {
        try
        {
            Assembly assembly;
            lock (gate)
            {
                // A file that was built again is loaded again; what was mounted before keeps the old one.
                var written = File.GetLastWriteTimeUtc(file);
                if (!loaded.TryGetValue(file, out var known) || known.Written != written)
                    loaded[file] = known = (written, new ModuleContext(Path.GetDirectoryName(file)!).LoadImage(image));
                assembly = known.Assembly;
            }

            return Construct(assembly.GetType(found.Class, throwOnError: true)!, found.Type, $" in {file}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException or TypeLoadException or FileLoadException or NotSupportedException)
        {
            return new ManagedResult(null, Errno.ENOEXEC, $"{found.Type}: {file} cannot be loaded: {FirstLine(e)}");
        }
    }

    private static ManagedResult Construct(Type type, string name, string where)
    {
        string problem;
        try
        {
            if (!typeof(IFileSystem).IsAssignableFrom(type))
                problem = "does not implement Vuos.FileSystems.IFileSystem";
            else if (!type.IsVisible || type.IsAbstract || type.GetConstructor(Type.EmptyTypes) is null)
                problem = "must be public and not abstract, with a public constructor without parameters";
            else
                return new ManagedResult((IFileSystem)Activator.CreateInstance(type)!, Errno.None, "");
        }
        catch (TargetInvocationException e)
        {
            problem = $"cannot be made: its constructor throws {e.GetBaseException().GetType().Name}: {FirstLine(e.GetBaseException())}";
        }
        catch (Exception e) when (e is IOException or TypeLoadException or MissingMemberException or BadImageFormatException)
        {
            problem = "cannot be made: " + FirstLine(e);
        }

        return new ManagedResult(null, Errno.ENOEXEC, $"{name}: the class {type.FullName}{where} {problem}");
    }

    private static string FirstLine(Exception e) => e.Message.Split('\r', '\n')[0];

    private IEnumerable<(FileSystemClass Found, Type Itself)> BuiltIn() =>
        from assembly in builtIn
        from type in assembly.GetExportedTypes()
        let attribute = type.GetCustomAttribute<FileSystemAttribute>()
        where attribute is not null
        select (new FileSystemClass(attribute.Type, attribute.Description, type.FullName!), type);
}
