using Vuos.Guest.Tests.Support;

namespace Vuos.Guest.Tests.Binary;

/// <summary>The native program under its seven names, directly on the kernel.</summary>
public sealed class NativeProgramTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public NativeProgramTests()
    {
        foreach (var name in new[] { "vu_insmod", "vu_lsmod", "vu_rmmod", "vumount", "vuumount", "vuname", "vudebug" })
        {
            File.CreateSymbolicLink(_directory[name], Repository.GuestBinary);
        }
    }

    [Theory]
    [InlineData("vu_insmod", "vufs")]
    [InlineData("vu_lsmod", "")]
    [InlineData("vu_rmmod", "vufs")]
    [InlineData("vudebug", "+a")]
    public void Outside_a_view_a_link_runs_its_command_and_gives_2(string name, string argument)
    {
        var outcome = Command.Run(_directory[name], argument.Length > 0 ? [argument] : []);
        Assert.Equal(2, outcome.Status);
        Assert.StartsWith(
            $"This is a VUOS command. It works only inside a vuos virtual namespace\nUsage: {name} ", outcome.Err, StringComparison.Ordinal);
        Assert.Equal("", outcome.Out);
    }

    [Fact]
    public void Outside_a_view_vumount_mounts_nothing()
    {
        // In a mount namespace of its own, so that nothing happens to the host should it mount after all. Who cannot have one cannot
        // mount either.
        string[] privately = ["unshare", "-m"], asUser = ["unshare", "-Urm"];
        string[] prefix = CanRun(privately) ? privately : CanRun(asUser) ? asUser : ["env"];
        var source = Directory.CreateDirectory(_directory["source"]).FullName;
        var target = Directory.CreateDirectory(_directory["target"]).FullName;
        File.WriteAllText(Path.Combine(source, "marker"), "");

        var outcome = Command.Run(
            prefix[0],
            [.. prefix[1..], "bash", "-c", "\"$0/vumount\" -B \"$1\" \"$2\"; echo $?; ls \"$2\"; \"$0/vuumount\" \"$2\"; echo $?", _directory.Path, source, target]);
        const string Refusal = "This is a VUOS command. It works only inside a vuos virtual namespace\n";
        Assert.Equal(new Outcome(0, "2\n2\n", Refusal + Refusal), outcome);
    }

    [Theory]
    [InlineData("vumount", 1)]
    [InlineData("vuumount", 1)]
    [InlineData("vuname", 0)]
    public void Help_goes_to_stderr(string name, int status)
    {
        var outcome = Command.Run(_directory[name], "--help");
        Assert.Equal(status, outcome.Status);
        Assert.StartsWith($"Usage: {name} ", outcome.Err, StringComparison.Ordinal);
        Assert.Equal("", outcome.Out);
    }

    [Fact]
    public void Outside_a_view_vuname_is_uname()
    {
        Assert.Equal(Command.Run("uname", "-snrvmo"), Command.Run(_directory["vuname"], "-snrvmo"));
        Assert.Equal(Command.Run("uname", "-n"), Command.Run(_directory["vuname"], "-P"));
        Assert.Equal(new Outcome(1, "", "vuname: Function not implemented\n"), Command.Run(_directory["vuname"], "name"));
    }

    [Fact]
    public void The_command_may_be_named_by_the_first_argument() =>
        Assert.Equal(Command.Run("uname"), Command.Run(Repository.GuestBinary, "vuname", "-s"));

    [Fact]
    public void Without_a_native_program_the_managed_one_goes_by_its_name_too()
    {
        var program = Path.Combine(AppContext.BaseDirectory, "vuos-guest");
        File.Delete(_directory["vuname"]);
        File.CreateSymbolicLink(_directory["vuname"], program);

        // The runtime that runs the tests, wherever it is installed.
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        Dictionary<string, string?> runtime = new() { ["DOTNET_ROOT"] = Path.GetDirectoryName(dotnet) is { Length: > 0 } root ? root : null };
        Assert.Equal(Command.Run("uname"), Command.Run(_directory["vuname"], [], runtime));
        Assert.Equal(Command.Run("uname", "-m"), Command.Run(program, ["vuname", "-m"], runtime));
        Assert.Equal(Command.Run("uname", "-n"), Command.Run(dotnet, program + ".dll", "vuname", "-n"));
    }

    [Fact]
    public void A_closed_pipe_ends_it_quietly()
    {
        // The reading end is closed before the program is started: fd 3 is a pipe with no reader.
        var outcome = Command.Run(
            "bash", "-c", "exec 3> >(exec < /dev/null); wait $!; \"$0\" --version >&3; echo $?", _directory["vuname"]);
        Assert.Equal(new Outcome(0, "141\n", ""), outcome);
    }

    [Fact]
    public void A_full_disk_is_reported()
    {
        var outcome = Command.Run("bash", "-c", "exec \"$0\" > /dev/full", _directory["vuname"]);
        Assert.Equal(new Outcome(1, "", "vuname: write error: No space left on device\n"), outcome);
    }

    [Fact]
    public void It_runs_where_there_is_nothing_else()
    {
        // No loader, no C library, no /proc, no /sys: as in a chroot made inside a view. Needs root (or user namespaces).
        var root = Directory.CreateDirectory(_directory["root"]).FullName;
        File.Copy(Repository.GuestBinary, Path.Combine(root, "vuname"));
        var outcome = Command.Run("unshare", "-Ur", "chroot", root, "/vuname", "-s");
        if (outcome.Err.Contains("unshare", StringComparison.Ordinal))
        {
            outcome = Command.Run("chroot", root, "/vuname", "-s");
        }

        Assert.Equal(new Outcome(0, "Linux\n", ""), outcome);
    }

    [Fact]
    public void It_runs_with_little_address_space() =>
        Assert.Equal(
            new Outcome(0, "Linux\n", ""), Command.Run("bash", "-c", "ulimit -v 400000; exec \"$0\"", _directory["vuname"]));

    private static bool CanRun(string[] prefix) => Command.Run(prefix[0], [.. prefix[1..], "true"]).Status == 0;

    public void Dispose() => _directory.Dispose();
}
