namespace Vuos.Actors.Modules.Vudev.Blocks;

/// <summary>Heads, and sectors a track, of a disk that has neither.</summary>
/// <param name="Heads">1…255.</param>
/// <param name="Sectors">Sectors of 512 bytes a track, 1…255.</param>
internal readonly record struct Geometry(byte Heads, byte Sectors)
{
    /// <summary>What SCSI disks tell (drivers/scsi/scsicam.c) and partition programs expect.</summary>
    public static readonly Geometry Default = new(255, 63);

    /// <summary>Bytes of a cylinder.</summary>
    public long Cylinder => Heads * Sectors * 512L;

    /// <summary>Cylinders of a disk of so many bytes; more than the 16 bits of <c>struct hd_geometry</c> hold are told as the most they hold.</summary>
    public ushort Cylinders(long length) => (ushort)Math.Min(length / Cylinder, ushort.MaxValue);
}
