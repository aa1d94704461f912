using Xunit;

namespace Vuos.Cli.Tests;

/// <summary>The built program as a process: what only shows there.</summary>
public sealed class ProgramTests
{
    [Fact]
    public void It_prints_its_version() =>
        Assert.Equal(new(0, Product.NameAndVersion + "\n", ""), ProgramProcess.Run(ProgramProcess.VuosActors, "--version"));

    [Fact]
    public void Its_help_names_every_command_and_option()
    {
        var help = ProgramProcess.Run(ProgramProcess.VuosActors, "--help");
        Assert.Equal((0, ""), (help.Status, help.Error));
        Assert.All(["  run ", "  syscalls ", "  --version ", "  -h, --help "], line => Assert.Contains("\n" + line, help.Output));
        Assert.Contains("--decision DECISION", ProgramProcess.Run(ProgramProcess.VuosActors, "syscalls", "--help").Output);
    }

    [Fact]
    public void Without_arguments_its_help_goes_to_standard_error()
    {
        var help = ProgramProcess.Run(ProgramProcess.VuosActors);
        Assert.Equal((2, ""), (help.Status, help.Output));
        Assert.StartsWith("Usage: vuos-actors COMMAND", help.Error);
    }

    [Theory]
    [InlineData(2, "nosuch", "vuos-actors: nosuch: there is no such command (see vuos-actors --help)\n")]
    [InlineData(2, "--nosuch", "vuos-actors: --nosuch: there is no such option (see vuos-actors --help)\n")]
    [InlineData(2, "@nosuch", "vuos-actors: @nosuch: there is no such command (see vuos-actors --help)\n")]
    [InlineData(2, "syscalls|--decision|nosuch", "vuos-actors: syscalls: --decision nosuch: the decision is one of untouched,*")]
    [InlineData(2, "syscalls|nosuch", "vuos-actors: syscalls: no system call matches\n")]
    [InlineData(2, "run|--nosuch", "vuos-actors: --nosuch: there is no such option (see --help)\n")]
    [InlineData(125, "run|-b|/nosuch|true", "vuos-actors: -b /nosuch: the source does not exist\n")]
    [InlineData(127, "run|vuos-nosuch", "vuos-nosuch: No such file or directory\n")]
    public void Its_mistakes_are_one_line_on_standard_error(int status, string arguments, string line)
    {
        var ran = ProgramProcess.Run(ProgramProcess.VuosActors, arguments.Split('|'));
        Assert.Equal((status, ""), (ran.Status, ran.Output));
        if (line.EndsWith('*'))
            Assert.StartsWith(line[..^1], ran.Error);
        else
            Assert.Equal(line, ran.Error);
    }

    [Fact]
    public void Through_a_link_named_umvu_it_is_umvu()
    {
        using var directory = new TempDirectory();
        File.CreateSymbolicLink(directory.At("umvu"), ProgramProcess.VuosActors);
        var help = ProgramProcess.Run(directory.At("umvu"), "-h");
        Assert.Equal(1, help.Status);
        Assert.StartsWith("Usage: umvu ", help.Error);
        Assert.Equal(new(2, "", "umvu: --seal: there is no such option (see --help)\n"), ProgramProcess.Run(directory.At("umvu"), "--seal", "run"));
    }

    [Fact]
    public void Through_a_link_of_another_name_it_is_itself()
    {
        using var directory = new TempDirectory();
        File.CreateSymbolicLink(directory.At("umvu2"), ProgramProcess.VuosActors);
        Assert.Equal(0, ProgramProcess.Run(directory.At("umvu2"), "--version").Status);
    }

    [Fact]
    public void It_prints_the_table_of_system_calls()
    {
        var ran = ProgramProcess.Run(ProgramProcess.VuosActors, "syscalls", "--decision", "Path", "openat2");
        Assert.Equal((0, ""), (ran.Status, ran.Error));
        Assert.Equal(2, ran.Output.TrimEnd('\n').Split('\n').Length);
    }
}
