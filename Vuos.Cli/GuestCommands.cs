namespace Vuos.Cli;

/// <summary>
/// Finds the commands for guests (<c>vu_insmod</c> and so on): links to one multi-call program in <c>guest/</c> beside this program.
/// A tool package cannot hold links, so there they are made in the user's cache on first use.
/// </summary>
internal static class GuestCommands
{
    /// <summary>The multi-call program.</summary>
    public const string Program = "vuos-guest";

    /// <summary>Names it is called by.</summary>
    public static IReadOnlyList<string> Names { get; } = ["vu_insmod", "vu_lsmod", "vu_rmmod", "vumount", "vuumount", "vuname", "vudebug"];

    /// <summary>The directory to put on a guest's PATH, or null if there is none and none can be made.</summary>
    /// <param name="programDirectory">Directory of this program.</param>
    public static string? Locate(string programDirectory)
    {
        var beside = Path.Combine(programDirectory, "guest");
        if (File.Exists(Path.Combine(beside, Names[0])))
            return beside;
        var program = Path.Combine(beside, Program);
        if (!File.Exists(program) || CacheDirectory() is not { } cache)
            return null;
        try
        {
            return MakeLinks(program, Path.Combine(cache, "vuos-actors", Product.Version, "guest"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Fills <paramref name="directory"/> with links to <paramref name="program"/>; other starts may do the same at the same time.</summary>
    internal static string MakeLinks(string program, string directory)
    {
        if (IsComplete(program, directory))
            return directory;
        Directory.CreateDirectory(directory);
        var target = program;
        if (!HostFile.IsExecutable(program))
        {
            // Packages are unpacked without the x bit for others; a copy of our own gets it, with the files beside it that it may need.
            foreach (var file in Directory.GetFiles(Path.GetDirectoryName(program)!))
                Copy(file, Path.Combine(directory, Path.GetFileName(file)));
            target = Path.Combine(directory, Program);
        }
        foreach (var name in Names)
        {
            var link = Path.Combine(directory, name);
            var fresh = Temporary(link);
            File.Delete(fresh);
            File.CreateSymbolicLink(fresh, target);
            File.Move(fresh, link, overwrite: true);
        }
        return directory;
    }

    private static void Copy(string file, string target)
    {
        var copy = Temporary(target);
        File.Copy(file, copy, overwrite: true);
        File.SetUnixFileMode(copy, (UnixFileMode)Convert.ToInt32("755", 8));
        File.Move(copy, target, overwrite: true);
    }

    private static bool IsComplete(string program, string directory)
    {
        foreach (var name in Names)
        {
            var target = new FileInfo(Path.Combine(directory, name)).LinkTarget;
            if (target is null || !HostFile.IsExecutable(target) || (target != program && HostFile.IsExecutable(program)))
                return false;
        }
        return true;
    }

    private static string Temporary(string path) => $"{path}.{Environment.ProcessId}";

    private static string? CacheDirectory()
    {
        // The base directory specification: a relative XDG_CACHE_HOME is to be ignored.
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } cache && cache.StartsWith('/'))
            return cache;
        return Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache") : null;
    }
}
