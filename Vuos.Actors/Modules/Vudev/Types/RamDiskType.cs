using System.Globalization;
using Vuos.Actors.Modules.Vudev.Blocks;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev.Types;

/// <summary>
/// <c>vudevramdisk</c>: a disk in memory, zeros at first. <c>size=N</c> sectors of 512 bytes, or with K, M, G, T bytes of a power of 1024; 32 MiB by default.
/// <c>mbr</c>: whole cylinders, so that old partition programs can use all of it. The source is a mere word.
/// </summary>
internal sealed class RamDiskType : DeviceType
{
    /// <summary>Bytes; more is a slip of the pen, and memfds end at 2^63.</summary>
    private const long MaxSize = 1L << 50;

    private static readonly Geometry s_small = new(16, 16), s_great = new(128, 128);

    public override string Name => "vudevramdisk";

    public override ValueTask<DeviceCreation> CreateAsync(MountRequest request, CancellationToken cancel)
    {
        var size = 32L << 20;
        var cylinders = false;
        var (options, refusal) = DeviceOptions.Parse(request, block: true, (name, value) =>
        {
            switch (name)
            {
                case "size":
                    size = ParseSize(value);
                    return size > 0 ? "" : $"takes for size a number of sectors, or one with K, M, G or T, not \"{value}\"";
                case "mbr":
                    cylinders = true;
                    return value.Length == 0 ? "" : "takes no value for mbr";
                default:
                    return null;
            }
        });
        if (refusal is not null)
            return ValueTask.FromResult<DeviceCreation>(refusal);

        // As many cylinders as 16 bits count, or greater ones.
        var geometry = size <= s_small.Cylinder * ushort.MaxValue ? s_small : s_great;
        if (cylinders)
            size = (size + geometry.Cylinder - 1) / geometry.Cylinder * geometry.Cylinder;
        var device = RamDevice.Create(size, geometry, request.ReadOnly);
        if (device.Failed)
            return ValueTask.FromResult<DeviceCreation>(new Refusal(device.Error, $"{Name} gets no {size} bytes of memory: {ErrnoText.Of(device.Error)}"));
        return ValueTask.FromResult<DeviceCreation>(new BlockFileSystem(options, new Disk(device.Value)));
    }

    /// <summary>Bytes, whole sectors; 0: not a size.</summary>
    internal static long ParseSize(string text)
    {
        var unit = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch
        {
            'K' => 1L << 10,
            'M' => 1L << 20,
            'G' => 1L << 30,
            'T' => 1L << 40,
            _ => 0,
        };
        var digits = unit == 0 ? text : text[..^1];
        if (unit == 0)
            unit = 512;
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > MaxSize / unit)
            return 0;
        return number * unit;
    }
}
