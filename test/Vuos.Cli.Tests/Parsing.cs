using Vuos.Actors.Running;
using Xunit;

namespace Vuos.Cli.Tests;

/// <summary>Parses with surroundings that hold nothing of the machine but <c>/bin</c>.</summary>
internal static class Parsing
{
    public static RunSurroundings In(TempDirectory directory) => new()
    {
        CurrentDirectory = directory.Path,
        Home = directory.At("home"),
        SystemRc = directory.At("etc/vurc"),
        SearchPath = "/bin",
    };

    public static RunOptions Accept(RunSurroundings surroundings, params string[] args) => Accept(RunDialect.VuosActors, surroundings, args);

    public static RunOptions Accept(RunDialect dialect, RunSurroundings surroundings, params string[] args)
    {
        Assert.True(RunCommandLine.TryParse(args, dialect, surroundings, out var options, out var refusal), refusal?.Text);
        Assert.Null(refusal);
        return options;
    }

    public static RunRefusal Refuse(RunSurroundings surroundings, params string[] args) => Refuse(RunDialect.VuosActors, surroundings, args);

    public static RunRefusal Refuse(RunDialect dialect, RunSurroundings surroundings, params string[] args)
    {
        Assert.False(RunCommandLine.TryParse(args, dialect, surroundings, out var options, out var refusal));
        Assert.Null(options);
        Assert.DoesNotContain('\n', refusal.ToStandardOutput || refusal.Text.StartsWith("Usage", StringComparison.Ordinal) ? "" : refusal.Text);
        return refusal;
    }
}
