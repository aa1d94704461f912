using System.Diagnostics;

namespace Vuos.Specs.Running;

/// <summary>Finds the program, has it built, and copies it once to where everybody can read it when the repository lies in a private folder.</summary>
internal static class ProgramUnderTest
{
    private const string Name = "vuos-actors";
    private static readonly Lazy<string> _readable = new(MakeReadable);

    /// <summary>The program at a path that any user can execute.</summary>
    public static string ForEverybody => _readable.Value;

    private static string MakeReadable()
    {
        bool isOurs = Environment.GetEnvironmentVariable("VUOS_ACTORS") is not { Length: > 0 };
        string own = isOurs ? Built() : Path.GetFullPath(Environment.GetEnvironmentVariable("VUOS_ACTORS")!);
        if (IsOpen(own))
            return own;
        string copy = Directory.CreateTempSubdirectory("vuos-spec-bin-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(copy, true);
        File.SetUnixFileMode(copy, (UnixFileMode)0b111_101_101);
        // Ours needs what was published beside it; a program named by VUOS_ACTORS stands alone.
        using Process copying = Process.Start("cp", ["-a", "--", isOurs ? Path.GetDirectoryName(own)! : own, copy]);
        copying.WaitForExit();
        return isOurs ? Path.Combine(copy, "bin", Name) : Path.Combine(copy, Path.GetFileName(own));
    }

    // The script builds when sources are newer, which takes its time and says so: no part of a spec.
    private static string Built()
    {
        using Process building = Process.Start(Path.Combine(Repository.Root, Name), ["--version"]);
        building.WaitForExit();
        return building.ExitCode == 0
            ? Path.Combine(Repository.Root, "out", "bin", Name)
            : throw new InvalidOperationException($"{Name} --version: status {building.ExitCode}");
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
