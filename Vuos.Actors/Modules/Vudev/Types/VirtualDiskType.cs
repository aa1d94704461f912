using Vuos.Actors.Modules.Vudev.Nbd;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev.Types;

/// <summary>
/// <c>vudevvdi</c>: a disk image of a virtual machine (VDI, VMDK, VHD, VHDX, qcow2) and its partitions, served by qemu-nbd(8). <c>format=F</c>: as <c>qemu-img -f</c>, for images
/// that do not tell (<c>raw</c>; <c>vpc</c>, a VHD of fixed size).
/// </summary>
internal sealed class VirtualDiskType(VudevSettings settings) : DeviceType
{
    public override string Name => "vudevvdi";

    public override async ValueTask<DeviceCreation> CreateAsync(MountRequest request, CancellationToken cancel)
    {
        string? format = null;
        var (options, refusal) = DeviceOptions.Parse(request, block: true, (name, value) =>
        {
            if (name != "format")
                return null;
            format = value;
            return value.Length > 0 && value.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') ? "" : $"takes for format a name as qcow2, not \"{value}\"";
        });
        if (refusal is not null)
            return refusal;

        // Absolute, and a file that is there: qemu would take other words for protocols and URLs.
        if (request.SourcePath is null || !Path.IsPathRooted(request.SourcePath) || !File.Exists(request.SourcePath))
            return new Refusal(Errno.ENOENT, $"{Name} finds no image {request.Source}");
        var image = new QemuServer.Image(request.SourcePath, format, request.ReadOnly);
        var (server, client, wrong) = await QemuServer.StartAsync(settings, image, cancel).ConfigureAwait(false);
        if (wrong is not null)
            return wrong with { Sentence = $"{Name} {wrong.Sentence}" };
        return await DiskAsync(options, new NbdDevice(client!, server!, request.ReadOnly), request.Source, cancel).ConfigureAwait(false);
    }
}
