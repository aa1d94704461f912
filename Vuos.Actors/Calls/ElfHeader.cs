using System.Buffers.Binary;
using Vuos.Actors.Views;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls;

/// <summary>Reads the loader's name (PT_INTERP) out of a 64-bit little-endian ELF file (elf(5)). The file is a guest's: nothing in it is believed.</summary>
internal static class ElfHeader
{
    private const int PtInterp = 3, HeaderSize = 64, ProgramHeaderSize = 56, MostHeaders = 512, PathMax = 4096;

    public static bool TryReadInterpreter(ReadOnlySpan<byte> path, ReadOnlySpan<byte> header, out byte[] interpreter)
    {
        interpreter = [];
        if (header.Length < HeaderSize || !header.StartsWith("\u007fELF"u8) || header[4] != 2 || header[5] != 1)
            return false;
        var offset = BinaryPrimitives.ReadInt64LittleEndian(header[32..]);
        var size = BinaryPrimitives.ReadUInt16LittleEndian(header[54..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(header[56..]);
        if (size != ProgramHeaderSize || count is 0 or > MostHeaders || offset < 0)
            return false;
        var fd = Files.Open(path, OpenFlag.CloExec | OpenFlag.NonBlock);
        if (fd < 0)
            return false;
        try
        {
            var headers = new byte[count * ProgramHeaderSize];
            if (ReadAt(fd, headers, offset) != headers.Length)
                return false;
            for (var i = 0; i < count; i++)
            {
                var entry = headers.AsSpan(i * ProgramHeaderSize, ProgramHeaderSize);
                if (BinaryPrimitives.ReadInt32LittleEndian(entry) != PtInterp)
                    continue;
                var at = BinaryPrimitives.ReadInt64LittleEndian(entry[8..]);
                var length = BinaryPrimitives.ReadInt64LittleEndian(entry[32..]);
                if (at < 0 || length is < 2 or > PathMax)
                    return false;
                var name = new byte[length];
                if (ReadAt(fd, name, at) != length)
                    return false;
                var nul = name.AsSpan().IndexOf((byte)0);
                interpreter = nul < 0 ? name : name[..nul];
                return interpreter.Length > 0;
            }

            return false;
        }
        finally
        {
            Files.Close(fd);
        }
    }

    private static unsafe long ReadAt(long fd, Span<byte> buffer, long offset)
    {
        fixed (byte* p = buffer)
            return Sys.Call(Nr.Pread64, fd, (long)p, buffer.Length, offset);
    }
}

/// <summary>What a dynamic loader understands when it is executed as a program.</summary>
internal static class LoaderOptions
{
    private static readonly Dictionary<byte[], bool> Known = new(BytePathComparer.Instance);

    /// <summary>Whether the loader has <c>--argv0</c> (glibc 2.33, musl 1.2.2): its text is in the file. Remembered per path.</summary>
    public static bool KnowsArgv0(PathBuffer loader)
    {
        if (Known.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(loader.Span, out var known))
            return known;
        var fd = Files.Open(loader.ForKernel(), OpenFlag.CloExec | OpenFlag.NonBlock);
        if (fd < 0)
            return false;
        var image = new byte[4 << 20];
        var length = Files.ReadAll(fd, image);
        Files.Close(fd);
        known = length > 0 && image.AsSpan(0, (int)length).IndexOf("argv0"u8) >= 0;
        Known[loader.Span.ToArray()] = known;
        return known;
    }
}
