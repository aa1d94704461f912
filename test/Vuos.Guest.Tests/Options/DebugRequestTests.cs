using CsCheck;
using Vuos.Guest.Options;

namespace Vuos.Guest.Tests.Options;

public sealed class DebugRequestTests
{
    [Theory]
    [InlineData("+", DebugAction.SwitchOn, "", null)]
    [InlineData("+ac", DebugAction.SwitchOn, "ac", null)]
    [InlineData("+ac:r+", DebugAction.SwitchOn, "ac", "r+")]
    [InlineData("+:b", DebugAction.SwitchOn, "", "b")]
    [InlineData("-", DebugAction.SwitchOff, "", null)]
    [InlineData("-V_9", DebugAction.SwitchOff, "V_9", null)]
    [InlineData("?", DebugAction.List, "", null)]
    [InlineData("?zA", DebugAction.List, "zA", null)]
    [InlineData("s:yB#", DebugAction.Colour, "s", "yB#")]
    [InlineData(":n", DebugAction.Colour, "", "n")]
    public void Reads_the_four_forms(string argument, object action, string tags, string? colour)
    {
        Assert.True(DebugRequest.TryParse(argument, out var request));
        Assert.Equal((DebugAction)action, request.Action);
        Assert.Equal(tags, request.Tags);
        Assert.Equal(colour, request.Colour);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ac")]
    [InlineData("a:")]
    [InlineData("+a:")]
    [InlineData("-a:r")]
    [InlineData("?a:r")]
    [InlineData("+a!")]
    [InlineData("+é")]
    [InlineData("--help")]
    [InlineData("*a:r")]
    public void Refuses_anything_else(string argument) => Assert.False(DebugRequest.TryParse(argument, out _));

    [Fact]
    public void There_are_63_tags() => Assert.Equal(63, DebugRequest.AllTags.Distinct().Count());

    [Fact]
    public void Any_set_of_tags_reads_back() =>
        Gen.String[Gen.Char[DebugRequest.AllTags], 0, 70].Sample(tags =>
            Assert.True(DebugRequest.TryParse("+" + tags, out var request) && request.Tags == tags));
}
