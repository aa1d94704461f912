using Xunit;

namespace Vuos.Cli.Tests;

public sealed class RcFileTests : IDisposable
{
    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Both_default_files_run_when_they_are_executable()
    {
        var system = directory.Program("etc/vurc", "#!/bin/sh\n");
        var user = directory.Program("home/.vurc", "#!/bin/sh\n");
        Assert.Equal([system, user], Parsing.Accept(Parsing.In(directory), "true").RcFiles);
        Assert.Equal([system, user], Parsing.Accept(RunDialect.Umvu, Parsing.In(directory), "true").RcFiles);
    }

    [Fact]
    public void A_default_file_that_is_not_executable_is_ignored()
    {
        directory.File("etc/vurc");
        directory.Folder("home/.vurc");
        Assert.Empty(Parsing.Accept(Parsing.In(directory), "true").RcFiles);
    }

    [Fact]
    public void A_file_that_is_named_replaces_both()
    {
        directory.Program("etc/vurc", "#!/bin/sh\n");
        var mine = directory.Program("mine", "#!/bin/sh\n");
        Assert.Equal([mine], Parsing.Accept(Parsing.In(directory), "--rc", "mine", "true").RcFiles);
        Assert.Equal([mine], Parsing.Accept(RunDialect.Umvu, Parsing.In(directory), "-f", mine, "true").RcFiles);
    }

    [Theory]
    [InlineData("-N")]
    [InlineData("--norc")]
    public void None_runs_when_none_is_wanted(string option)
    {
        directory.Program("etc/vurc", "#!/bin/sh\n");
        Assert.Empty(Parsing.Accept(Parsing.In(directory), option, "true").RcFiles);
        Assert.Empty(Parsing.Accept(RunDialect.Umvu, Parsing.In(directory), option, "true").RcFiles);
    }

    [Fact]
    public void Without_a_home_there_is_no_file_of_the_user() =>
        Assert.Empty(Parsing.Accept(Parsing.In(directory) with { Home = null }, "true").RcFiles);
}
