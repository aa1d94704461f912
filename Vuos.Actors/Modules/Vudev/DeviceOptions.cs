using System.Globalization;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vudev;

/// <summary>The options of <c>-o</c> that every device has.</summary>
internal sealed record DeviceOptions
{
    /// <summary>Of the kernel's 32-bit device numbers (include/linux/kdev_t.h, new_encode_dev).</summary>
    public const uint MaxMajor = 0xFFF, MaxMinor = 0xFFFFF;

    /// <summary>A block device; else a character device.</summary>
    public bool Block { get; private set; }

    /// <summary>Permission bits.</summary>
    public uint Mode { get; private set; } = 0x180; // rw-------

    public uint Uid { get; private set; }

    public uint Gid { get; private set; }

    public uint Major { get; private set; }

    /// <summary>Of number 0; number N has N more.</summary>
    public uint Minor { get; private set; }

    /// <summary>Stand for every device node with these numbers, wherever it is.</summary>
    public bool EveryNode { get; private set; }

    /// <summary>
    /// Options, or why not. <paramref name="own"/> takes the type's own options: name and value to an end of a sentence on what is wrong, "" if nothing, null if it does not know the name.
    /// Without options: a device of <paramref name="block"/>'s kind, mode 0600, of who mounts, number 0, 0.
    /// </summary>
    public static (DeviceOptions Options, Refusal? Refusal) Parse(MountRequest request, bool block, Func<string, string, string?>? own = null)
    {
        var options = new DeviceOptions { Block = block, Uid = request.Caller.Uid, Gid = request.Caller.Gid };
        foreach (var (name, value) in request.Options)
        {
            var wrong = options.Take(name, value ?? "") ?? own?.Invoke(name, value ?? "") ?? $"has no option {name}";
            if (wrong.Length > 0)
                return (options, new Refusal(Errno.EINVAL, $"{request.Type} {wrong}"));
        }

        return (options, null);
    }

    private string? Take(string name, string value)
    {
        switch (name)
        {
            case "chr" or "char" or "chrdev":
                Block = false;
                return Bare(name, value);
            case "blk" or "blkdev":
                Block = true;
                return Bare(name, value);
            case "devid":
                EveryNode = true;
                return Bare(name, value);
            case "ro" or "rw" or "-r":
                return Bare(name, value); // the request has it as a flag, too
            case "mode":
                Mode = Octal(value) ?? uint.MaxValue;
                return Mode <= 0xFFF ? "" : $"takes for mode an octal number up to 7777, not \"{value}\"";
            case "uid":
                return Number(name, value, uint.MaxValue - 1, n => Uid = n);
            case "gid":
                return Number(name, value, uint.MaxValue - 1, n => Gid = n);
            case "major":
                return Number(name, value, MaxMajor, n => Major = n);
            case "minor":
                return Number(name, value, MaxMinor, n => Minor = n);
            default:
                return null;
        }
    }

    private static string Bare(string name, string value) => value.Length == 0 ? "" : $"takes no value for {name}";

    private static string Number(string name, string value, uint most, Action<uint> set)
    {
        if (!uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > most)
            return $"takes for {name} a number up to {most}, not \"{value}\"";
        set(number);
        return "";
    }

    private static uint? Octal(string value)
    {
        if (value.Length is 0 or > 7 || value.Any(static c => c is < '0' or > '7'))
            return null;
        return value.Aggregate(0u, static (number, c) => number * 8 + (uint)(c - '0'));
    }
}
