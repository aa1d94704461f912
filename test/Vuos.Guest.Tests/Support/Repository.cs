namespace Vuos.Guest.Tests.Support;

/// <summary>Where things are in the source tree and in the build.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>The native program, published by the build of this project.</summary>
    public static string GuestBinary { get; } = Path.Combine(AppContext.BaseDirectory, "native", "vuos-guest");

    /// <summary>A file of the source tree, by its path from the root.</summary>
    public static string File(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(directory, "VuosActors.sln")))
        {
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("not inside the source tree");
        }

        return directory;
    }
}
