using System.Buffers.Binary;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>An open directory of the host. Offsets are the kernel's, so a listing can be taken up again anywhere.</summary>
internal sealed class PassthroughListing(long descriptor) : IDisposable
{
    private readonly Lock gate = new();
    private readonly byte[] buffer = new byte[32 * 1024];
    private long position;

    public long Descriptor { get; } = descriptor;

    public void Dispose() => Files.Close(Descriptor);

    public unsafe Answer<IReadOnlyList<DirectoryEntry>> Read(long offset)
    {
        lock (gate)
        {
            if (offset != position)
            {
                var moved = Sys.Call(Nr.Lseek, Descriptor, offset, OpenFiles.SeekSet);
                if (Sys.Failed(moved))
                    return Sys.Error(moved);
                position = offset;
            }

            long length;
            fixed (byte* p = buffer)
                length = Sys.Call(Nr.Getdents64, Descriptor, (long)p, buffer.Length);
            if (Sys.Failed(length))
                return Sys.Error(length);
            var entries = new List<DirectoryEntry>();
            for (ReadOnlySpan<byte> rest = buffer.AsSpan(0, (int)length); rest.Length > 0;)
            {
                var record = rest[..BinaryPrimitives.ReadUInt16LittleEndian(rest[DirectoryEntries.LengthAt..])];
                rest = rest[record.Length..];
                var name = record[DirectoryEntries.NameAt..];
                position = BinaryPrimitives.ReadInt64LittleEndian(record[DirectoryEntries.OffsetAt..]);
                entries.Add(new DirectoryEntry(
                    name[..name.IndexOf((byte)0)].ToArray(),
                    BinaryPrimitives.ReadUInt64LittleEndian(record[DirectoryEntries.InodeAt..]),
                    (uint)record[DirectoryEntries.TypeAt] << 12,
                    position));
            }

            return entries;
        }
    }
}
