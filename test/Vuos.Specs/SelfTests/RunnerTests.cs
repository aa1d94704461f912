using Vuos.Specs.Parsing;
using Vuos.Specs.Running;
using Xunit;

namespace Vuos.Specs.SelfTests;

/// <summary>The runner against a stand-in for the program that drops the options and executes the command.</summary>
public sealed class RunnerTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vuos-spec-fake-").FullName;
    private readonly string _program;

    public RunnerTests()
    {
        _program = Path.Combine(_directory, "run");
        File.WriteAllText(_program, "#!/bin/sh\nshift\nwhile :; do case $1 in --transport|--in-guest) shift 2;; --*) shift;; *) break;; esac; done\nexec \"$@\"\n");
        File.SetUnixFileMode(_directory, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(_program, (UnixFileMode)0b111_101_101);
    }

    public void Dispose() => Directory.Delete(_directory, true);

    [Theory]
    [InlineData("$$ echo hello; echo error >&2\nhello\nerror")]
    [InlineData("$$ pwd; test $W = $PWD && ls -A\n$W")]
    [InlineData("$$ printf x\nx\n$$ (exit 7)\n$$ echo $?\n7")]
    [InlineData("$$ cat > f <<EOF\n> some text\n> EOF\n$ cat f\nsome text")]
    [InlineData("$$ echo '$$ '\n[[\\$\\$ ]]\n$$ echo '$ '; echo after\n[[\\$ ]]\nafter")]
    [InlineData("$$ cat\n<type> one\none\n<keys> C-d")]
    [InlineData("$$ sh -c 'echo ready; exec sleep 100'\nready\n<keys> C-c\n$$ echo $?\n130")]
    [InlineData("$$ sleep 100\n<keys> C-z\n\n[1]+  Stopped                 sleep 100\n$$ fg\nsleep 100\n<keys> C-c\n$$ jobs")]
    [InlineData("$$ sleep 100 &\n[1] ...\n$$ kill %1; wait\n[1]+  Terminated              sleep 100")]
    [InlineData("$$ seq 20000 | tail -1\n20000\n$$ seq 3000\n...\n2999\n3000")]
    public void A_true_transcript_holds(string text) => Assert.Null(Run(text));

    [Theory]
    [InlineData("$$ echo hello\ngoodbye", "-    3  goodbye\n+       hello")]
    [InlineData("$$ echo hello", "+       hello")]
    [InlineData("$$ true\nsomething", "-    3  something")]
    [InlineData("$$ setsid sleep 100.25 & until pgrep -f '^sleep 100.25' >/dev/null; do :; done; disown\n...", "is left: sleep 100.25")]
    [InlineData("$$ exec true", "or the shell died")]
    public void A_false_transcript_fails_with_a_reason(string text, string reason) =>
        Assert.Contains(reason, Run(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("$$ exec sleep 100", "no prompt within 2 s")]
    [InlineData("$$ sh -c 'exec sleep 100'\nready\n<keys> C-c", "line 4 was not")]
    public void A_transcript_that_hangs_fails_with_a_reason(string text, string reason) =>
        Assert.Contains(reason, Run(text, "# timeout: 2\n"), StringComparison.Ordinal);

    [Fact]
    public void A_mount_that_stays_is_reported_and_never_reaches_the_host()
    {
        if (Environment.UserName != "root")
            return;
        string mounts = File.ReadAllText("/proc/self/mountinfo");
        Assert.Contains("a mount is left: ", Run("$ mkdir m; mount -t tmpfs none m"), StringComparison.Ordinal);
        Assert.Equal(mounts, File.ReadAllText("/proc/self/mountinfo"));
    }

    [Fact]
    public void An_unprivileged_spec_has_no_capability_and_owns_its_folder()
    {
        if (Environment.UserName != "root")
            return;
        Assert.Null(Run("$$ id -u; touch f; stat -c %u f; grep CapEff /proc/self/status\n65534\n65534\nCapEff:\t0000000000000000", "", SpecUser.Unprivileged));
    }

    private string? Run(string text, string directives = "", SpecUser? user = null)
    {
        // Line numbers in the reasons above count from a header of one line.
        Spec spec = SpecParser.Parse("self/test", "# A self-test.\n" + text + "\n");
        Spec limits = SpecParser.Parse("self/test", "# A self-test.\n" + directives + "$$ true\n");
        SpecUser who = user ?? (Environment.UserName == "root" ? SpecUser.Root : SpecUser.Unprivileged);
        return SpecRunner.Run(spec with { Timeout = limits.Timeout }, who, SpecTransport.Ptrace, _program);
    }
}
