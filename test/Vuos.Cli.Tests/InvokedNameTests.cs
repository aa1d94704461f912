using System.Text;
using Xunit;

namespace Vuos.Cli.Tests;

public sealed class InvokedNameTests
{
    [Theory]
    [InlineData("umvu\0bash\0", "umvu")]
    [InlineData("/usr/bin/umvu\0/x/y\0", "umvu")]
    [InlineData("-umvu\0", "umvu")]
    [InlineData("./vuos-actors\0", "vuos-actors")]
    [InlineData("dir/", "")]
    [InlineData("", "")]
    public void It_is_the_last_component_of_the_first_string(string vector, string name) =>
        Assert.Equal(name, InvokedName.FromArgumentVector(Encoding.UTF8.GetBytes(vector)));

    [Fact]
    public void This_process_has_one() => Assert.NotEqual("", InvokedName.OfThisProcess());
}
