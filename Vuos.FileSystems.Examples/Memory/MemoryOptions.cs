using System.Globalization;

namespace Vuos.FileSystems.Examples;

/// <summary>Options of <see cref="MemoryFileSystem"/>, as of tmpfs(5).</summary>
internal sealed record MemoryOptions(long Blocks, uint Mode, uint Uid, uint Gid)
{
    /// <summary>The options, or null and a sentence.</summary>
    public static MemoryOptions? Parse(MountRequest request, out string problem)
    {
        problem = "";
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        var options = new MemoryOptions(memory / 2 / SparseContent.BlockSize, 0b001_111_111_111, request.Caller.Uid, request.Caller.Gid);
        foreach (var (name, value) in request.Options)
        {
            var known = name switch
            {
                "size" => Size(value, memory) is { } size
                    ? options with { Blocks = size == 0 ? long.MaxValue : (size - 1) / SparseContent.BlockSize + 1 }
                    : null,
                "mode" => Octal(value) is { } mode ? options with { Mode = mode } : null,
                "uid" => uint.TryParse(value, CultureInfo.InvariantCulture, out var uid) ? options with { Uid = uid } : null,
                "gid" => uint.TryParse(value, CultureInfo.InvariantCulture, out var gid) ? options with { Gid = gid } : null,
                _ => null,
            };
            if (known is null)
            {
                problem = name is "size" or "mode" or "uid" or "gid" ? $"'{value}' is no value of the option {name}" : $"there is no option {name}; the options are size, mode, uid and gid";
                return null;
            }

            options = known;
        }

        return options;
    }

    /// <summary>Bytes; k, m, g, t or a per cent sign may follow the number. 0: no limit.</summary>
    private static long? Size(string text, long memory)
    {
        if (text.Length == 0)
            return null;
        var factor = char.ToLowerInvariant(text[^1]) switch { 'k' => 1L << 10, 'm' => 1L << 20, 'g' => 1L << 30, 't' => 1L << 40, '%' => memory / 100, _ => 1 };
        var digits = char.IsAsciiDigit(text[^1]) ? text : text[..^1];
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue / factor ? number * factor : null;
    }

    private static uint? Octal(string text) =>
        text.Length is > 0 and < 6 && text.All(static c => c is >= '0' and <= '7') && Convert.ToUInt32(text, 8) is <= 0xFFF and var mode ? mode : null;
}
