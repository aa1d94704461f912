using Vuos.Guest.Options;

namespace Vuos.Guest.Tests.Options;

public sealed class OptionParserTests
{
    private static readonly OptionSpec[] Specs =
    [
        new('r', "read-only"), new('w', "rw"), new('w', "read-write"), new('t', "types", takesArgument: true), new('V', "viewid"),
        new('V', "viewname"), new('\x01', "version", longOnly: true),
    ];

    [Theory]
    [InlineData("", "", null)]
    [InlineData("a b", "a b", null)]
    [InlineData("-r a", "r a", null)]
    [InlineData("a -r b", "r a b", null)]
    [InlineData("-rw", "r w", null)]
    [InlineData("-t vufs a", "t=vufs a", null)]
    [InlineData("-tvufs a", "t=vufs a", null)]
    [InlineData("-rtvufs a", "r t=vufs a", null)]
    [InlineData("-rt vufs a", "r t=vufs a", null)]
    [InlineData("--types vufs", "t=vufs", null)]
    [InlineData("--types=vufs", "t=vufs", null)]
    [InlineData("--types=", "t=", null)]
    [InlineData("--typ=x", "t=x", null)]
    [InlineData("--read-o", "r", null)]
    [InlineData("--rw", "w", null)]
    [InlineData("--view", "V", null)]
    [InlineData("-t -r", "t=-r", null)]
    [InlineData("-r -- -w --rw", "r -w --rw", null)]
    [InlineData("a - b", "a - b", null)]
    [InlineData("--read", "", "option '--read' is ambiguous")]
    [InlineData("--vi --ve x", "V \x01 x", null)]
    [InlineData("--v", "", "option '--v' is ambiguous")]
    [InlineData("--nothing=3", "", "unrecognized option '--nothing'")]
    [InlineData("-r -z -w", "r", "invalid option -- 'z'")]
    [InlineData("-\x01", "", "invalid option -- '\x01'")]
    [InlineData("-t", "", "option requires an argument -- 't'")]
    [InlineData("--types", "", "option '--types' requires an argument")]
    [InlineData("--rw=1", "", "option '--rw' doesn't allow an argument")]
    public void Reads_as_getopt_long_does(string line, string expected, string? error)
    {
        var parser = new OptionParser(Specs, line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        var found = new List<string>();
        while (parser.Next())
        {
            found.Add(parser.Code == 't' ? "t=" + parser.Value : parser.Code.ToString());
        }

        if (error is null)
        {
            found.AddRange(parser.Operands.ToArray());
        }

        Assert.Equal(error, parser.Error);
        Assert.Equal(expected, string.Join(' ', found));
        Assert.False(parser.Next());
    }
}
