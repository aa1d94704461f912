namespace Vuos.Cli;

/// <summary>Syntax of debug tags and their colours, as vudebug takes them.</summary>
internal static class Debugging
{
    private const string ColourSigns = "nwrgbcmyNWRGBCMY+-_*#";

    /// <summary>Tags are the 63 characters A-Z, a-z, 0-9 and underscore.</summary>
    public static bool AreTags(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                return false;
        return true;
    }

    /// <summary>A comma-separated list of <c>TAGS:COLOUR</c>; no tags before the colon means all.</summary>
    public static bool AreColours(string text)
    {
        foreach (var part in text.Split(','))
        {
            var colon = part.IndexOf(':');
            if (colon < 0 || !AreTags(part.AsSpan(0, colon)) || colon + 1 == part.Length || part.AsSpan(colon + 1).ContainsAnyExcept(ColourSigns))
                return false;
        }
        return true;
    }
}
