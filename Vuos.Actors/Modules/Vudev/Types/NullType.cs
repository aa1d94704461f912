using Vuos.FileSystems;

namespace Vuos.Actors.Modules.Vudev.Types;

/// <summary><c>vudevnull</c>: a /dev/null. The source is a mere word.</summary>
internal sealed class NullType : DeviceType
{
    public override string Name => "vudevnull";

    public override ValueTask<DeviceCreation> CreateAsync(MountRequest request, CancellationToken cancel)
    {
        var (options, refusal) = DeviceOptions.Parse(request, block: false);
        return ValueTask.FromResult<DeviceCreation>(refusal is null ? new NullFileSystem(options) : refusal);
    }
}
