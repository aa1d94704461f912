using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vudev.Nbd;

/// <summary>Finds programs as a shell does.</summary>
internal static class Programs
{
    private const int Execute = 1; // X_OK

    /// <summary>Path of an executable file; null: there is none in the directories of PATH.</summary>
    public static string? Find(string name)
    {
        if (name.Contains('/'))
            return Executable(name) ? name : null;
        var directories = Environment.GetEnvironmentVariable("PATH") ?? "/usr/local/bin:/usr/bin:/bin";
        return directories.Split(':').Where(static d => d.Length > 0).Select(d => Path.Combine(d, name)).FirstOrDefault(Executable);
    }

    private static bool Executable(string path) => File.Exists(path) && Files.Access(System.Text.Encoding.UTF8.GetBytes(path + "\0"), Execute, 0) == 0;
}
