using System.Reflection;
using System.Runtime.Loader;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vufuse;

/// <summary>
/// Where a module and what it needs are loaded: from the module's own directory, so that two modules may need different versions of a library. Only the contract is ours,
/// for else its <see cref="IFileSystem"/> would be another type. Files are read, not mapped: they may be built again while we run.
/// </summary>
internal sealed class ModuleContext(string directory) : AssemblyLoadContext("module " + directory)
{
    private static readonly Assembly[] Shared = [typeof(IFileSystem).Assembly, typeof(Errno).Assembly];

    public Assembly LoadImage(byte[] image) => LoadFromStream(new MemoryStream(image));

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (Array.Find(Shared, shared => shared.GetName().Name == assemblyName.Name) is { } ours)
            return ours;
        var file = Path.Combine(directory, assemblyName.Name + ".dll");
        return File.Exists(file) ? LoadImage(File.ReadAllBytes(file)) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName)
    {
        foreach (var name in (string[])[unmanagedDllName, $"lib{unmanagedDllName}.so", unmanagedDllName + ".so"])
        {
            var file = Path.Combine(directory, name);
            if (File.Exists(file))
                return LoadUnmanagedDllFromPath(file);
        }

        return 0;
    }
}
