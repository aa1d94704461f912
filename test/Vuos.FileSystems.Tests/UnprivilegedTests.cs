using System.Diagnostics;
using Vuos.FileSystems.Tests.Support;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Tests;

/// <summary>The file system of a host directory served by a user who is not root.</summary>
public sealed class UnprivilegedTests
{
    [Fact]
    public async Task Everything_holds_for_another_user()
    {
        // The program is copied to where that user can read it; whoever is not root already is that user.
        using var directory = new TempDirectory();
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory))
            File.Copy(file, directory.At(Path.GetFileName(file)));
        File.SetUnixFileMode(directory.Path, (UnixFileMode)0b111_101_101);
        var program = directory.At("Vuos.FileSystems.Tests.dll");
        string[] arguments = Sys.Fast(Nr.Geteuid) == 0
            ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "dotnet", program]
            : ["dotnet", program];
        using var process = Process.Start(new ProcessStartInfo("env", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, output + await errors);
        Assert.Contains("passed Renames_of_every_kind", output);
        Assert.Contains("passed The_kernel_says", output);
    }
}
