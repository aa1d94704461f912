using System.Diagnostics;

namespace Vuos.Cli.Tests;

/// <summary>Runs a program to its end and keeps what it printed.</summary>
internal sealed record ProgramProcess(int Status, string Output, string Error)
{
    private const int LimitMilliseconds = 300_000;

    /// <summary>The built program beside the tests.</summary>
    public static string VuosActors { get; } = Path.Combine(AppContext.BaseDirectory, "vuos-actors");

    public static ProgramProcess Run(string program, params string[] args) => RunIn(Environment.CurrentDirectory, program, args);

    public static ProgramProcess RunIn(string directory, string program, params string[] args)
    {
        var start = new ProcessStartInfo(program, args)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(LimitMilliseconds))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end");
        }
        return new(process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
