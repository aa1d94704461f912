using System.Collections.Concurrent;
using System.Diagnostics;

namespace Vuos.Native.Tests.Abi;

/// <summary>The system's C compiler, for what only the kernel's headers know.</summary>
internal static class Compiler
{
    private static readonly ConcurrentDictionary<string, IReadOnlyDictionary<string, string>> Known = new();

    /// <summary>All object-like macros after including these headers, with their unexpanded text.</summary>
    public static IReadOnlyDictionary<string, string> Macros(params string[] headers) => Known.GetOrAdd(string.Join('\n', headers), _ =>
    {
        var arguments = headers.SelectMany(static h => new[] { "-include", h });
        var text = Run("gcc", "", ["-D_GNU_SOURCE", "-E", "-dM", "-x", "c", .. arguments, "/dev/null"]);
        return text.Split('\n').Select(static l => l.Split(' ', 3)).Where(static w => w.Length == 3 && !w[1].Contains('('))
            .ToDictionary(static w => w[1], static w => w[2]);
    });

    /// <summary>Compiles a program into <paramref name="folder"/> and gives its path.</summary>
    public static string Build(string source, string folder)
    {
        var program = Path.Combine(folder, "program");
        Run("gcc", source, ["-O1", "-Wall", "-Werror", "-x", "c", "-", "-o", program]);
        return program;
    }

    /// <summary>Compiles a program, runs it once and gives what it prints.</summary>
    public static string BuildAndRun(string source, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("vuos-abi-").FullName;
        try
        {
            return Run(Build(source, folder), "", arguments);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Run(string program, string input, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {errors.Result}{output}");
    }
}
