using Vuos.Differential.Harness;
using Xunit;

namespace Vuos.Differential;

/// <summary>The comparison itself: it must see differences, accept only what is listed, and notice what is no longer needed.</summary>
public class HarnessTests
{
    private static readonly Launch Inside = new(User.Nobody, View.Inside, "ptrace", "", "", []);

    private static List<string> L(params string[] lines) => [.. lines];

    [Fact]
    public void Equal_lines_are_equal() => Assert.Null(new Differences([]).Compare("open", Inside, L("a", "b"), L("a", "b")));

    [Theory]
    [InlineData("a|c|b", "- c")]
    [InlineData("a|c", "- c")]
    [InlineData("a|c|b", "(2 lines differ)")]
    public void A_different_line_is_reported(string native, string expected) =>
        Assert.Contains(expected, new Differences([]).Compare("open", Inside, [.. native.Split('|')], L("a", "x", "b")) ?? "", StringComparison.Ordinal);

    [Fact]
    public void A_missing_end_is_reported() => Assert.NotNull(new Differences([]).Compare("open", Inside, L("a", "b"), L("a")));

    [Fact]
    public void A_listed_difference_is_accepted_and_marked_as_used()
    {
        var accepted = new Differences(["# comment", "open@nobody: ^x = — it is so", "open: ^y — never"]);
        Assert.Null(accepted.Compare("open", Inside, L("a", "x = 1"), L("a", "x = 2")));
        Assert.Equal([true, false], accepted.Of("open").Select(e => e.Used));
    }

    [Theory]
    [InlineData("open@root: ^x — another user")]
    [InlineData("open@notify: ^x — another transport")]
    [InlineData("open@!inside: ^x — every other view")]
    [InlineData("names: ^x — another area")]
    public void A_listed_difference_holds_only_where_it_says(string entry) =>
        Assert.NotNull(new Differences([entry]).Compare("open", Inside, L("x = 1"), L("x = 2")));

    [Theory]
    [InlineData("open@nobody,inside: ^x — this user and view")]
    [InlineData("open@!root,ptrace: ^x — every other user")]
    public void A_listed_difference_holds_where_it_says(string entry) =>
        Assert.Null(new Differences([entry]).Compare("open", Inside, L("x = 1"), L("x = 2")));

    [Fact]
    public void An_entry_whose_lines_agree_is_not_used()
    {
        var accepted = new Differences(["open: ^x — it was so once"]);
        Assert.Null(accepted.Compare("open", Inside, L("x = 1"), L("x = 1")));
        Assert.False(accepted.Of("open").Single().Used);
    }

    [Fact]
    public void An_entry_without_a_reason_is_refused() => Assert.Throws<FormatException>(() => new Differences(["open: ^x"]));

    [Fact]
    public void A_run_that_hangs_is_killed_with_all_it_started()
    {
        var user = Settings.IsRoot ? User.Root : User.Self;
        var launch = new Launch(user, View.Native, "", "/", "", ["/bin/sh", "-c", "echo started; setsid sleep 1000 & sleep 1000"]) { Timeout = TimeSpan.FromSeconds(1) };
        using var running = new Running(launch, Workspace.Logs);
        var outcome = running.Finish();
        Assert.True(outcome.TimedOut);
        Assert.Equal("started\n", outcome.Output);
        Assert.Empty(Posix.Marked(running.Marker));
    }

    [Fact]
    public void A_process_that_is_left_over_is_reported_and_killed()
    {
        var user = Settings.IsRoot ? User.Root : User.Self;
        using var running = new Running(new Launch(user, View.Native, "", "/", "", ["/bin/sh", "-c", "setsid sleep 1000 & exit 3"]), Workspace.Logs);
        var outcome = running.Finish();
        Assert.Equal(3, outcome.Status);
        Assert.Single(outcome.Leftover);
        Assert.Empty(Posix.Marked(running.Marker));
    }
}
