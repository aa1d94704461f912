using System.Diagnostics;

namespace Vuos.Specs.Running;

/// <summary>Finds the program, and copies it once to where everybody can read it when the repository lies in a private folder.</summary>
internal static class ProgramUnderTest
{
    private const string Script = "vuos-actors";
    private static readonly Lazy<string> _readable = new(MakeReadable);

    /// <summary>The program as it was named: <c>VUOS_ACTORS</c> or the script of the repository.</summary>
    public static string Own { get; } = Environment.GetEnvironmentVariable("VUOS_ACTORS") is { Length: > 0 } set
        ? Path.GetFullPath(set)
        : Path.Combine(Repository.Root, Script);

    /// <summary>The program at a path that any user can execute.</summary>
    public static string ForEverybody => _readable.Value;

    private static string MakeReadable()
    {
        if (IsOpen(Own))
            return Own;
        string copy = Directory.CreateTempSubdirectory("vuos-spec-bin-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(copy, true);
        File.SetUnixFileMode(copy, (UnixFileMode)0b111_101_101);
        // The script runs what was published into out/bin; a program named by VUOS_ACTORS stands alone.
        string published = Path.Combine(Path.GetDirectoryName(Own)!, "out", "bin");
        bool isScript = Directory.Exists(published);
        using Process copying = Process.Start("cp", ["-a", "--", isScript ? published : Own, copy]);
        copying.WaitForExit();
        return isScript ? Path.Combine(copy, "bin", Script) : Path.Combine(copy, Path.GetFileName(Own));
    }

    private static bool IsOpen(string path)
    {
        for (DirectoryInfo? at = Directory.GetParent(path); at is not null; at = at.Parent)
        {
            if (!at.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
                return false;
        }

        return true;
    }
}
