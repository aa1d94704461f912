using Vuos.Actors.Modules.Vudev.Blocks;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev.Types;

/// <summary><c>vudevpartx</c>: an image file or block device, and its partitions. No options of its own.</summary>
internal sealed class PartitionsType : DeviceType
{
    public override string Name => "vudevpartx";

    public override async ValueTask<DeviceCreation> CreateAsync(MountRequest request, CancellationToken cancel)
    {
        var (options, refusal) = DeviceOptions.Parse(request, block: true);
        if (refusal is not null)
            return refusal;
        if (request.SourcePath is null)
            return new Refusal(Errno.ENOENT, $"{Name} finds no image {request.Source}");
        var device = FileDevice.Open(request.SourcePath, request.ReadOnly);
        if (!device.Failed)
            return await DiskAsync(options, device.Value, request.Source, cancel).ConfigureAwait(false);
        return new Refusal(device.Error, device.Error switch
        {
            Errno.ENOTBLK or Errno.EISDIR => $"{Name} needs an image file or a block device, which {request.Source} is not",
            Errno.EACCES or Errno.EROFS or Errno.EPERM when !request.ReadOnly => $"{Name} may not write {request.Source}, which needs -o ro then",
            var error => $"{Name} cannot open {request.Source}: {ErrnoText.Of(error)}",
        });
    }
}
