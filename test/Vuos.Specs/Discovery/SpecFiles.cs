using Vuos.Specs.Parsing;
using Vuos.Specs.Running;

namespace Vuos.Specs.Discovery;

/// <summary>The specs of the repository.</summary>
public static class SpecFiles
{
    /// <summary>Names (<c>module/behaviour</c>) in a stable order.</summary>
    public static IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Repository.Specs, "*.spec", SearchOption.AllDirectories)
            .Select(path => Path.ChangeExtension(Path.GetRelativePath(Repository.Specs, path), null))
            .Order(StringComparer.Ordinal);

    /// <exception cref="SpecSyntaxException">The file is not a spec.</exception>
    public static Spec Load(string name) => SpecParser.Parse(name, File.ReadAllText(Path.Combine(Repository.Specs, name + ".spec")));

    /// <summary>Why a spec cannot run on this machine; null if it can.</summary>
    public static string? WhyNot(Spec spec, SpecUser user)
    {
        if (user == SpecUser.Root && Terminal.Libc.EffectiveUser() != 0)
            return "needs root";
        string[] missing = [.. spec.Needs.Where(program => !IsInstalled(program))];
        return missing.Length == 0 ? null : "not installed: " + string.Join(' ', missing);
    }

    private static bool IsInstalled(string program) =>
        ((string[])["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]).Any(directory => File.Exists(Path.Combine(directory, program)));
}
