namespace Vuos.Actors.Tests.Support;

/// <summary>A test with programs of the distribution; skipped, with their names, where some are missing. test.sh installs them.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class NeedsFactAttribute : FactAttribute
{
    public NeedsFactAttribute(params string[] programs) => Skip = Needs.Missing(programs);
}

/// <summary>As <see cref="NeedsFactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public class NeedsTheoryAttribute : TheoryAttribute
{
    public NeedsTheoryAttribute(params string[] programs) => Skip = Needs.Missing(programs);
}

internal static class Needs
{
    private static readonly string[] s_path = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/lib/openssh"];

    /// <summary>Null, or a sentence on what is not installed. <c>python3-NAME</c> is a module of Python.</summary>
    public static string? Missing(string[] programs)
    {
        var missing = programs.Where(static p => !IsThere(p)).ToArray();
        return missing.Length == 0 ? null : "not installed: " + string.Join(", ", missing);
    }

    /// <summary>Mounts of the kernel's FUSE, in a namespace of one's own.</summary>
    public const string KernelMounts = "a /dev/fuse that may be used";

    private static readonly Lazy<bool> s_mounts =
        new(static () => File.Exists("/dev/fuse") && ChildProcess.Run("unshare", ["-m", "sh", "-c", "mount -t tmpfs none /mnt && : < /dev/fuse"]).Status == 0);

    private static bool IsThere(string program) => program == KernelMounts ? s_mounts.Value : program.StartsWith("python3-", StringComparison.Ordinal)
        ? ChildProcess.Run("/usr/bin/python3", ["-c", "import " + Module(program)]).Status == 0
        : s_path.Any(directory => File.Exists(Path.Combine(directory, program)));

    private static string Module(string package) => package["python3-".Length..];
}
