using Vuos.Guest.Tests.Support;

namespace Vuos.Guest.Tests.Commands;

public sealed class ViewNameTests
{
    [Theory]
    [InlineData("vuname", "Linux")]
    [InlineData("vuname -s", "Linux")]
    [InlineData("vuname -n", "vm")]
    [InlineData("vuname -r", "6.18.44")]
    [InlineData("vuname -v", "#1 SMP")]
    [InlineData("vuname -m", "x86_64")]
    [InlineData("vuname -p", "unknown")]
    [InlineData("vuname -i", "unknown")]
    [InlineData("vuname -o", "GNU/Linux/VUOS")]
    [InlineData("vuname -U", "4711")]
    [InlineData("vuname --serverid", "4711")]
    [InlineData("vuname -V", "")]
    [InlineData("vuname -x", "Linux")]
    [InlineData("vuname -q", "Linux")]
    [InlineData("vuname -mns", "Linux vm x86_64")]
    [InlineData("vuname -U -s", "Linux 4711")]
    [InlineData("vuname -aip", "Linux vm 6.18.44 #1 SMP x86_64 unknown unknown GNU/Linux/VUOS 4711 ")]
    [InlineData("vuname -a", "Linux vm 6.18.44 #1 SMP x86_64 GNU/Linux/VUOS 4711 ")]
    [InlineData("vuname -P", "vm[4711]")]
    public void Inside_a_nameless_view(string line, string expected) => Prints(new FakeKernel(), line, expected);

    [Theory]
    [InlineData("vuname -V", "zeta")]
    [InlineData("vuname -N", "zeta")]
    [InlineData("vuname --viewname", "zeta")]
    [InlineData("vuname --viewid", "zeta")]
    [InlineData("vuname -P", "zeta")]
    [InlineData("vuname --all", "Linux vm 6.18.44 #1 SMP x86_64 GNU/Linux/VUOS 4711 zeta")]
    public void Inside_a_named_view(string line, string expected) => Prints(new FakeKernel { ViewName = "zeta" }, line, expected);

    [Theory]
    [InlineData("vuname", "Linux")]
    [InlineData("vuname -o", "GNU/Linux")]
    [InlineData("vuname -U", "")]
    [InlineData("vuname -V", "")]
    [InlineData("vuname -P", "vm")]
    [InlineData("vuname -a", "Linux vm 6.18.44 #1 SMP x86_64 GNU/Linux")]
    public void Outside(string line, string expected) => Prints(new FakeKernel { HasHypervisor = false }, line, expected);

    [Theory]
    [InlineData("vuname -x", "vuname: Function not implemented\n")]
    [InlineData("vuname --nouname -a", "vuname: Function not implemented\n")]
    [InlineData("vuname zeta", "vuname: Function not implemented\n")]
    [InlineData("vuname -qx", "")]
    public void Outside_what_needs_a_view_fails(string line, string message)
    {
        var kernel = new FakeKernel { HasHypervisor = false };
        Assert.Equal(1, Support.Guest.Run(kernel, line));
        Assert.Equal(message, kernel.Err);
        Assert.Equal("", kernel.Out);
    }

    [Fact]
    public void An_operand_names_the_view()
    {
        var kernel = new FakeKernel();
        Assert.Equal(0, Support.Guest.Run(kernel, "vuname zeta"));
        Assert.Equal("zeta", kernel.ViewName);
        Assert.Equal("", kernel.Out + kernel.Err);

        Assert.Equal(1, Support.Guest.Run(kernel, "vuname " + new string('x', 65)));
        Assert.Equal("vuname: Invalid argument\n", kernel.Err);
        Assert.Equal("zeta", kernel.ViewName);
    }

    [Theory]
    [InlineData("vuname -s zeta", 1)]
    [InlineData("vuname a b", 1)]
    [InlineData("vuname -Z", 1)]
    [InlineData("vuname --help", 0)]
    [InlineData("vuname -h", 0)]
    public void Usage(string line, int status)
    {
        var kernel = new FakeKernel();
        Assert.Equal(status, Support.Guest.Run(kernel, line));
        Assert.Contains("Usage: vuname [OPTION]", kernel.Err, StringComparison.Ordinal);
        Assert.Equal("", kernel.Out + kernel.ViewName);
    }

    [Fact]
    public void The_version_names_the_project()
    {
        var kernel = new FakeKernel { HasHypervisor = false };
        Assert.Equal(0, Support.Guest.Run(kernel, "vuname --version"));
        Assert.Matches(@"^vuname \(vuos-actors\) \d+\.\d+\.\d+\n", kernel.Out);
        Assert.Equal("", kernel.Err);
    }

    private static void Prints(FakeKernel kernel, string line, string expected)
    {
        Assert.Equal(0, Support.Guest.Run(kernel, line));
        Assert.Equal(expected + "\n", kernel.Out);
        Assert.Equal("", kernel.Err);
    }
}
