namespace Vuos.Cli.Tests;

/// <summary>A directory of its own for one test.</summary>
public sealed class TempDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vuos-cli-").FullName;

    /// <summary>Makes a file, and the directories to it.</summary>
    public string File(string name, string content = "", UnixFileMode? mode = null)
    {
        var path = At(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, content);
        if (mode is { } bits && OperatingSystem.IsLinux())
            System.IO.File.SetUnixFileMode(path, bits);
        return path;
    }

    /// <summary>Makes a file that can be executed.</summary>
    public string Program(string name, string content) =>
        File(name, content, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead
            | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

    public string Folder(string name) => Directory.CreateDirectory(At(name)).FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
