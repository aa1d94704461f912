using Vuos.Actors.Virtual;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vufuse;

/// <summary>
/// vufuse, file systems served by programs: a type is a class that implements <see cref="FileSystems.IFileSystem"/> (built in, or in the module path) or a FUSE server that the settings name.
/// </summary>
internal sealed class VufuseModule : IModule
{
    public string Name => "vufuse";

    public string Description => "file systems served by programs";

    public bool NeedsGuests => true;

    public IReadOnlyList<string> Requires => ["fuse"];

    public async ValueTask<LayerResult> CreateAsync(MountSpecification request, VirtualRun run, CancellationToken cancel)
    {
        var mounts = new VirtualMounts(request);
        if (mounts.CheckTarget(directory: true) is { } wrong)
            return wrong;
        var path = ModulePath.From(run.Config);
        var managed = ManagedFileSystems.Of(path).Create(request.Type);
        if (managed.System is { } system)
            return await mounts.StartAsync(system, run).ConfigureAwait(false);
        if (managed.Error != Errno.None)
            return LayerResult.Refuse(managed.Error, managed.Sentence);
        var types = ServerTypes.Load(run.Config, path);
        if (types.Find(request.Type, out var problem) is { } type)
            return await ServerMount.StartAsync(type, mounts, request, run, cancel).ConfigureAwait(false);
        return LayerResult.Refuse(Errno.ENODEV, problem.Length > 0 ? problem : $"vufuse: there is no type {request.Type}: known are {string.Join(", ", Names(types, path))}");
    }

    private static IEnumerable<string> Names(ServerTypes types, IReadOnlyList<string> path) =>
        types.All.Select(static t => t.Name).Concat(ManagedFileSystems.Of(path).Known().Select(static k => k.Class.Type)).Distinct().Order(StringComparer.Ordinal);
}
