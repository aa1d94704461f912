using Vuos.Guest.Tests.Support;
using Vuos.Native;

namespace Vuos.Guest.Tests.Commands;

public sealed class ModuleCommandTests
{
    private const string Outside = "This is a VUOS command. It works only inside a vuos virtual namespace\n";

    [Theory]
    [InlineData("vu_insmod vufs")]
    [InlineData("vu_insmod -h")]
    [InlineData("vu_lsmod")]
    [InlineData("vu_rmmod vufs")]
    [InlineData("vudebug")]
    public void Outside_they_say_so_show_their_usage_and_give_2(string line)
    {
        var kernel = new FakeKernel { HasHypervisor = false };
        Assert.Equal(2, Support.Guest.Run(kernel, line));
        Assert.StartsWith(Outside + "Usage: " + line.Split(' ')[0] + " ", kernel.Err, StringComparison.Ordinal);
        Assert.Equal("", kernel.Out);
        Assert.Empty(kernel.Log);
    }

    [Theory]
    [InlineData("vu_insmod")]
    [InlineData("vu_insmod -h vufs")]
    [InlineData("vu_insmod --help")]
    [InlineData("vu_insmod -z vufs")]
    [InlineData("vu_lsmod x")]
    [InlineData("vu_lsmod -h")]
    [InlineData("vu_lsmod -z")]
    [InlineData("vu_rmmod")]
    [InlineData("vu_rmmod --help")]
    [InlineData("vu_rmmod --force vufs")]
    [InlineData("vudebug -h")]
    [InlineData("vudebug --help")]
    [InlineData("vudebug +a nonsense")]
    [InlineData("vudebug +a --")]
    public void Wrong_usage_and_help_give_2_on_stderr_and_change_nothing(string line)
    {
        var kernel = new FakeKernel();
        Assert.Equal(2, Support.Guest.Run(kernel, line));
        Assert.Contains("Usage: " + line.Split(' ')[0] + " ", kernel.Err, StringComparison.Ordinal);
        Assert.Equal("", kernel.Out);
        Assert.Empty(kernel.Log);
    }

    [Fact]
    public void An_unknown_option_is_named()
    {
        var kernel = new FakeKernel();
        Support.Guest.Run(kernel, "vu_insmod -z vufs");
        Assert.StartsWith("vu_insmod: invalid option -- 'z'\nUsage:", kernel.Err, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vu_insmod a b", "insmod a 0,insmod b 0")]
    [InlineData("vu_insmod -p a", "insmod a 1")]
    [InlineData("vu_insmod a --permanent", "insmod a 1")]
    [InlineData("vu_rmmod a b", "rmmod a,rmmod b")]
    public void Modules_are_loaded_and_removed_in_order(string line, string requests)
    {
        var kernel = new FakeKernel();
        Assert.Equal(0, Support.Guest.Run(kernel, line));
        Assert.Equal(requests.Split(','), kernel.Log);
        Assert.Equal("", kernel.Out + kernel.Err);
    }

    [Theory]
    [InlineData("vu_insmod a b c", Errno.EEXIST, "b: File exists\n")]
    [InlineData("vu_insmod a b c", Errno.ENOENT, "b: No such file or directory\n")]
    [InlineData("vu_rmmod a b c", Errno.EBUSY, "b: Device or resource busy\n")]
    public void One_failure_does_not_stop_the_rest(string line, Errno error, string message)
    {
        var kernel = new FakeKernel { Failures = { ["b"] = error } };
        Assert.Equal(1, Support.Guest.Run(kernel, line));
        Assert.Equal(3, kernel.Log.Count);
        Assert.Equal(message, kernel.Err);
    }

    [Fact]
    public void The_list_is_printed_as_it_is()
    {
        var kernel = new FakeKernel { Modules = { ("vufs", "vu filesystem patchworking"), ("vudev", "vu virtual devices") } };
        Assert.Equal(0, Support.Guest.Run(kernel, "vu_lsmod"));
        Assert.Equal("vufs: vu filesystem patchworking\nvudev: vu virtual devices\n", kernel.Out);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(100_000)]
    public void A_list_of_any_length_is_printed_whole(int length)
    {
        var kernel = new FakeKernel();
        if (length > 0)
        {
            kernel.Modules.Add(("m", new string('x', length - 4)));
        }

        Assert.Equal(0, Support.Guest.Run(kernel, "vu_lsmod"));
        Assert.Equal(length, kernel.Out.Length);
    }

    [Fact]
    public void A_refused_list_gives_1()
    {
        var kernel = new FakeKernel { Failures = { ["lsmod"] = Errno.EFAULT } };
        Assert.Equal(1, Support.Guest.Run(kernel, "vu_lsmod"));
        Assert.Equal("vu_lsmod: Bad address\n", kernel.Err);
    }

    [Fact]
    public void Short_writes_are_continued_and_failed_ones_reported()
    {
        var slow = new FakeKernel { WriteChunk = 3, Modules = { ("vufs", "vu filesystem patchworking") } };
        Assert.Equal(0, Support.Guest.Run(slow, "vu_lsmod"));
        Assert.Equal("vufs: vu filesystem patchworking\n", slow.Out);

        var full = new FakeKernel { Failures = { ["write"] = Errno.ENOSPC }, Modules = { ("vufs", "x") } };
        Assert.Equal(1, Support.Guest.Run(full, "vu_lsmod"));
        Assert.Equal("vu_lsmod: write error: No space left on device\n", full.Err);
    }

    [Fact]
    public void The_program_takes_the_command_as_its_first_argument_too()
    {
        var kernel = new FakeKernel { Modules = { ("vufs", "x") } };
        Assert.Equal(0, Support.Guest.Run(kernel, "vuos-guest vu_lsmod"));
        Assert.Equal("vufs: x\n", kernel.Out);
        Assert.Equal(2, Support.Guest.Run(kernel, "vuos-guest vu_nothing"));
        Assert.StartsWith("vuos-guest: vu_nothing: no such command\nUsage: vuos-guest ", kernel.Err, StringComparison.Ordinal);
        Assert.Equal(2, Support.Guest.Run(kernel, "vuos-guest"));
    }
}
