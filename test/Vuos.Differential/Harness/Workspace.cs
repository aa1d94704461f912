using System.Diagnostics;

namespace Vuos.Differential.Harness;

/// <summary>One temporary directory per run of the tests: compiled programs, logs, and a place for each run.</summary>
public static class Workspace
{
    private const string Decoy = "this-file-lies-below-the-mount";

    private static readonly string Root = Make();
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, string> Compiled = [];
    private static int _places;

    /// <summary>Argument of <c>-b</c> for two directories no program names.</summary>
    public static string Unrelated { get; } = $"{Folder("some")}:{Folder("other")}";

    /// <summary>Where the output of runs goes.</summary>
    public static string Logs { get; } = Folder("logs");

    /// <summary>A directory for one run. Its path is as long in each run, so that nothing depends on the length.</summary>
    public sealed record Place(string Directory, string Source)
    {
        /// <summary>The directory that really holds the files.</summary>
        public required string Real { get; init; }

        /// <summary>Names of what is on the disk below the mount point that should not be there.</summary>
        public string[] Leaked() => Real == Directory ? [] : [.. System.IO.Directory.GetFileSystemEntries(Directory).Select(e => Path.GetFileName(e)!).Where(n => n != Decoy)];
    }

    /// <summary>Prepares a place: with <see cref="View.Inside"/> the named directory holds only a decoy and the files are elsewhere.</summary>
    public static Place New(User user, View view)
    {
        var at = Path.Combine(Root, $"{Interlocked.Increment(ref _places):D5}");
        string work = Path.Combine(at, "work"), real = Path.Combine(at, "real");
        foreach (var dir in (string[])[at, work, real])
            Directory.CreateDirectory(dir);
        if (user == User.Nobody)
        {
            Posix.Give(work, 65534);
            Posix.Give(real, 65534);
        }
        if (view == View.Inside)
            File.WriteAllText(Path.Combine(work, Decoy), "");
        return new Place(work, real) { Real = view == View.Inside ? real : work };
    }

    /// <summary>Removes a place and everything in it; rm copes with trees deeper than PATH_MAX.</summary>
    public static void Remove(Place place) => Tool("/bin/rm", "-rf", "--one-file-system", Path.GetDirectoryName(place.Directory)!);

    /// <summary>Compiles a C program once and returns the path of the binary.</summary>
    public static string Compile(string source)
    {
        lock (Gate)
        {
            if (Compiled.TryGetValue(source, out var done))
                return done;
            var binary = Path.Combine(Folder("bin"), Path.GetFileNameWithoutExtension(source));
            Tool("gcc", "-O1", "-pthread", "-w", "-o", binary, source);
            return Compiled[source] = binary;
        }
    }

    private static string Make()
    {
        // The matrices make thousands of small trees: in memory they take a thirtieth of the time they take on ext4.
        var parent = Environment.GetEnvironmentVariable("VUOS_DIFF_TMP") ?? (Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath());
        var path = Path.Combine(parent, $"vuos-diff-{Environment.ProcessId:D7}");
        Directory.CreateDirectory(path);
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            if (Environment.GetEnvironmentVariable("VUOS_DIFF_KEEP") != "1")
                Tool("/bin/rm", "-rf", "--one-file-system", path);
        };
        return path;
    }

    private static string Folder(string name) => Directory.CreateDirectory(Path.Combine(Root, name)).FullName;

    /// <summary>Runs a program that must succeed.</summary>
    public static void Tool(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors}");
    }
}
