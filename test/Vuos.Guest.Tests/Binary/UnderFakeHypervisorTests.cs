using Vuos.Guest.Tests.Support;

namespace Vuos.Guest.Tests.Binary;

/// <summary>The native program under fake-hypervisor.c: the system calls as another process sees them.</summary>
public sealed class UnderFakeHypervisorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public UnderFakeHypervisorTests()
    {
        var source = Repository.File("test", "Vuos.Guest.Tests", "Binary", "fake-hypervisor.c");
        var compiler = Command.Run("gcc", "-Wall", "-Wextra", "-Werror", "-O1", "-o", _directory["fake-hypervisor"], source);
        Assert.Equal(new Outcome(0, "", ""), compiler);
    }

    [Theory]
    [InlineData("vu_lsmod", 0, "vufs: vu filesystem patchworking\n", "")]
    [InlineData("vu_insmod vufs nix", 1, "", "nix: No such file or directory\n")]
    [InlineData("vuname -a", 0, "Linux fake 1.2 #1 x86_64 GNU/Linux/VUOS 4711 \n", "")]
    [InlineData("vuname -P", 0, "fake[4711]\n", "")]
    [InlineData("vumount -t vufs -o cow,ro ../x y", 0, "mount '../x' 'y' 'vufs' 0x8001 'cow'\n", "")]
    [InlineData("vumount bad y", 1, "mount 'bad' 'y' '' 0x8000 'defaults'\n", "vumount: No such device\nvumount: no module claims this\n")]
    [InlineData("vuumount -d y", 0, "umount2 'y' 0x2\n", "")]
    [InlineData("vudebug -- true", 0, "", "")]
    public void Speaks_the_protocol(string line, int status, string output, string errors) =>
        Assert.Equal(
            new Outcome(status, output, errors),
            Command.Run(_directory["fake-hypervisor"], [Repository.GuestBinary, .. line.Split(' ')]));

    [Fact]
    public void Names_need_not_be_UTF8()
    {
        var outcome = Command.Run(
            "bash", "-c", "\"$0\" \"$1\" vumount $'\\xff\\xe9' '\u00e9' | od -An -v -w1 -tx1 | tr -d '\\n'",
            _directory["fake-hypervisor"], Repository.GuestBinary);
        Assert.Contains(" 27 ff e9 27 20 27 c3 a9 27 ", outcome.Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_of_vudebug_gets_its_arguments_environment_and_signals()
    {
        var outcome = Command.Run(
            _directory["fake-hypervisor"],
            [Repository.GuestBinary, "vudebug", "--", "sh", "-c", "echo \"$0,$1,$V\"; grep SigIgn /proc/self/status; exit 7", "a b", ""],
            new() { ["V"] = "x y" });
        Assert.Equal(7, outcome.Status);
        Assert.StartsWith("a b,,x y\n", outcome.Out, StringComparison.Ordinal);

        // Bit 12 is SIGPIPE, which the runtime would leave ignored.
        var ignored = Convert.ToUInt64(outcome.Out.Split('\n')[1].Split('\t')[1], 16);
        Assert.Equal(0UL, ignored & (1UL << 12));

        // A directory on PATH that may not be searched would make it 126.
        var missing = Command.Run(
            _directory["fake-hypervisor"], [Repository.GuestBinary, "vudebug", "--", "no-such-command"], new() { ["PATH"] = "/usr/bin:/bin" });
        Assert.Equal(new Outcome(127, "", "vudebug: no-such-command: No such file or directory\n"), missing);
    }

    public void Dispose() => _directory.Dispose();
}
