using Vuos.Actors.Running;

namespace Vuos.Cli;

/// <summary>
/// The modules a command line may name. Asked before the hypervisor exists, so it is a list and not a message; the hypervisor's own
/// answer is final when it loads them.
/// </summary>
internal static class KnownModules
{
    private static readonly string[] All = [.. Hypervisor.KnownModules];

    /// <summary>All names, for messages.</summary>
    public static string Names => string.Join(", ", All);

    /// <summary>A module with exactly this name exists.</summary>
    public static bool Contains(string module) => All.Contains(module);

    /// <summary>A module serves mounts of this type: its name begins the type's.</summary>
    public static bool Serves(string type) => Array.Exists(All, name => type.StartsWith(name, StringComparison.Ordinal));

    /// <summary>The source of a mount of this type is a path; of other types it may be a word.</summary>
    public static bool SourceIsPath(string type) => type.StartsWith("vufs", StringComparison.Ordinal);
}
