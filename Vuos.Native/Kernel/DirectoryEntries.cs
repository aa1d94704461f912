using System.Buffers.Binary;

namespace Vuos.Native.Kernel;

/// <summary>
/// Walks the entries of an open directory with getdents64(2) through a caller's buffer, "." and ".." left out. The layout is <c>struct linux_dirent64</c>
/// (include/linux/dirent.h): inode (8 bytes), offset (8), record length (2), type (1), name with a NUL.
/// </summary>
public unsafe ref struct DirectoryEntries(long fd, Span<byte> buffer)
{
    /// <summary>Offsets of the fields of a record.</summary>
    public const int InodeAt = 0, OffsetAt = 8, LengthAt = 16, TypeAt = 18, NameAt = 19;

    private readonly Span<byte> buffer = buffer;
    private int at, end;

    public ulong Inode { get; private set; }

    /// <summary>As st_mode's type bits shifted down (<see cref="FileType.Entry"/>), 0 where the file system does not say.</summary>
    public byte Type { get; private set; }

    /// <summary>The name without a NUL.</summary>
    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>The name with its NUL, for *at calls.</summary>
    public ReadOnlySpan<byte> NameForKernel { get; private set; }

    /// <summary>What ended the walk; None at the end of the directory.</summary>
    public Errno Error { get; private set; }

    public bool MoveNext()
    {
        while (true)
        {
            if (at >= end && !Refill())
                return false;
            var record = buffer[at..end];
            var length = BinaryPrimitives.ReadUInt16LittleEndian(record[LengthAt..]);
            at += length;
            var name = record[NameAt..length];
            name = name[..name.IndexOf((byte)0)];
            if (name is [(byte)'.'] or [(byte)'.', (byte)'.'])
                continue;
            Inode = BinaryPrimitives.ReadUInt64LittleEndian(record);
            Type = record[TypeAt];
            Name = name;
            NameForKernel = record.Slice(NameAt, name.Length + 1);
            return true;
        }
    }

    private bool Refill()
    {
        long n;
        fixed (byte* p = buffer)
            n = Sys.Call(Nr.Getdents64, fd, (long)p, buffer.Length);
        Error = Sys.Error(n);
        at = 0;
        end = n > 0 ? (int)n : 0;
        return n > 0;
    }
}
