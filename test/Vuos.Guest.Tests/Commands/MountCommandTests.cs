using Vuos.Guest.Syscalls;
using Vuos.Guest.Tests.Support;
using Vuos.Native;

namespace Vuos.Guest.Tests.Commands;

public sealed class MountCommandTests
{
    [Theory]
    [InlineData("vumount / /mnt", "", MountFlags.Silent, "defaults")]
    [InlineData("vumount -t vufs / /mnt", "vufs", MountFlags.Silent, "defaults")]
    [InlineData("vumount / /mnt -tvufs -o cow,except=/tmp,ro", "vufs", MountFlags.Silent | MountFlags.ReadOnly, "cow,except=/tmp")]
    [InlineData("vumount -o loud / /mnt", "", MountFlags.None, "")]
    [InlineData("vumount -o a -o b,ro / /mnt", "", MountFlags.Silent | MountFlags.ReadOnly, "a,b")]
    [InlineData("vumount -r / /mnt", "", MountFlags.Silent | MountFlags.ReadOnly, "defaults")]
    [InlineData("vumount -r --rw / /mnt", "", MountFlags.Silent, "defaults")]
    [InlineData("vumount -r --read-write / /mnt", "", MountFlags.Silent, "defaults")]
    [InlineData("vumount -B / /mnt", "", MountFlags.Silent | MountFlags.Bind, "defaults")]
    [InlineData("vumount --move / /mnt", "", MountFlags.Silent | MountFlags.Move, "defaults")]
    [InlineData("vumount -R / /mnt", "", MountFlags.Silent | MountFlags.Bind | MountFlags.Recursive, "defaults")]
    [InlineData("vumount -o rbind / /mnt", "", MountFlags.Silent | MountFlags.Bind | MountFlags.Recursive, "")]
    internal void Asks_for_exactly_this_mount(string line, string type, MountFlags flags, string data)
    {
        var kernel = new FakeKernel();
        Assert.Equal(0, Support.Guest.Run(kernel, line));
        Assert.Equal([new MountCall("/", "/mnt", type, flags, data)], kernel.Mounts);
        Assert.Equal("", kernel.Out + kernel.Err);
    }

    [Fact]
    public void Paths_are_passed_as_they_are()
    {
        var kernel = new FakeKernel();
        Support.Guest.Run(kernel, "vumount", "--", "-odd name", "../t\u00ff");
        Assert.Equal([new MountCall("-odd name", "../t\u00ff", "", MountFlags.Silent, "defaults")], kernel.Mounts);
    }

    [Fact]
    public void A_failure_is_told_with_what_the_hypervisor_knows()
    {
        var kernel = new FakeKernel { Failures = { ["mount"] = Errno.EINVAL }, LastError = "vufs: X unknown tag" };
        Assert.Equal(1, Support.Guest.Run(kernel, "vumount -t vufs -oX / /mnt"));
        Assert.Equal("vumount: Invalid argument\nvumount: vufs: X unknown tag\n", kernel.Err);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(5000)]
    public void A_sentence_of_any_length_is_printed_whole(int length)
    {
        var sentence = new string('s', length);
        var kernel = new FakeKernel { Failures = { ["mount"] = Errno.ENODEV }, LastError = sentence };
        Assert.Equal(1, Support.Guest.Run(kernel, "vumount a b"));
        Assert.Equal("vumount: No such device\nvumount: " + sentence + "\n", kernel.Err);
    }

    [Fact]
    public void Without_a_sentence_the_error_stands_alone()
    {
        var kernel = new FakeKernel { Failures = { ["umount"] = Errno.EBUSY } };
        Assert.Equal(1, Support.Guest.Run(kernel, "vuumount b"));
        Assert.Equal("vuumount: Device or resource busy\n", kernel.Err);
    }

    [Theory]
    [InlineData("vuumount /mnt", "umount2 /mnt None")]
    [InlineData("vuumount -f /mnt", "umount2 /mnt Force")]
    [InlineData("vuumount /mnt -d", "umount2 /mnt Detach")]
    [InlineData("vuumount --force --detach-loop /mnt", "umount2 /mnt Force, Detach")]
    public void Asks_for_exactly_this_unmount(string line, string call)
    {
        var kernel = new FakeKernel();
        Assert.Equal(0, Support.Guest.Run(kernel, line));
        Assert.Equal([call], kernel.Log);
    }

    [Theory]
    [InlineData("vumount")]
    [InlineData("vumount a")]
    [InlineData("vumount a b c")]
    [InlineData("vumount -h a b")]
    [InlineData("vumount --help")]
    [InlineData("vumount -z a b")]
    [InlineData("vumount a b -o")]
    [InlineData("vuumount")]
    [InlineData("vuumount a b")]
    [InlineData("vuumount --help a")]
    [InlineData("vuumount -l a")]
    public void Wrong_usage_and_help_give_1_inside_and_outside(string line)
    {
        foreach (var inside in new[] { true, false })
        {
            var kernel = new FakeKernel { HasHypervisor = inside };
            Assert.Equal(1, Support.Guest.Run(kernel, line));
            Assert.Contains("Usage: " + line.Split(' ')[0] + " [OPTION]", kernel.Err, StringComparison.Ordinal);
            Assert.Empty(kernel.Mounts);
            Assert.Empty(kernel.Log);
        }
    }

    [Theory]
    [InlineData("vumount -t tmpfs none /mnt")]
    [InlineData("vuumount /mnt")]
    public void Outside_the_host_is_not_touched(string line)
    {
        var kernel = new FakeKernel { HasHypervisor = false };
        Assert.Equal(2, Support.Guest.Run(kernel, line));
        Assert.Equal("This is a VUOS command. It works only inside a vuos virtual namespace\n", kernel.Err);
        Assert.Empty(kernel.Mounts);
        Assert.Empty(kernel.Log);
    }
}
