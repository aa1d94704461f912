using Xunit;

namespace Vuos.Cli.Tests;

public sealed class HoconTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a { b = [1, { c = \"}\\\"]\" }] } # {")]
    [InlineData("a = \"\"\"\n { \" \n\"\"\" // [\nb = []")]
    public void Balanced_text_passes(string text) => Assert.Equal("", Hocon.Imbalance(text));

    [Theory]
    [InlineData("a {\n b = [\n}", "line 3: '}' closes nothing")]
    [InlineData("a\n{\n b = []\n", "line 2: '{' is not closed")]
    [InlineData("a = [", "line 1: '[' is not closed")]
    [InlineData("a = \"\"\"\nx\n\"\"\"\n]", "line 4: ']' closes nothing")]
    [InlineData("\na = \"x\n\"", "line 2: a quotation mark is not closed")]
    [InlineData("a = \"x\\\"", "line 1: a quotation mark is not closed")]
    [InlineData("a = \"\"\"x\"\"", "line 1: a quotation mark is not closed")]
    public void Half_a_text_is_named_with_its_line(string text, string problem) =>
        Assert.Equal("the file is not HOCON: " + problem, Hocon.Imbalance(text));
}
