namespace Vuos.Benchmarks;

/// <summary>Looks programs up as execvp(3) does.</summary>
internal static class Programs
{
    public static bool OnPath(string name) => name.Contains('/')
        ? File.Exists(name)
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(d => d.Length > 0 && File.Exists(Path.Combine(d, name)));
}
