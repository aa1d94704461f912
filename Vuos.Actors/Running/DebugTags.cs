namespace Vuos.Actors.Running;

/// <summary>The debug tags of vudebug: letters that switch parts of the debug output on. Owned by the tracer thread.</summary>
internal sealed class DebugTags
{
    private static readonly (char Tag, string Name)[] Named =
    [
        ('a', "ACTION"), ('c', "CHOICE"), ('d', "FD_TABLE"), ('f', "FILETABLE"), ('m', "MODULE"), ('n', "NESTED"), ('p', "PATH"), ('s', "SYSCALL"),
        ('t', "THREADS"), ('v', "VNODE"), ('B', "VUBINFMT"), ('D', "VUDEV"), ('F', "VUFUSE"), ('M', "VUMISC"), ('N', "VUNET"), ('U', "+FUSE"),
        ('V', "VUFS"),
    ];

    private readonly Dictionary<char, string> colours = [];
    private bool anyLocal;

    /// <summary>Letters switched on for everyone, in the order of the alphabet above.</summary>
    public string Active
    {
        get;
        set
        {
            field = value;
            Any = value.Length > 0 || anyLocal;
        }
    } = "";

    /// <summary>Whether any tag may be on for any guest.</summary>
    public bool Any { get; private set; }

    /// <summary>Tags were switched on for some process tree: from now on each guest's own have to be looked at.</summary>
    public void UsedLocally() => Any = anyLocal = true;

    public bool IsOn(char tag, string local) => Active.Contains(tag) || local.Contains(tag);

    /// <summary>The ANSI sequence of a tag's colour; empty: none was chosen.</summary>
    public string EscapeOf(char tag)
    {
        if (!colours.TryGetValue(tag, out var colour))
            return "";
        const string Colours = "nrgybmcw", Attributes = "+-\0_*\0#";
        var codes = colour.Select(static c => Colours.IndexOf(c) is >= 0 and var foreground ? 30 + foreground
            : Colours.IndexOf(char.ToLowerInvariant(c)) is >= 0 and var background ? 40 + background
            : 1 + Attributes.IndexOf(c));
        return $"\e[{string.Join(';', codes)}m";
    }

    public static string? NameOf(char tag)
    {
        foreach (var (letter, name) in Named)
        {
            if (letter == tag)
                return name;
        }

        return null;
    }

    /// <summary>The letters after switching some on or off; an empty list means all named ones. Unnamed letters are allowed, others ignored.</summary>
    public static string Switch(string active, string which, bool on)
    {
        if (which.Length == 0)
            which = string.Concat(Named.Select(static n => n.Tag));
        var letters = on ? active.Union(which.Where(IsTag)) : active.Except(which);
        return string.Concat(letters.Order());
    }

    public bool SetColour(string which, string colour)
    {
        if (colour.Length == 0 || colour.Any(static c => !"nwrgbcmyNWRGBCMY+-_*#".Contains(c)))
            return false;
        foreach (var tag in which.Length == 0 ? Named.Select(static n => n.Tag) : which.Where(IsTag))
            colours[tag] = colour;
        return true;
    }

    /// <summary>Applies a comma-separated list of <c>TAGS:COLOUR</c>.</summary>
    public void SetColours(string specification)
    {
        foreach (var part in specification.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var colon = part.IndexOf(':');
            if (colon >= 0)
                SetColour(part[..colon], part[(colon + 1)..]);
        }
    }

    private static bool IsTag(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
