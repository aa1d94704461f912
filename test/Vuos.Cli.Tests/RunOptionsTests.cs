using Vuos.Actors.Running;
using Xunit;

namespace Vuos.Cli.Tests;

public sealed class RunOptionsTests : IDisposable
{
    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    /// <summary>Command lines (fields separated by blanks, before <c>true</c>), and how the one changed property reads.</summary>
    public static TheoryData<string, string, string> EveryOption => new()
    {
        { "-m vufs", nameof(RunOptions.Modules), "vufs" },
        { "-mvufs", nameof(RunOptions.Modules), "vufs" },
        { "--module vufs", nameof(RunOptions.Modules), "vufs" },
        { "--module=vufs -m vufs", nameof(RunOptions.Modules), "vufs" },
        { "--mount vufs:/usr:/mnt", nameof(RunOptions.Mounts), "vufs|/usr|/mnt||--mount vufs:/usr:/mnt" },
        { "--mount=vufs:/usr:/mnt:ro,except=/x", nameof(RunOptions.Mounts), "vufs|/usr|/mnt|ro,except=/x|--mount vufs:/usr:/mnt:ro,except=/x" },
        { "-b /usr:/mnt --bind /bin", nameof(RunOptions.Mounts), "vufs|/usr|/mnt||-b /usr:/mnt;vufs|/bin|/bin||--bind /bin" },
        { "-b/usr:/mnt", nameof(RunOptions.Mounts), "vufs|/usr|/mnt||-b /usr:/mnt" },
        { "-V abc", nameof(RunOptions.ViewName), "abc" },
        { "--name=a=b", nameof(RunOptions.ViewName), "a=b" },
        { "--name a --name b", nameof(RunOptions.ViewName), "b" },
        { "--kill-on-exit", nameof(RunOptions.KillOnExit), "True" },
        { "--seal", nameof(RunOptions.Seal), "True" },
        { "--stats", nameof(RunOptions.Stats), "True" },
        { "-x", nameof(RunOptions.NoNesting), "True" },
        { "--nonesting", nameof(RunOptions.NoNesting), "True" },
        { "--transport notify", nameof(RunOptions.Transport), "Notify" },
        { "--in-guest 7", nameof(RunOptions.InGuestAfter), "7" },
        { "--in-guest 7 --in-guest off", nameof(RunOptions.InGuestAfter), "0" },
        { "--transport=ptrace", nameof(RunOptions.Transport), "Ptrace" },
        { "--transport ptrace --transport auto", nameof(RunOptions.Transport), "Auto" },
        { "--log-level Debug", nameof(RunOptions.LogLevel), "debug" },
        { "-d cp -ds", nameof(RunOptions.DebugTags), "cps" },
        { "--debug cp", nameof(RunOptions.DebugTags), "cp" },
        { "-D c:r -D p:b+", nameof(RunOptions.DebugColours), "c:r,p:b+" },
        { "--debug-colours :y", nameof(RunOptions.DebugColours), ":y" },
        { "-xN", nameof(RunOptions.NoNesting), "True" },
        { "-xmvufs", nameof(RunOptions.Modules), "vufs" },
    };

    [Theory]
    [MemberData(nameof(EveryOption))]
    public void Each_option_sets_what_it_names(string arguments, string property, string expected)
    {
        var options = Parsing.Accept(Parsing.In(directory), [.. arguments.Split(' '), "true"]);
        Assert.Equal(["true"], options.Command);
        Assert.Equal(expected, Reading(options, property));
    }

    public static TheoryData<string, string, string> EveryUmvuOption => new()
    {
        { "-x", nameof(RunOptions.NoNesting), "True" },
        { "--nonesting", nameof(RunOptions.NoNesting), "True" },
        { "-S", nameof(RunOptions.Transport), "Ptrace" },
        { "--noseccomp", nameof(RunOptions.Transport), "Ptrace" },
        { "--noseccomp --seccomp", nameof(RunOptions.Transport), "Auto" },
        { "-V name", nameof(RunOptions.ViewName), "name" },
        { "--vu_name=name", nameof(RunOptions.ViewName), "name" },
        { "-d cp", nameof(RunOptions.DebugTags), "cp" },
        { "--debugtags cp", nameof(RunOptions.DebugTags), "cp" },
        { "-D c:r", nameof(RunOptions.DebugColours), "c:r" },
        { "--debugcols c:R#", nameof(RunOptions.DebugColours), "c:R#" },
        { "-l 0", nameof(RunOptions.LogLevel), "fatal" },
        { "-l3", nameof(RunOptions.LogLevel), "error" },
        { "--loglevel 4", nameof(RunOptions.LogLevel), "warning" },
        { "--loglevel=6", nameof(RunOptions.LogLevel), "information" },
        { "-l 7", nameof(RunOptions.LogLevel), "debug" },
        { "-s 5", nameof(RunOptions.SyslogLevel), "5" },
        { "--syslog 0", nameof(RunOptions.SyslogLevel), "0" },
        { "-N", nameof(RunOptions.RcFiles), "" },
    };

