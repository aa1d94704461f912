using CsCheck;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;

namespace Vuos.Actors.Tests.Views;

public sealed class BytePathTests
{
    [Theory]
    [InlineData("/a/b", "/a/b", true)]
    [InlineData("/a/b/c", "/a/b", true)]
    [InlineData("/a/bc", "/a/b", false)]
    [InlineData("/a", "/a/b", false)]
    [InlineData("/a", "", true)]
    [InlineData("", "", true)]
    public void Being_below_goes_by_whole_components(string path, string prefix, bool below) =>
        Assert.Equal(below, BytePath.IsAtOrBelow(Make.Bytes(path), Make.Bytes(prefix)));

    [Theory]
    [InlineData("/a/b", "b", "/a")]
    [InlineData("/a", "a", "")]
    [InlineData("", "", "")]
    public void A_path_has_a_name_and_a_parent(string path, string name, string parent)
    {
        Assert.Equal(name, Make.Text(BytePath.Name(Make.Bytes(path))));
        Assert.Equal(parent, Make.Text(BytePath.Parent(Make.Bytes(path))));
    }

    [Theory]
    [InlineData("/a//b/./c/", "/a/b/c")]
    [InlineData("/", "")]
    [InlineData("", "")]
    [InlineData("a/../b", "/a/../b")]
    [InlineData("/././.", "")]
    [InlineData("/.../..a", "/.../..a")]
    public void Tidying_drops_slashes_and_dots_but_no_parents(string path, string tidy) =>
        Assert.Equal(tidy, Make.Text(BytePath.Tidy(Make.Bytes(path))));

    [Fact]
    public void Tidying_twice_changes_nothing_more() => Gen.Byte.Array[0, 60].Sample(static path =>
    {
        var once = BytePath.Tidy(path);
        return once.AsSpan().SequenceEqual(BytePath.Tidy(once)) && !once.AsSpan().EndsWith("/"u8);
    });

    [Fact]
    public void Invalid_text_is_shown_and_the_root_is_a_slash()
    {
        Assert.Equal("/", BytePath.Display([]));
        Assert.Equal("/\uFFFD", BytePath.Display([(byte)'/', 0xFF]));
    }

    [Fact]
    public void Hashing_a_span_and_hashing_its_array_agree() => Gen.Byte.Array[0, 40].Sample(static path =>
        BytePathComparer.Instance.GetHashCode(path) == BytePathComparer.Instance.GetHashCode(path.AsSpan())
        && BytePathComparer.Instance.Equals(path.AsSpan(), BytePathComparer.Instance.Create(path)));
}
