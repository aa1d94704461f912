namespace Vuos.Specs.Running;

/// <summary>Where the sources lie.</summary>
public static class Repository
{
    /// <summary>The folder with the solution, found upwards from the test assembly.</summary>
    public static string Root { get; } = Find();

    public static string Specs => Path.Combine(Root, "specs");

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "VuosActors.sln")))
                return at.FullName;
        }

        throw new DirectoryNotFoundException("no VuosActors.sln above " + AppContext.BaseDirectory);
    }
}
