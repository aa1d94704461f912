using Vuos.Actors.Modules.Vudev.Types;
using Vuos.Actors.Virtual;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev;

/// <summary>vudev, virtual devices: each type of mount is a kind of device, at the mount point and, for partitions, beside it.</summary>
internal sealed class VudevModule : IModule
{
    public string Name => "vudev";

    public string Description => "virtual devices";

    public async ValueTask<LayerResult> CreateAsync(MountSpecification request, VirtualRun run, CancellationToken cancel)
    {
        var types = DeviceType.All(VudevSettings.From(run.Config));
        if (types.FirstOrDefault(t => t.Name == request.Type) is not { } type)
            return LayerResult.Refuse(Errno.ENODEV, $"vudev: there is no type {request.Type}: known are {string.Join(", ", types.Select(static t => t.Name))}");
        var mounts = new VirtualMounts(request);
        if (mounts.CheckTarget(directory: false) is { } wrong)
            return wrong;
        var made = await type.CreateAsync(mounts.Request, cancel).ConfigureAwait(false);
        if (made.Refusal is { } refusal)
            return LayerResult.Refuse(refusal.Error, refusal.Sentence);
        return await mounts.StartAsync(made.Device!, run, hasSubdevices: true).ConfigureAwait(false);
    }
}
