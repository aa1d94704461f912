using System.Globalization;
using System.Text;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>The data string of mount(2) for <c>fuse</c> and <c>fuseblk</c>, as the kernel reads it (fs/fuse/inode.c, fuse_parse_param; Documentation/filesystems/fuse).</summary>
internal sealed record FuseMountOptions
{
    /// <summary>Words for every file system (fs/fs_context.c, vfs_parse_sb_flag) that change nothing here.</summary>
    private static readonly string[] Common = ["rw", "sync", "async", "dirsync", "lazytime", "nolazytime", "mand", "nomand"];

    /// <summary>Descriptor of the mounting process that is the server's /dev/fuse.</summary>
    public int Descriptor { get; private set; } = -1;

    /// <summary>st_mode of the root, until the server is asked.</summary>
    public uint RootMode { get; private set; }

    /// <summary>Owner of the mount.</summary>
    public uint UserId { get; private set; }

    public uint GroupId { get; private set; }

    public bool DefaultPermissions { get; private set; }

    public bool AllowOther { get; private set; }

    public bool ReadOnly { get; private set; }

    /// <summary>Bytes of the greatest read.</summary>
    public uint MaxRead { get; private set; } = uint.MaxValue;

    /// <summary>Of <c>fuseblk</c>, bytes.</summary>
    public uint BlockSize { get; private set; } = 512;

    public string Subtype { get; private set; } = "";

    /// <summary>EINVAL: an unknown word, a bad number, or one of fd, rootmode, user_id, group_id is missing.</summary>
    public static Errno Parse(string data, bool blockDevice, out FuseMountOptions options)
    {
        options = new FuseMountOptions();
        var needed = new HashSet<string> { "fd", "rootmode", "user_id", "group_id" };
        foreach (var word in data.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = word.IndexOf('=');
            var (name, value) = equals < 0 ? (word, null) : (word[..equals], word[(equals + 1)..]);
            if (!options.Set(name, value, blockDevice))
                return Errno.EINVAL;
            needed.Remove(name);
        }

        return needed.Count == 0 ? Errno.None : Errno.EINVAL;
    }

    /// <summary>What is known before the server has answered INIT.</summary>
    public FileSystemTraits Traits(int maxTransfer) => new()
    {
        Root = FuseProtocol.RootId,
        MaxRead = (int)Math.Min(MaxRead, (uint)maxTransfer),
        MaxWrite = 4096,
        DefaultPermissions = DefaultPermissions,
        AllowOther = AllowOther,
        Shown = Shown(),
    };

    private bool Set(string name, string? value, bool blockDevice)
    {
        switch (name)
        {
            case "fd" when Number(value, out var fd) && fd <= int.MaxValue:
                Descriptor = (int)fd;
                return true;
            case "rootmode" when Octal(value, out var mode) && FuseAttributes.KnownType(mode):
                RootMode = mode;
                return true;
            case "user_id" when Number(value, out var user) && user != uint.MaxValue:
                UserId = user;
                return true;
            case "group_id" when Number(value, out var group) && group != uint.MaxValue:
                GroupId = group;
                return true;
            case "max_read" when Number(value, out var bytes):
                MaxRead = Math.Max(4096, bytes);
                return true;
            case "blksize" when blockDevice && Number(value, out var size) && size is >= 512 and <= 4096 && uint.IsPow2(size):
                BlockSize = size;
                return true;
            case "subtype" when value is { Length: > 0 } && Subtype.Length == 0:
                Subtype = value;
                return true;
            case "source" when value is not null:
                return true;
            case "default_permissions" when value is null:
                return DefaultPermissions = true;
            case "allow_other" when value is null:
                return AllowOther = true;
            case "ro" when value is null:
                return ReadOnly = true;
            default:
                return value is null && Array.IndexOf(Common, name) >= 0;
        }
    }

    /// <summary>As the kernel shows them (fuse_show_options).</summary>
    private string Shown()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"user_id={UserId},group_id={GroupId}");
        if (DefaultPermissions)
            text.Append(",default_permissions");
        if (AllowOther)
            text.Append(",allow_other");
        if (MaxRead != uint.MaxValue)
            text.Append(CultureInfo.InvariantCulture, $",max_read={MaxRead}");
        if (BlockSize != 512)
            text.Append(CultureInfo.InvariantCulture, $",blksize={BlockSize}");
        return text.ToString();
    }

    /// <summary>kstrtouint with base 0 in the kernel: decimal, 0x…, 0…</summary>
    private static bool Number(string? text, out uint number)
    {
        number = 0;
        if (text is null || text.Length == 0)
            return false;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        return text.Length > 1 && text[0] == '0' ? Octal(text, out number) : uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    private static bool Octal(string? text, out uint number)
    {
        number = 0;
        if (text is null || text.Length is 0 or > 10)
            return false;
        foreach (var digit in text)
        {
            if (digit is < '0' or > '7')
                return false;
            number = number << 3 | (uint)(digit - '0');
        }

        return true;
    }
}
