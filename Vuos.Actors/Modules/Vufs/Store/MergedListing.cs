using System.Buffers.Binary;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>An entry of a directory; the type as in <see cref="FileType.Entry"/>.</summary>
internal readonly record struct DirectoryEntry(byte[] Name, ulong Inode, byte Type);

/// <summary>
/// A directory's entries in the order of their positions ("cookies", d_off), for a layer that lists what two trees hold. An entry's cookie is a hash of its name, so a
/// reader that goes on in a newer listing sees none twice and misses none that stayed. Only two names with the same hash (41 bits) share a cookie's place; the second is
/// then one behind the first, and moves if that goes.
/// </summary>
internal sealed class MergedListing
{
    private const int HashBits = 41, Mark = 42;

    private const long OwnCookie = 1L << Mark, ParentCookie = OwnCookie + 1, FirstHash = OwnCookie + 2;

    /// <summary>DT_DIR.</summary>
    private const byte Directory = (byte)(FileType.Directory >> 12);

    private readonly long[] cookies;
    private readonly DirectoryEntry[] entries;

    private MergedListing(long[] cookies, DirectoryEntry[] entries) => (this.cookies, this.entries) = (cookies, entries);

    public int Count => entries.Length;

    /// <summary>In their order, without "." and "..".</summary>
    public IEnumerable<byte[]> Names => entries.Skip(2).Select(static entry => entry.Name);

    /// <summary>Whether a position is one of ours: bit 42 is set and none above, which the kernel's own positions hardly are (small numbers, or hashes of 63 bits).</summary>
    public static bool IsPosition(long position) => position >> Mark == 1;

    /// <summary>Appends the entries of a host directory, "." and ".." left out.</summary>
    public static Errno ReadHost(ReadOnlySpan<byte> hostDir, List<DirectoryEntry> into)
    {
        var path = new PathBuffer(hostDir.Length + 2);
        path.Set(hostDir);
        var fd = Files.Open(path.ForKernel(), OpenFlag.Directory | OpenFlag.CloExec);
        if (fd < 0)
            return Sys.Error(fd);
        var found = new DirectoryEntries(fd, new byte[65536]);
        while (found.MoveNext())
            into.Add(new DirectoryEntry(found.Name.ToArray(), found.Inode, found.Type));
        Files.Close(fd);
        return found.Error;
    }

    /// <summary>
    /// Orders entries, whose names must differ, and adds "." (inode <paramref name="self"/>) and ".." (<paramref name="parent"/>) before them. Cookies lie between 2^42 and
    /// 2^43.
    /// </summary>
    public static MergedListing Build(List<DirectoryEntry> entries, ulong self, ulong parent)
    {
        var ordered = new DirectoryEntry[entries.Count + 2];
        var cookies = new long[ordered.Length];
        ordered[0] = new DirectoryEntry("."u8.ToArray(), self, Directory);
        ordered[1] = new DirectoryEntry(".."u8.ToArray(), parent, Directory);
        (cookies[0], cookies[1]) = (OwnCookie, ParentCookie);
        for (var i = 0; i < entries.Count; i++)
        {
            ordered[i + 2] = entries[i];
            cookies[i + 2] = Hash(entries[i].Name);
        }

        cookies.AsSpan(2).Sort(ordered.AsSpan(2));
        Separate(cookies.AsSpan(2), ordered.AsSpan(2));
        return new MergedListing(cookies, ordered);
    }

    /// <summary>
    /// Writes the records behind <paramref name="cookie"/> that fit, as getdents64(2) does, or getdents(2) when <paramref name="legacy"/>, and sets the cookie to that of
    /// the last one. The result is the number of bytes, 0 at the end, or -EINVAL if the first record does not fit.
    /// </summary>
    public int Fill(Span<byte> buffer, ref long cookie, bool legacy)
    {
        var next = Array.BinarySearch(cookies, cookie);
        next = next < 0 ? ~next : next + 1;
        if (next >= entries.Length)
            return 0;
        var at = 0;
        for (; next < entries.Length; next++)
        {
            var name = entries[next].Name;
            // struct linux_dirent has the name where the other has the type, which it keeps in its last byte: one byte less before, one more behind.
            var length = (DirectoryEntries.NameAt + name.Length + 1 + 7) & ~7;
            if (length > buffer.Length - at)
                break;
            var record = buffer.Slice(at, length);
            record.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(record[DirectoryEntries.InodeAt..], entries[next].Inode);
            BinaryPrimitives.WriteInt64LittleEndian(record[DirectoryEntries.OffsetAt..], cookies[next]);
            BinaryPrimitives.WriteUInt16LittleEndian(record[DirectoryEntries.LengthAt..], (ushort)length);
            record[legacy ? length - 1 : DirectoryEntries.TypeAt] = entries[next].Type;
            name.CopyTo(record[(legacy ? DirectoryEntries.NameAt - 1 : DirectoryEntries.NameAt)..]);
            cookie = cookies[next];
            at += length;
        }

        return at > 0 ? at : -(int)Errno.EINVAL;
    }

    /// <summary>FNV-1a over 64 bits, its bits then mixed (the finalizer of MurmurHash3) as the lower ones alone would spread badly.</summary>
    private static long Hash(ReadOnlySpan<byte> name)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in name)
            hash = (hash ^ b) * 1099511628211;
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return (long)((hash ^ (hash >> 33)) >> (64 - HashBits)) + FirstHash;
    }

    /// <summary>Orders names of the same hash, and moves the second and later of them behind.</summary>
    private static void Separate(Span<long> cookies, Span<DirectoryEntry> entries)
    {
        for (var i = 0; i < cookies.Length;)
        {
            var first = i;
            while (i < cookies.Length && cookies[i] == cookies[first])
                i++;
            if (i > first + 1)
                entries[first..i].Sort(static (a, b) => a.Name.AsSpan().SequenceCompareTo(b.Name));
        }

        for (var i = 1; i < cookies.Length; i++)
            cookies[i] = Math.Max(cookies[i], cookies[i - 1] + 1);
    }
}
