using System.Globalization;
using System.Text.RegularExpressions;
using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Running;

/// <summary>The rule of the tracer thread: a call that no layer claims costs no garbage, whatever carries it.</summary>
public sealed partial class AllocationTests
{
    private const int Calls = 200_000;

    private const string Loop = """
        #include <stdlib.h>
        #include <fcntl.h>
        #include <sys/stat.h>
        #include <unistd.h>
        int main(int argc, char **argv)
        {
            struct stat s;
            for (int i = atoi(argv[2]); i > 0; i--) {
                if (argv[1][0] == 's' && stat(argv[3], &s) != 0)
                    return 1;
                if (argv[1][0] == 'l' && lstat(argv[3], &s) != 0)
                    return 1;
                if (argv[1][0] == 'a' && access(argv[3], R_OK) != 0)
                    return 1;
                if (argv[1][0] == 'o') {
                    int fd = open(argv[3], O_RDONLY);
                    if (fd < 0)
                        return 1;
                    close(fd);
                }
            }
            return 0;
        }
        """;

    [Theory]
    [InlineData("Notify", "stat", "/usr/lib/os-release")]
    [InlineData("Ptrace", "stat", "/usr/lib/os-release")]
    public void Passing_200000_calls_through_under_an_unrelated_layer_allocates_nothing(string transport, string call, string path) =>
        AssertNothing(transport, call, Calls, path);

    [Theory]
    [InlineData("Notify")]
    [InlineData("Ptrace")]
    public void A_path_relative_to_the_working_directory_allocates_nothing(string transport) => AssertNothing(transport, "stat", 20_000, "./.");

    [Theory]
    [InlineData("Notify")]
    [InlineData("Ptrace")]
    public void Opening_allocates_nothing(string transport) => AssertNothing(transport, "open", 20_000, "/usr/lib/os-release");

    [Theory]
    [InlineData("Notify")]
    [InlineData("Ptrace")]
    public void A_path_through_a_link_allocates_nothing(string transport) => AssertNothing(transport, "access", 20_000, "/proc/self/../self/status");

    [Theory]
    [InlineData("Notify", "stat")]
    [InlineData("Ptrace", "stat")]
    [InlineData("Notify", "open")]
    [InlineData("Ptrace", "open")]
    public void A_file_inside_a_bind_allocates_nothing(string transport, string call) => AssertNothing(transport, call, 20_000, null);

    private static void AssertNothing(string transport, string call, int count, string? path)
    {
        using var folder = new TempDirectory();
        var program = ChildProcess.Compile(Loop, folder);
        folder.File(Directory.CreateDirectory(folder.At("source")).Name + "/file", []);
        var target = folder.Folder("target");
        var outcome = ChildProcess.Hypervisor(0, transport, "vufs", folder.At("source"), target,
            program, call, count.ToString(CultureInfo.InvariantCulture), path ?? target + "/file");
        Assert.True(outcome.Status == 0, outcome.Errors + outcome.Output);
        var traps = Traps().Match(outcome.Errors);
        Assert.True(traps.Success, outcome.Errors);
        var carried = long.Parse(traps.Groups[transport == "Notify" ? 1 : 2].Value, CultureInfo.InvariantCulture);
        Assert.True(carried >= count, $"only {carried} calls were carried by {transport}");
        var allocated = Allocated().Match(outcome.Errors);
        Assert.True(allocated.Success, outcome.Errors);
        Assert.True(allocated.Groups[1].Value == "0", outcome.Errors);
        // What start-up allocates (births, filters, tables) is a handful of events whatever the count.
        Assert.True(int.Parse(allocated.Groups[2].Value, CultureInfo.InvariantCulture) < 50, outcome.Errors);
    }

    [GeneratedRegex(@"traps: (\d+) notifications, (\d+) stops")]
    private static partial Regex Traps();

    [GeneratedRegex(@"allocated (\d+) bytes per trap \(\d+ bytes in (\d+) events\)")]
    private static partial Regex Allocated();
}
