using Vuos.Specs.Matching;
using Vuos.Specs.Parsing;
using Xunit;

namespace Vuos.Specs.SelfTests;

public sealed class MatcherTests
{
    private static readonly Dictionary<string, string> _variables = new() { ["$W"] = "/tmp/a+b" };

    [Theory]
    [InlineData("plain", "plain", true)]
    [InlineData("plain", "plainer", false)]
    [InlineData("plain", "Plain", false)]
    [InlineData("a.c", "abc", false)]
    [InlineData("end", "end  ", true)]
    [InlineData("cp: ...: Read-only", "cp: 'x': Read-only", true)]
    [InlineData("cp: ...: Read-only", "mv: 'x': Read-only", false)]
    [InlineData("pid [[[0-9]+]]", "pid 42", true)]
    [InlineData("pid [[[0-9]+]]", "pid x", false)]
    [InlineData("pid [[[0-9]+]] ends", "pid 42 ends", true)]
    [InlineData("class [[[0-9]]]", "class 4", true)]
    [InlineData("[[a|b]]c", "bc", true)]
    [InlineData("[[a|b]]c", "a", false)]
    [InlineData("[[]]", "", true)]
    [InlineData("$W/x", "/tmp/a+b/x", true)]
    [InlineData("$W/...", "/tmp/aab/x", false)]
    [InlineData("$WORD", "$WORD", true)]
    public void A_line_matches_as_the_format_says(string pattern, string line, bool expected) =>
        Assert.Equal(expected, new LinePattern(pattern, _variables).Matches(line));

    [Theory]
    [InlineData("a|b", "a|b", true)]
    [InlineData("a|b", "a", false)]
    [InlineData("a|b", "a|b|c", false)]
    [InlineData("a|b", "b|a", false)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("...", "", true)]
    [InlineData("...", "a|b", true)]
    [InlineData("a|...|z", "a|z", true)]
    [InlineData("a|...|z", "a|b|z|c|z", true)]
    [InlineData("a|...|z", "a|b", false)]
    [InlineData("...|a|...|b|...", "x|b|a|y|b", true)]
    [InlineData("...|a|...|b|...", "x|b|a|y", false)]
    public void A_block_matches_as_the_format_says(string expected, string actual, bool matches) =>
        Assert.Equal(matches, Compare(expected, actual).IsMatch);

    [Theory]
    [InlineData("a", "a|b", true)]
    [InlineData("a|b", "a", false)]
    [InlineData("...|b", "a|b|c", true)]
    [InlineData("", "a", true)]
    public void A_prefix_is_recognised(string expected, string actual, bool matches) =>
        Assert.Equal(matches, Compare(expected, actual).IsPrefixMatch);

    [Fact]
    public void The_diff_is_the_shortest_one()
    {
        IReadOnlyList<DiffLine> diff = Compare("a|b|c", "a|x|c|d").Diff();
        Assert.Equal([DiffKind.Same, DiffKind.Missing, DiffKind.Unexpected, DiffKind.Same, DiffKind.Unexpected], Sorted(diff));
    }

    [Fact]
    public void A_report_names_the_line_of_the_spec_and_shows_no_control_characters()
    {
        Spec spec = SpecParser.Parse("m/s", "# Text.\n$$ true\n$$ echo x\nwanted\n");
        LinePattern[] expected = [new LinePattern("wanted", _variables)];
        string report = FailureReport.Write(spec, spec.Steps[1], new TranscriptMatcher(expected, ["\u001b[1mgot"]), "printed something else");
        Assert.Equal(
            """
            specs/m/s.spec:3: printed something else
                 2  $$ true
                 3  $$ echo x
            -    4  wanted
            +       ^[[1mgot

            """,
            report);
    }

    private static TranscriptMatcher Compare(string expected, string actual) =>
        new([.. Split(expected).Select(line => new LinePattern(line, _variables))], Split(actual));

    private static string[] Split(string lines) => lines.Length == 0 ? [] : lines.Split('|');

    // "Missing" and "Unexpected" at one place may come in either order.
    private static IEnumerable<DiffKind> Sorted(IReadOnlyList<DiffLine> diff) =>
        diff.Select((line, index) => (line.Kind, index)).OrderBy(x => x.index is 1 or 2 ? 1 + ((int)x.Kind / 10.0) : x.index).Select(x => x.Kind);
}
