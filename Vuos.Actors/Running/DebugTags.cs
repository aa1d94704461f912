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

    /// <summary>Letters switched on for everyone, in the order of the alphabet above.</summary>
    public string Active { get; set; } = "";

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

    private static bool IsTag(char c) => char.IsAsciiLetterOrDigit(c) || c == '_';
}
