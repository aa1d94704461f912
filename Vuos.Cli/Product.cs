using System.Reflection;

namespace Vuos.Cli;

/// <summary>Name and version of this program.</summary>
internal static class Product
{
    /// <summary>Version as in Directory.Build.props, without the commit.</summary>
    public static string Version { get; } =
        typeof(Product).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0";

    /// <summary>What <c>--version</c> prints.</summary>
    public static string NameAndVersion => "vuos-actors " + Version;
}