    [Theory]
    [MemberData(nameof(EveryUmvuOption))]
    public void Each_option_of_umvu_sets_what_it_names(string arguments, string property, string expected)
    {
        var options = Parsing.Accept(RunDialect.Umvu, Parsing.In(directory), [.. arguments.Split(' '), "true"]);
        Assert.Equal(expected, Reading(options, property));
    }

    [Fact]
    public void Every_option_of_both_dialects_is_in_a_table_above()
    {
        Assert.Empty(Untested(RunDialect.VuosActors, EveryOption, ["help", "view", "log-file", "config", "rc", "norc"]));
        Assert.Empty(Untested(RunDialect.Umvu, EveryUmvuOption, ["help", "rc", "norc", "output"]));
    }

    [Fact]
    public void Defaults_are_those_of_the_contract()
    {
        var options = Parsing.Accept(Parsing.In(directory), "true");
        var expected = new RunOptions { Command = ["true"] };
        Assert.Equivalent(expected, options, strict: true);
    }

    [Theory]
    [InlineData("ls|-l|--seal|-m", "ls|-l|--seal|-m")]
    [InlineData("--|ls|--", "ls|--")]
    [InlineData("-x|--|ls|@file|", "ls|@file|")]
    [InlineData("--seal|ls|--help|-h|--version", "ls|--help|-h|--version")]
    [InlineData("ls||a  b|*|\n", "ls||a  b|*|\n")]
    public void What_follows_the_first_operand_is_the_guests(string arguments, string expected)
    {
        var options = Parsing.Accept(Parsing.In(directory), arguments.Split('|'));
        Assert.Equal(expected.Split('|'), options.Command);
    }

    [Fact]
    public void A_single_dash_is_an_operand()
    {
        var refusal = Parsing.Refuse(Parsing.In(directory), "-", "--seal");
        Assert.Equal(new(127, "-: No such file or directory"), refusal);
    }

    [Fact]
    public void A_log_file_is_absolute_and_kept_and_umvus_is_emptied()
    {
        var log = directory.File("log", "old\n");
        Assert.Equal(log, Parsing.Accept(Parsing.In(directory), "--log-file", "log", "true").LogFile);
        Assert.Equal("old\n", File.ReadAllText(log));
        Assert.Equal(log, Parsing.Accept(RunDialect.Umvu, Parsing.In(directory), "-o", "log", "true").LogFile);
        Assert.Equal("", File.ReadAllText(log));
    }

    [Fact]
    public void A_settings_file_is_absolute()
    {
        var file = directory.File("my.conf", "vuos.logging.level = debug");
        Assert.Equal(file, Parsing.Accept(Parsing.In(directory), "--config", "my.conf", "true").ConfigFile);
    }

    [Fact]
    public void Help_goes_to_standard_output_and_umvus_to_standard_error()
    {
        var help = Parsing.Refuse(Parsing.In(directory), "--help", "--nosuch");
        Assert.Equal((0, true), (help.Status, help.ToStandardOutput));
        foreach (var option in RunDialect.VuosActors.Options)
            Assert.Single(help.Text.Split('\n'), line => line.Contains("--" + option.Long) && line.EndsWith(option.Help, StringComparison.Ordinal));
        var umvu = Parsing.Refuse(RunDialect.Umvu, Parsing.In(directory), "-h");
        Assert.Equal((1, false), (umvu.Status, umvu.ToStandardOutput));
    }

    private static IEnumerable<string> Untested(RunDialect dialect, TheoryData<string, string, string> table, string[] elsewhere)
    {
        var words = table.SelectMany(static row => ((string)row[0]).Split(' ')).Select(static word => word.Split('=')[0]).ToHashSet();
        return dialect.Options.Where(o => !elsewhere.Contains(o.Long) && !words.Contains("--" + o.Long)).Select(static o => o.Long);
    }

    private static string Reading(RunOptions options, string property) => typeof(RunOptions).GetProperty(property)!.GetValue(options) switch
    {
        IEnumerable<string> texts => string.Join(';', texts),
        IEnumerable<MountRequest> mounts => string.Join(';', mounts.Select(static m => $"{m.Type}|{m.Source}|{m.Target}|{m.Options}|{m.Origin}")),
        var value => value!.ToString()!,
    };
}
