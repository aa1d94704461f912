using CsCheck;
using Vuos.Actors.Modules;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Modules;

public sealed class OptionTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("ro", "ro")]
    [InlineData("ro,rw", "ro;rw")]
    [InlineData(",,ro,,", "ro")]
    [InlineData("a=b", "a:b")]
    [InlineData("a=", "a:")]
    [InlineData("a=b=c", "a:b=c")]
    [InlineData("a='x,y',b", "a:x,y;b")]
    [InlineData("a=\"x,y\",b", "a:x,y;b")]
    [InlineData("a=x\\,y,b", "a:x,y;b")]
    [InlineData("a='\\'", "a:\\")]
    [InlineData("a=\"\\\"\"", "a:\"")]
    [InlineData("a='\"'", "a:\"")]
    [InlineData("a='never closed,b", "a:never closed,b")]
    [InlineData("a\\", "a\\")]
    public void Options_are_separated_by_commas_outside_quotes(string text, string options) =>
        Assert.Equal(options, string.Join(';', OptionList.Parse(text).Select(static o => o.Value is null ? o.Name : $"{o.Name}:{o.Value}")));

    [Fact]
    public void Any_text_is_parsed() => Gen.String.Sample(static text => OptionList.Parse(text).Count <= text.Length);

    [Fact]
    public void Quoting_a_value_gives_it_back() => Gen.String[Gen.Char["abc=,\"\\ "], 0, 12].Sample(static value =>
        OptionList.Parse($"x,name='{value}',y") is [("x", null), ("name", var found), ("y", null)] && found == value);

    [Theory]
    [InlineData("mars", "vufs: mars unknown tag")]
    [InlineData("ro,mars=1", "vufs: mars unknown tag")]
    [InlineData("ro=1", "vufs: ro need no args")]
    [InlineData("nosuid=x", "vufs: nosuid need no args")]
    [InlineData("except", "vufs: except requires an arg")]
    [InlineData("except=", "vufs: except requires an arg")]
    [InlineData("merge,cow", "vufs: move, merge, cow and mincow are mutually exclusive")]
    public void Wrong_options_are_refused_with_a_sentence(string text, string sentence) => Assert.Equal(sentence, VufsOptions.Parse(text, out _));

    [Fact]
    public void Right_options_are_understood()
    {
        Assert.Null(VufsOptions.Parse("ro,noexec,permanent,move,except=a//b/,except=/c,noatime", out var options));
        Assert.True(options is { ReadOnly: true, NoExec: true, Permanent: true, Mode: VufsMode.Move });
        Assert.Equal(["/a/b", "/c"], options.Except.Select(static e => Make.Text(e)));
        Assert.Equal("move,except=/a/b,except=/c,permanent", options.Shown(move: true));
    }

    [Fact]
    public void The_options_every_mount_may_carry_change_nothing()
    {
        Assert.Null(VufsOptions.Parse("rw,defaults,relatime,rec,rbind", out var options));
        Assert.Equal("bind", options.Shown(move: false));
        Assert.False(options.ReadOnly || options.NoExec || options.Permanent);
    }

    [Fact]
    public void Any_option_string_is_answered() => Gen.String.Sample(static text => VufsOptions.Parse(text, out _) is null or { Length: > 0 });
}
