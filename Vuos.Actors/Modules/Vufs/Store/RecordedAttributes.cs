using System.Buffers.Binary;
using System.Text;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>
/// Attributes of an object that the disk could not hold, as recorded beside it: what is null is what the stored object itself says. The text form is that of umvu, one
/// <c>key=value</c> a line: <c>type=c mode=0640 uid=0 gid=5 rdev=4,64 dev=8,1 ctime=1700000000,5</c>.
/// </summary>
internal readonly record struct RecordedAttributes
{
    /// <summary>Longest text that is read; umvu reads no more either.</summary>
    public const int MaxText = 1023;

    /// <summary>'f' regular file, 's' socket, 'c' character device, 'b' block device.</summary>
    public byte? Type { get; init; }

    /// <summary>The bits 07777 of st_mode.</summary>
    public uint? Mode { get; init; }

    public uint? Uid { get; init; }

    public uint? Gid { get; init; }

    /// <summary>As st_rdev (<see cref="DeviceNumber"/>).</summary>
    public ulong? Rdev { get; init; }

    /// <summary>As st_dev.</summary>
    public ulong? Dev { get; init; }

    /// <summary>Seconds since 1970 and nanoseconds. It counts only if it is later than that of the stored object.</summary>
    public (long Seconds, long Nanoseconds)? Ctime { get; init; }

    public bool IsEmpty => Type is null && Mode is null && Uid is null && Gid is null && Rdev is null && Dev is null && Ctime is null;

    /// <summary>Reads the text form; lines that make no sense and unknown keys are passed over. False if nothing is recorded.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out RecordedAttributes attributes)
    {
        attributes = default;
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            var equals = line.IndexOf((byte)'=');
            if (equals > 0)
                attributes = attributes.With(Trim(line[..equals]), Trim(line[(equals + 1)..]));
        }

        return !attributes.IsEmpty;
    }

    /// <summary>The values of <paramref name="stronger"/>, and these where it has none.</summary>
    public RecordedAttributes OverriddenBy(in RecordedAttributes stronger) => new()
    {
        Type = stronger.Type ?? Type,
        Mode = stronger.Mode ?? Mode,
        Uid = stronger.Uid ?? Uid,
        Gid = stronger.Gid ?? Gid,
        Rdev = stronger.Rdev ?? Rdev,
        Dev = stronger.Dev ?? Dev,
        Ctime = stronger.Ctime ?? Ctime,
    };

    /// <summary>Writes the text form and gives its length; 256 bytes are always enough.</summary>
    public int Format(Span<byte> buffer)
    {
        var text = new StringBuilder();
        if (Type is { } type)
            text.Append("type=").Append((char)type).Append('\n');
        if (Mode is { } mode)
            text.Append("mode=0").Append(Convert.ToString(mode, 8)).Append('\n');
        if (Uid is { } uid)
            text.Append("uid=").Append(uid).Append('\n');
        if (Gid is { } gid)
            text.Append("gid=").Append(gid).Append('\n');
        if (Rdev is { } rdev)
            text.Append("rdev=").Append(DeviceNumber.Major(rdev)).Append(',').Append(DeviceNumber.Minor(rdev)).Append('\n');
        if (Dev is { } dev)
            text.Append("dev=").Append(DeviceNumber.Major(dev)).Append(',').Append(DeviceNumber.Minor(dev)).Append('\n');
        if (Ctime is { } ctime)
            text.Append("ctime=").Append(ctime.Seconds).Append(',').Append(ctime.Nanoseconds).Append('\n');
        return Encoding.ASCII.GetBytes(text.ToString(), buffer);
    }

    /// <summary>Puts the recorded values over those of the stored object.</summary>
    public void Apply(ref KernelStat stat)
    {
        stat.Mode = Apply(stat.Mode);
        stat.Uid = Uid ?? stat.Uid;
        stat.Gid = Gid ?? stat.Gid;
        stat.Rdev = Rdev ?? stat.Rdev;
        stat.Dev = Dev ?? stat.Dev;
        if (IsDevice)
            (stat.Size, stat.Blocks) = (0, 0);
        if (Ctime is { } ctime && ctime.CompareTo((stat.Ctime, stat.CtimeNsec)) > 0)
            (stat.Ctime, stat.CtimeNsec) = ctime;
    }

    /// <summary>As <see cref="Apply(ref KernelStat)"/>, on a <c>struct statx</c> of 256 bytes.</summary>
    public void ApplyStatx(Span<byte> statx)
    {
        var mode = BinaryPrimitives.ReadUInt16LittleEndian(statx[StatxLayout.Mode..]);
        BinaryPrimitives.WriteUInt16LittleEndian(statx[StatxLayout.Mode..], (ushort)Apply(mode));
        if (Uid is { } uid)
            BinaryPrimitives.WriteUInt32LittleEndian(statx[StatxLayout.Uid..], uid);
        if (Gid is { } gid)
            BinaryPrimitives.WriteUInt32LittleEndian(statx[StatxLayout.Gid..], gid);
        if (Rdev is { } rdev)
            WriteDevice(statx[StatxLayout.RdevMajor..], rdev);
        if (Dev is { } dev)
            WriteDevice(statx[StatxLayout.DevMajor..], dev);
        if (IsDevice)
        {
            BinaryPrimitives.WriteInt64LittleEndian(statx[StatxLayout.Size..], 0);
            BinaryPrimitives.WriteInt64LittleEndian(statx[StatxLayout.Blocks..], 0);
        }

        var stored = (BinaryPrimitives.ReadInt64LittleEndian(statx[StatxLayout.Ctime..]),
            (long)BinaryPrimitives.ReadUInt32LittleEndian(statx[StatxLayout.CtimeNsec..]));
        if (Ctime is not { } ctime || ctime.CompareTo(stored) <= 0)
            return;
        BinaryPrimitives.WriteInt64LittleEndian(statx[StatxLayout.Ctime..], ctime.Seconds);
        BinaryPrimitives.WriteUInt32LittleEndian(statx[StatxLayout.CtimeNsec..], (uint)ctime.Nanoseconds);
    }

    private bool IsDevice => Type is (byte)'c' or (byte)'b';

    private uint Apply(uint mode)
    {
        var type = Type switch
        {
            (byte)'f' => FileType.Regular,
            (byte)'s' => FileType.Socket,
            (byte)'c' => FileType.Char,
            (byte)'b' => FileType.Block,
            _ => mode & FileType.Mask,
        };
        return type | ((Mode ?? mode) & ~FileType.Mask);
    }

    private static void WriteDevice(Span<byte> at, ulong device)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(at, DeviceNumber.Major(device));
        BinaryPrimitives.WriteUInt32LittleEndian(at[4..], DeviceNumber.Minor(device));
    }

    private RecordedAttributes With(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("type"u8))
        {
            // umvu also reads '-' for a regular file.
            return value switch
            {
                [(byte)'-' or (byte)'f', ..] => this with { Type = (byte)'f' },
                [(byte)'s' or (byte)'c' or (byte)'b', ..] => this with { Type = value[0] },
                _ => this,
            };
        }

        var octal = key.SequenceEqual("mode"u8);
        if (!Number(ref value, octal, out var first))
            return this;
        if (octal)
            return this with { Mode = (uint)first & 0xFFF };
        if (key.SequenceEqual("uid"u8))
            return this with { Uid = (uint)first };
        if (key.SequenceEqual("gid"u8))
            return this with { Gid = (uint)first };
        long second = 0;
        if (value is [(byte)',', ..])
        {
            value = value[1..];
            Number(ref value, false, out second);
        }

        if (key.SequenceEqual("rdev"u8))
            return this with { Rdev = DeviceNumber.Make((uint)first, (uint)second) };
        if (key.SequenceEqual("dev"u8))
            return this with { Dev = DeviceNumber.Make((uint)first, (uint)second) };
        return key.SequenceEqual("ctime"u8) && second is >= 0 and < 1_000_000_000 ? this with { Ctime = (first, second) } : this;
    }

    /// <summary>
    /// A number as strtol(3) reads it: a sign, and 0x or 0 for another base, unless it is octal anyway. What does not fit wraps around, as umvu's own conversions do
    /// (it writes ids as signed numbers).
    /// </summary>
    private static bool Number(ref ReadOnlySpan<byte> text, bool octal, out long value)
    {
        value = 0;
        var rest = text;
        var negative = rest is [(byte)'-', ..];
        if (rest is [(byte)'-' or (byte)'+', ..])
            rest = rest[1..];
        var radix = octal ? 8 : 10;
        if (!octal && rest is [(byte)'0', (byte)'x' or (byte)'X', _, ..] && char.IsAsciiHexDigit((char)rest[2]))
        {
            radix = 16;
            rest = rest[2..];
        }
        else if (!octal && rest is [(byte)'0', _, ..])
        {
            radix = 8;
        }

        var digits = 0;
        for (; digits < rest.Length && Digit(rest[digits]) < radix; digits++)
            value = unchecked((value * radix) + Digit(rest[digits]));
        if (negative)
            value = unchecked(-value);
        text = rest[digits..];
        return digits > 0;
    }

    private static int Digit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        >= (byte)'A' and <= (byte)'F' => c - 'A' + 10,
        _ => int.MaxValue,
    };

    private static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> text) => text.Trim(" \t\r"u8);
}
