using Xunit;

namespace Vuos.Cli.Tests;

public sealed class MountSyntaxTests
{
    [Theory]
    [InlineData("a:b:c", "a|b|c")]
    [InlineData("a\\:b:c", "a:b|c")]
    [InlineData("a\\\\:b", "a\\|b")]
    [InlineData("a\\b\\", "a\\b\\")]
    [InlineData("\\::\\:", ":|:")]
    [InlineData("a::", "a||")]
    [InlineData("", "")]
    public void Colons_separate_unless_escaped(string text, string fields) => Assert.Equal(fields.Split('|'), MountSyntax.Split(text));

    [Fact]
    public void An_escaped_colon_arrives_in_the_request()
    {
        using var directory = new TempDirectory();
        directory.Folder("a:b");
        var mount = Assert.Single(Parsing.Accept(Parsing.In(directory), "--mount", "vufs:a\\:b:/mnt", "true").Mounts);
        Assert.Equal(("a:b", "/mnt", "--mount vufs:a\\:b:/mnt"), (mount.Source, mount.Target, mount.Origin));
    }
}
