namespace Vuos.Cli;

/// <summary>
/// The modules a command line may name. Asked before the hypervisor exists, so it is a table and not a message; the hypervisor's own
/// answer is final when it loads them.
/// </summary>
internal static class KnownModules
{
    /// <summary>Module names, and whether the source of a mount of that module is a path of the host.</summary>
    private static readonly (string Name, bool SourceIsPath)[] Table = [("vufs", true)];

    /// <summary>All names, for messages.</summary>
    public static string Names => string.Join(", ", Table.Select(static m => m.Name));

    /// <summary>A module with exactly this name exists.</summary>
    public static bool Contains(string module) => Array.Exists(Table, m => m.Name == module);

    /// <summary>A module serves mounts of this type: its name begins the type's.</summary>
    public static bool Serves(string type) => Array.Exists(Table, m => type.StartsWith(m.Name, StringComparison.Ordinal));

    /// <summary>The source of a mount of this type is a path.</summary>
    public static bool SourceIsPath(string type) => Array.Exists(Table, m => m.SourceIsPath && type.StartsWith(m.Name, StringComparison.Ordinal));
}
