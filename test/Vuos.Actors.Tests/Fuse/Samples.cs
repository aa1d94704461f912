using Vuos.FileSystems;
using static Vuos.Actors.Tests.Fuse.ScriptedServer;

namespace Vuos.Actors.Tests.Fuse;

/// <summary>Structs of answers as bytes, and what they mean.</summary>
internal static class Samples
{
    public const uint Regular = 0x81A4, Folder = 0x41ED, Link = 0xA1FF, Fifo = 0x11A4;

    /// <summary>struct fuse_attr.</summary>
    public static byte[] Attr(uint mode = Regular, ulong size = 1000, bool old = false) =>
        Bytes(42ul, size, 8ul, 11L, -12L, 13L, 1u, 2u, 3u, mode, 5u, 6u, 7u, 0x803u, old ? [] : Bytes(512u, 0u));

    /// <summary>struct fuse_entry_out.</summary>
    public static byte[] Entry(ulong node = 9, uint mode = Regular, bool old = false, ulong size = 1000) =>
        Bytes(node, 4ul, 2ul, 3ul, 500_000_000u, 250_000_000u, Attr(mode, size, old));

    /// <summary>struct fuse_attr_out.</summary>
    public static byte[] AttrOut(uint mode = Regular, bool old = false, ulong size = 1000) => Bytes(3ul, 250_000_000u, 0u, Attr(mode, size, old));

    public static NodeAttributes Attributes(uint mode = Regular, bool old = false) => new()
    {
        Inode = 42,
        Size = 1000,
        Blocks = 8,
        AccessTime = new TimeSpec(11, 1),
        ModifyTime = new TimeSpec(-12, 2),
        ChangeTime = new TimeSpec(13, 3),
        Mode = mode,
        Links = 5,
        Uid = 6,
        Gid = 7,
        Device = 0x803,
        BlockSize = old ? 0u : 512,
    };

    public static NodeEntry Node(ulong node = 9, uint mode = Regular, bool old = false) =>
        new(node, 4, Attributes(mode, old), TimeSpan.FromSeconds(2.5), TimeSpan.FromSeconds(3.25));

    /// <summary>struct fuse_dirent, padded.</summary>
    public static byte[] Dirent(string name, ulong offset, uint type = 8)
    {
        var raw = System.Text.Encoding.UTF8.GetBytes(name);
        return Bytes(100ul, offset, (uint)raw.Length, type, raw, new byte[(8 - raw.Length % 8) % 8]);
    }
}
