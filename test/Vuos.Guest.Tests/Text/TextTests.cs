using System.Runtime.InteropServices;
using System.Text;
using CsCheck;
using Vuos.Guest.Text;
using Vuos.Native;

namespace Vuos.Guest.Tests.Text;

public sealed class TextTests
{
    [Fact]
    public void Error_texts_are_those_of_the_C_library()
    {
        foreach (var error in Enum.GetValues<Errno>())
        {
            if ((int)error < 512)
            {
                Assert.Equal(Marshal.PtrToStringUTF8(Strerror((int)error)), ErrnoText.Of(error));
            }
        }

        Assert.Equal("Unknown error 4000", ErrnoText.Of((Errno)4000));
    }

    [Fact]
    public void Any_bytes_come_through_unchanged() =>
        Gen.Byte.Array[0, 40].Sample(bytes =>
        {
            var terminated = ByteText.Terminated(ByteText.FromBytes(bytes));
            Assert.Equal([.. bytes, 0], terminated);
        });

    [Fact]
    public void Unicode_becomes_its_UTF8_bytes() =>
        Gen.String.Sample(text => Assert.Equal(Encoding.UTF8.GetBytes(text), ByteText.Terminated(ByteText.FromUnicode(text))[..^1]));

    [Fact]
    public void A_field_ends_at_its_first_NUL()
    {
        Assert.Equal("ab", ByteText.FromTerminated("ab\0cd"u8));
        Assert.Equal("ab", ByteText.FromTerminated("ab"u8));
        Assert.Equal("", ByteText.FromTerminated("\0"u8));
    }

    [DllImport("libc", EntryPoint = "strerror")]
    private static extern nint Strerror(int error);
}
