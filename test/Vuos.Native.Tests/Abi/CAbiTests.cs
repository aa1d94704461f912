using System.Runtime.InteropServices;
using Xunit;

namespace Vuos.Native.Tests.Abi;

/// <summary>The helper must see differences, or the checks made with it would mean nothing.</summary>
public class CAbiTests
{
    private static readonly string[] Header = ["linux/uio.h"];

    [Fact]
    public void A_struct_that_agrees_has_no_differences() => Assert.Empty(Check<Good>(("iov_base", "Base"), ("iov_len", "Length")));

    [Fact]
    public void Swapped_fields_are_seen() => Assert.Equal(2, Check<Good>(("iov_base", "Length"), ("iov_len", "Base")).Count);

    [Fact]
    public void A_field_of_another_size_is_seen() => Assert.Contains("size of iov_len", Assert.Single(Check<Narrow>(("iov_base", "Base"), ("iov_len", "Length"))));

    [Fact]
    public void A_struct_of_another_size_is_seen() => Assert.Contains("sizeof(struct iovec)", Assert.Single(Check<Large>(("iov_base", "Base"), ("iov_len", "Length"))));

    [Fact]
    public void A_field_that_is_not_listed_is_seen() => Assert.Contains("Good.Length", Assert.Single(Check<Good>(("iov_base", "Base"))));

    [Fact]
    public void A_wrong_constant_and_a_missing_one_are_seen()
    {
        Assert.Empty(CAbi.Differences(Header, [CAbi.Constant("UIO_MAXIOV", 1024), CAbi.NewConstant("NO_SUCH_MACRO", 1)]));
        Assert.Equal(["UIO_MAXIOV is 1024 in C and 1 here"], CAbi.Differences(Header, [CAbi.NewConstant("UIO_MAXIOV", 1)]));
        Assert.Contains("Numbers.Wrong", CAbi.Differences(Header, CAbi.Constants(typeof(Numbers), ("Wrong", "1"))).First());
        Assert.Contains("Numbers.Wrong", Assert.Single(CAbi.Differences(Header, CAbi.Constants(typeof(Numbers), ("Right", "UIO_MAXIOV")))));
        Assert.Empty(CAbi.Differences(Header, CAbi.Constants(typeof(Numbers), ("Right", "UIO_MAXIOV"), ("Wrong", null))));
    }

    private static IReadOnlyList<string> Check<T>(params (string, string)[] fields) =>
        CAbi.Differences(Header, CAbi.Struct("struct iovec", typeof(T), fields));

    private static class Numbers
    {
        public const int Right = 1024, Wrong = 1025;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Good(long Base, long Length);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Narrow(long Base, int Length);

    [StructLayout(LayoutKind.Sequential, Size = 24)]
    private readonly record struct Large(long Base, long Length);
}
