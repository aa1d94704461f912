namespace Vuos.Guest.Options;

/// <summary>What one argument of vudebug asks for.</summary>
internal enum DebugAction
{
    SwitchOn,
    SwitchOff,
    List,
    Colour,
}

/// <summary>One parsed argument of vudebug: <c>+TAGS[:COLOUR]</c>, <c>-TAGS</c>, <c>?TAGS</c> or <c>TAGS:COLOUR</c>.</summary>
internal readonly struct DebugRequest(DebugAction action, string tags, string? colour)
{
    /// <summary>All possible tags, in the order they are listed.</summary>
    public const string AllTags = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789abcdefghijklmnopqrstuvwxyz";

    public DebugAction Action { get; } = action;

    /// <summary>Tag letters; "" stands for all.</summary>
    public string Tags { get; } = tags;

    /// <summary>Colour to set as well, or null.</summary>
    public string? Colour { get; } = colour;

    /// <summary>Reads one argument; false if it has none of the four forms.</summary>
    public static bool TryParse(string argument, out DebugRequest request)
    {
        request = default;
        if (argument.Length == 0)
        {
            return false;
        }

        var action = argument[0] switch
        {
            '+' => DebugAction.SwitchOn,
            '-' => DebugAction.SwitchOff,
            '?' => DebugAction.List,
            _ => DebugAction.Colour,
        };
        var tags = action == DebugAction.Colour ? argument : argument[1..];
        string? colour = null;
        var colon = tags.IndexOf(':');
        if (colon >= 0)
        {
            colour = tags[(colon + 1)..];
            tags = tags[..colon];
        }

        var wellFormed = action switch
        {
            DebugAction.SwitchOn => colour is null or { Length: > 0 },
            DebugAction.Colour => colour is { Length: > 0 },
            _ => colour is null,
        };
        if (!wellFormed)
        {
            return false;
        }

        foreach (var tag in tags)
        {
            if (AllTags.IndexOf(tag) < 0)
            {
                return false;
            }
        }

        request = new DebugRequest(action, tags, colour);
        return true;
    }
}
