using Vuos.FileSystems;

namespace Vuos.Actors.Modules.Vudev.Types;

/// <summary>A submodule of vudev: makes devices of one kind.</summary>
internal abstract class DeviceType
{
    /// <summary>The type of <c>mount -t</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Every type there is.</summary>
    public static IReadOnlyList<DeviceType> All(VudevSettings settings) => [new NullType(), new RamDiskType(), new PartitionsType(), new VirtualDiskType(settings)];

    /// <summary>Makes the device a mount asks for; it is ready to be used, and owned by who called.</summary>
    public abstract ValueTask<DeviceCreation> CreateAsync(MountRequest request, CancellationToken cancel);

    /// <summary>A disk with the partitions its table tells.</summary>
    protected async ValueTask<DeviceCreation> DiskAsync(DeviceOptions options, Blocks.BlockDevice device, string shown, CancellationToken cancel)
    {
        var disk = new Disk(device);
        var error = await disk.ReadTableAsync(0, cancel).ConfigureAwait(false);
        if (error == Native.Errno.None)
            return new BlockFileSystem(options, disk);
        await disk.DisposeAsync().ConfigureAwait(false);
        return new Refusal(error, $"{Name} cannot read the partition table of {shown}: {Native.ErrnoText.Of(error)}");
    }
}
