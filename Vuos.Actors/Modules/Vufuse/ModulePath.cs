using Akka.Configuration;

namespace Vuos.Actors.Modules.Vufuse;

/// <summary>Where modules of the user's own are looked for: the setting <c>vuos.modules.path</c>, <c>~/.vu/modules</c> first.</summary>
internal static class ModulePath
{
    /// <summary>The directories, in order; they need not exist. A beginning <c>~</c> is the home directory, and such an entry is left out where there is none.</summary>
    public static IReadOnlyList<string> From(Config config)
    {
        var home = Environment.GetEnvironmentVariable("HOME");
        return
        [
            .. config.GetStringList("vuos.modules.path", [])
                .Where(entry => entry.StartsWith('/') || (entry.StartsWith("~/", StringComparison.Ordinal) && !string.IsNullOrEmpty(home)))
                .Select(entry => entry[0] == '~' ? Path.Combine(home!, entry[2..]) : entry),
        ];
    }

    /// <summary>Files of a directory with an extension, in the order of their names; none if it cannot be read.</summary>
    public static IReadOnlyList<string> Files(string directory, string extension)
    {
        try
        {
            return [.. Directory.GetFiles(directory, "*" + extension).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
