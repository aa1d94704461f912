using CsCheck;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;

namespace Vuos.Actors.Tests.Views;

public sealed class PathBufferTests
{
    [Fact]
    public void The_empty_buffer_is_the_root() => Assert.Equal("/\0", Make.Text(new PathBuffer().ForKernel()));

    [Fact]
    public void Components_are_pushed_and_popped()
    {
        var buffer = new PathBuffer(4);
        buffer.Push("usr"u8);
        buffer.Push("lib"u8);
        Assert.Equal("/usr/lib\0", Make.Text(buffer.ForKernel()));
        Assert.Equal("/usr/lib", Make.Text(buffer.Span));
        buffer.Pop();
        Assert.Equal("/usr", Make.Text(buffer.Span));
        buffer.Pop();
        buffer.Pop();
        Assert.Equal("", Make.Text(buffer.Span));
    }

    [Fact]
    public void Popping_stops_at_the_floor()
    {
        var buffer = new PathBuffer();
        buffer.Set("/jail/a"u8);
        buffer.Pop(5);
        Assert.Equal("/jail", Make.Text(buffer.Span));
        buffer.Pop(5);
        Assert.Equal("/jail", Make.Text(buffer.Span));
    }

    [Fact]
    public void It_behaves_as_a_string_does() =>
        Gen.Select(Gen.Int[0, 4], Gen.Char.AlphaNumeric.Array[0, 30], Gen.Int[0, 60], static (what, text, number) => (What: what, Text: new string(text), Number: number))
            .Array[0, 20].Sample(static steps =>
        {
            var buffer = new PathBuffer(1);
            var model = "";
            foreach (var (what, text, number) in steps)
            {
                switch (what)
                {
                    case 0:
                        buffer.Push(Make.Bytes(text));
                        model += "/" + text;
                        break;
                    case 1:
                        buffer.Append(Make.Bytes(text));
                        model += text;
                        break;
                    case 2:
                        var length = Math.Min(number, model.Length);
                        buffer.ReplacePrefix(length, Make.Bytes(text));
                        model = text + model[length..];
                        break;
                    case 3:
                        buffer.Pop();
                        model = model[..Math.Max(0, model.LastIndexOf('/'))];
                        break;
                    default:
                        buffer.Truncate(Math.Min(number, model.Length));
                        model = model[..Math.Min(number, model.Length)];
                        break;
                }
            }

            return Make.Text(buffer.Span) == model && Make.Text(buffer.ForKernel()) == (model.Length == 0 ? "/" : model) + "\0";
        });
}
