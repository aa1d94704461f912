using System.Diagnostics;

namespace Vuos.Guest.Tests.Support;

/// <summary>What a program left behind.</summary>
internal sealed record Outcome(int Status, string Out, string Err);

/// <summary>Runs programs to their end.</summary>
internal static class Command
{
    /// <summary>No test program needs more than a fraction of this; it only turns a hang into a failure.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    public static Outcome Run(string program, params string[] arguments) => Run(program, arguments, environment: []);

    /// <summary>Runs a program with changed environment variables (null removes one) and this text as its input.</summary>
    public static Outcome Run(string program, string[] arguments, Dictionary<string, string?> environment, string input = "")
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} {string.Join(' ', arguments)} did not end");
        }

        return new Outcome(process.ExitCode, output.Result, errors.Result);
    }

    /// <summary>Whether a program is on PATH.</summary>
    public static bool Exists(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, program)));
}
