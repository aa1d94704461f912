using System.Text;
using Vuos.Actors.Views;

namespace Vuos.Actors.Modules.Vufs;

internal enum VufsMode : byte
{
    Bind, Move, Merge, Cow, Mincow,
}

/// <summary>The option string of a vufs mount.</summary>
internal sealed record VufsOptions
{
    public VufsMode Mode { get; private set; }

    public bool ReadOnly { get; private set; }

    public bool NoExec { get; private set; }

    public bool Permanent { get; private set; }

    /// <summary>chmod and chown record attributes and copy nothing.</summary>
    public bool NoCopyOnChange { get; private set; }

    /// <summary>Paths below the mount point, canonical, beginning with a slash.</summary>
    public byte[][] Except { get; private set; } = [];

    /// <summary>Null and the options, or a sentence on what is wrong.</summary>
    public static string? Parse(string text, out VufsOptions options)
    {
        options = new VufsOptions();
        var modes = 0;
        var except = new List<byte[]>();
        foreach (var (name, value) in OptionList.Parse(text))
        {
            if (name == "except")
            {
                if (string.IsNullOrEmpty(value))
                    return "vufs: except requires an arg";
                except.Add(BytePath.Tidy(Encoding.UTF8.GetBytes(value)));
                continue;
            }

            var known = true;
            switch (name)
            {
                case "bind" or "move" or "merge" or "cow" or "mincow":
                    modes++;
                    options.Mode = Enum.Parse<VufsMode>(name, ignoreCase: true);
                    break;
                case "ro":
                    options.ReadOnly = true;
                    break;
                case "noexec":
                    options.NoExec = true;
                    break;
                case "nochcopy":
                    options.NoCopyOnChange = true;
                    break;
                case "permanent":
                    options.Permanent = true;
                    break;
                default:
                    known = OptionList.IsIdle(name);
                    break;
            }

            if (!known)
                return $"vufs: {name} unknown tag";
            if (value is not null)
                return $"vufs: {name} need no args";
        }

        options.Except = [.. except];
        return modes > 1 ? "vufs: move, merge, cow and mincow are mutually exclusive" : null;
    }

    /// <summary>For /proc/self/mounts.</summary>
    public string Shown(bool move)
    {
        var words = new List<string> { move ? "move" : Mode.ToString().ToLowerInvariant() };
        words.AddRange(Except.Select(static e => "except=" + Encoding.UTF8.GetString(e)));
        if (NoCopyOnChange)
            words.Add("nochcopy");
        if (Permanent)
            words.Add("permanent");
        return string.Join(',', words);
    }
}
