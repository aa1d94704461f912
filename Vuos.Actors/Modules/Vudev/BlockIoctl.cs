namespace Vuos.Actors.Modules.Vudev;

/// <summary>Requests of ioctl(2) on block devices, by their names in the kernel's headers (include/uapi/linux/fs.h, blkpg.h, blkzoned.h, hdreg.h; x86-64).</summary>
internal static class BlockIoctl
{
    public const uint HDIO_GETGEO = 0x301,
        BLKROSET = 0x125D, BLKROGET = 0x125E, BLKRRPART = 0x125F, BLKGETSIZE = 0x1260, BLKFLSBUF = 0x1261, BLKRASET = 0x1262, BLKRAGET = 0x1263,
        BLKFRASET = 0x1264, BLKFRAGET = 0x1265, BLKSECTGET = 0x1267, BLKSSZGET = 0x1268, BLKPG = 0x1269,
        BLKBSZGET = 0x80081270, BLKBSZSET = 0x40081271, BLKGETSIZE64 = 0x80081272,
        BLKDISCARD = 0x1277, BLKIOMIN = 0x1278, BLKIOOPT = 0x1279, BLKALIGNOFF = 0x127A, BLKPBSZGET = 0x127B, BLKDISCARDZEROES = 0x127C,
        BLKSECDISCARD = 0x127D, BLKROTATIONAL = 0x127E, BLKZEROOUT = 0x127F, BLKGETDISKSEQ = 0x80081280,
        BLKGETZONESZ = 0x80041284, BLKGETNRZONES = 0x80041285;

    /// <summary>Bytes of <c>struct blkpg_ioctl_arg</c>, where its pointer is, and bytes of the <c>struct blkpg_partition</c> it points to (include/uapi/linux/blkpg.h).</summary>
    public const int PgArgument = 24, PgPointer = 16, PgPartition = 152;

    /// <summary>
    /// Bytes read from and written to what the argument points to. The numbers of most do not encode them, and those of BLKBSZGET and BLKBSZSET say 8 where
    /// the kernel moves an int of 4 (block/ioctl.c). Null: as the number encodes.
    /// </summary>
    public static (int Input, int Output)? Shape(uint request) => request switch
    {
        HDIO_GETGEO => (0, 16),
        BLKGETSIZE or BLKRAGET or BLKFRAGET => (0, 8),
        BLKROGET or BLKSSZGET or BLKBSZGET or BLKIOMIN or BLKIOOPT or BLKALIGNOFF or BLKPBSZGET or BLKDISCARDZEROES => (0, 4),
        BLKSECTGET or BLKROTATIONAL => (0, 2),
        BLKROSET or BLKBSZSET => (4, 0),
        BLKDISCARD or BLKSECDISCARD or BLKZEROOUT => (16, 0),
        BLKPG => (PgArgument, 0),
        _ => null,
    };
}
