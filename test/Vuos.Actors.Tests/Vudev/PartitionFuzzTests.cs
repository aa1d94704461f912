using System.Buffers.Binary;
using CsCheck;
using Vuos.Actors.Modules.Vudev;
using Vuos.Actors.Modules.Vudev.Partitions;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vudev;

/// <summary>Whatever a table says: it is read, nothing is thrown (the device throws at a read outside itself), and every partition is inside the disk.</summary>
public sealed class PartitionFuzzTests
{
    private const int Sectors = 96;

    private static readonly Gen<uint> s_sector = Gen.Frequency((6, Gen.UInt[0, Sectors + 4]), (1, Gen.UInt), (1, Gen.Const(uint.MaxValue)));

    private static readonly Gen<DosEntry> s_entry =
        Gen.Select(Gen.OneOf<byte>(0, 0x83, 0x05, 0x0F, 0x85, 0x0C, 0xEE), s_sector, s_sector, static (type, start, sectors) => new DosEntry(type, start, sectors));

    private static readonly Gen<ulong> s_block = Gen.Frequency((6, Gen.ULong[0, Sectors + 4]), (1, Gen.ULong), (1, Gen.Const(ulong.MaxValue)), (1, Gen.Const((ulong)long.MaxValue)));

    [Fact]
    public void Boot_records_that_point_anywhere() =>
        Gen.Select(s_entry.Array[4], Gen.Select(Gen.Int[1, Sectors - 1], s_entry.Array[4]).Array[0, 20], Gen.OneOf(512, 4096)).Sample(
            static (first, records, sectorSize) =>
            {
                var disk = new byte[Sectors * sectorSize];
                Put(disk, 0, first);
                foreach (var (sector, entries) in records)
                    Put(disk, sector * sectorSize, entries);
                Check(disk, sectorSize);
            },
            iter: 20_000);

    [Fact]
    public void Random_sectors_with_a_signature() =>
        Gen.Byte.Array[510].Sample(
            static bytes =>
            {
                byte[] disk = [.. bytes, 0x55, 0xAA, .. bytes, 0x55, 0xAA, .. bytes, 0, 0];
                foreach (var i in new[] { 446, 462, 478, 494 })
                    disk[i] = 0;
                Check(disk, 512);
            },
            iter: 5_000);

    [Fact]
    public void GUID_tables_whose_checksums_are_right_and_nothing_else() =>
        Gen.Select(
            Gen.Select(s_block, Gen.Frequency((4, Gen.UInt[0, 40]), (1, Gen.UInt)), Gen.Frequency((6, Gen.Const(128u)), (1, Gen.OneOf(0u, 64u, 129u, 256u, 4096u, 8192u, uint.MaxValue)))),
            Gen.Frequency((6, Gen.Const(92u)), (1, Gen.OneOf(0u, 91u, 512u, 513u, uint.MaxValue))),
            Gen.Select(s_block, s_block).Array[0, 16],
            Gen.Bool).Sample(
            static (shape, headerSize, entries, backup) =>
            {
                var (table, count, entrySize) = shape;
                var disk = new byte[Sectors * 512];
                Put(disk, 0, [new DosEntry(0xEE, 1, uint.MaxValue), default, default, default]);
                var at = backup ? (Sectors - 1) * 512 : 512;
                PutTable(disk, at, headerSize, table, count, entrySize, entries);
                Check(disk, 512);
            },
            iter: 20_000);

    [Fact]
    public void A_chain_of_records_that_bites_its_tail_ends()
    {
        var disk = new byte[Sectors * 512];
        Put(disk, 0, [new DosEntry(5, 10, 80), default, default, default]);
        Put(disk, 10 * 512, [new DosEntry(0x83, 1, 2), new DosEntry(5, 20, 10), default, default]);
        Put(disk, 30 * 512, [new DosEntry(0x83, 1, 2), new DosEntry(5, 0, 10), default, default]);
        Assert.Equal([1, 5, 6], Check(disk, 512).Select(static p => p.Number));
    }

    private static IReadOnlyList<Partition> Check(byte[] content, int sectorSize)
    {
        var device = new MemoryDevice(content, sectorSize);
        var read = PartitionTable.ReadAsync(device, default).AsTask();
        Assert.True(read.IsCompletedSuccessfully, read.Exception?.ToString());
        Assert.Equal(Errno.None, read.Result.Error);
        var partitions = read.Result.Value;
        Assert.Equal(partitions.Count, partitions.Select(static p => p.Number).Distinct().Count());
        foreach (var partition in partitions)
        {
            Assert.InRange(partition.Number, 1, Partition.MaxNumber);
            Assert.InRange(partition.Start, 0, content.Length - sectorSize);
            Assert.InRange(partition.Length, sectorSize, content.Length - partition.Start);
            Assert.Equal(0, partition.Start % sectorSize + partition.Length % sectorSize);
        }

        var disk = new Disk(device);
        Assert.Equal(Errno.None, disk.ReadTableAsync(0, default).AsTask().Result);
        Assert.Equal(partitions.Count, disk.Partitions.Count);
        return partitions;
    }

    private static void Put(byte[] disk, int at, DosEntry[] entries)
    {
        for (var i = 0; i < 4; i++)
        {
            var entry = disk.AsSpan(at + 446 + i * 16, 16);
            entry.Clear();
            entry[4] = entries[i].Type;
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], entries[i].Start);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], entries[i].Sectors);
        }

        disk[at + 510] = 0x55;
        disk[at + 511] = 0xAA;
    }

    private static void PutTable(byte[] disk, int at, uint headerSize, ulong table, uint count, uint entrySize, (ulong First, ulong Last)[] entries)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            var place = (long)Math.Min(table, Sectors) * 512 + i * (long)Math.Min(entrySize, 8192);
            if (place > disk.Length - 128)
                break;
            var entry = disk.AsSpan((int)place, 128);
            entry[0] = 1;
            BinaryPrimitives.WriteUInt64LittleEndian(entry[32..], entries[i].First);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[40..], entries[i].Last);
        }

        var header = disk.AsSpan(at, 512);
        header.Clear();
        "EFI PART"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32LittleEndian(header[12..], headerSize);
        BinaryPrimitives.WriteUInt64LittleEndian(header[24..], (ulong)at / 512);
        BinaryPrimitives.WriteUInt64LittleEndian(header[72..], table);
        BinaryPrimitives.WriteUInt32LittleEndian(header[80..], count);
        BinaryPrimitives.WriteUInt32LittleEndian(header[84..], entrySize);
        var length = (ulong)count * entrySize;
        if (table < Sectors && length <= (Sectors - table) * 512)
            BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32.Of(disk.AsSpan((int)table * 512, (int)length)));
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32.Of(header[..(int)Math.Min(headerSize, 512)]));
    }
}
