using Vuos.Native.Syscalls;
using Xunit;

namespace Vuos.Cli.Tests;

public sealed class SyscallListTests
{
    [Fact]
    public void Without_a_choice_it_is_the_whole_document() =>
        Assert.Equal(SyscallDocument.Text().TrimEnd('\n'), SyscallList.Text(null, []));

    [Fact]
    public void Names_and_decision_choose_lines()
    {
        var lines = SyscallList.Text(Decision.Path, ["openat", "statx"]).Split('\n');
        Assert.Contains("decision", lines[0]);
        Assert.Equal(["openat", "openat2", "statx"], lines[1..].Select(static l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]).Order());
    }

    [Fact]
    public void Nothing_chosen_is_no_text() => Assert.Equal("", SyscallList.Text(Decision.Time, ["openat"]));
}
