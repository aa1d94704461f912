using System.Diagnostics;

namespace Vuos.Actors.Tests.Support;

/// <summary>Runs a program to its end and gives what it said.</summary>
internal static class ChildProcess
{
    public sealed record Outcome(int Status, string Output, string Errors);

    public static Outcome Run(string program, IEnumerable<string> arguments, string input = "", string? inGuest = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (inGuest is not null)
            start.Environment["VUOS_IN_GUEST"] = inGuest;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} did not end");
        }

        return new Outcome(process.ExitCode, output, errors.GetAwaiter().GetResult());
    }

    /// <summary>A hypervisor in a process of its own (<see cref="Program"/>).</summary>
    public static Outcome Hypervisor(params string[] arguments) => Run("dotnet", [typeof(Program).Assembly.Location, .. arguments]);

    /// <summary>The same, with calls decided in the guest after so many of them; 0: never.</summary>
    public static Outcome Hypervisor(int inGuestAfter, params string[] arguments) =>
        Run("dotnet", [typeof(Program).Assembly.Location, .. arguments], "", inGuestAfter.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Compiles a C program and gives its path.</summary>
    public static string Compile(string source, TempDirectory into)
    {
        var program = into.At("program");
        var outcome = Run("gcc", ["-O1", "-Wall", "-Werror", "-x", "c", "-", "-o", program], source);
        return outcome.Status == 0 ? program : throw new InvalidOperationException(outcome.Errors);
    }
}
