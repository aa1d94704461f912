using System.Text.RegularExpressions;
using Vuos.Guest.Tests.Support;

namespace Vuos.Guest.Tests.Docs;

public sealed class CompletionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public CompletionTests()
    {
        _directory.Script("vu_lsmod", "#!/bin/sh\necho 'vufs: vu filesystem patchworking'\necho 'vudev: vu virtual devices'\n");
        File.WriteAllText(_directory["some file"], "");
        File.WriteAllText(_directory["some-other"], "");
        Directory.CreateDirectory(_directory["tree"]);
    }

    /// <summary>The command line up to the cursor, in the words readline makes of it; the last one is to be completed.</summary>
    [Theory]
    [InlineData("vuos-actors|", "run syscalls --help --version")]
    [InlineData("vuos-actors|sys", "syscalls")]
    [InlineData("vuos-actors|run|--s", "--seal --stats")]
    [InlineData("vuos-actors|run|-m|", "vufs")]
    [InlineData("vuos-actors|run|-m|vufs|--tra", "--transport")]
    [InlineData("vuos-actors|run|--transport|", "auto notify ptrace")]
    [InlineData("vuos-actors|run|--transport|=|n", "notify")]
    [InlineData("vuos-actors|run|--log-level|w", "warning")]
    [InlineData("vuos-actors|run|--mount|v", "vufs")]
    [InlineData("vuos-actors|run|-b|/|:|/pro", "/proc")]
    [InlineData("vuos-actors|run|-b|/|:|/unreal|--kill", "--kill-on-exit")]
    [InlineData("vuos-actors|run|-b|/pro", "/proc")]
    [InlineData("vuos-actors|run|mkfif", "mkfifo")]
    [InlineData("vuos-actors|run|--seal|mkfif", "mkfifo")]
    [InlineData("vuos-actors|run|-m|vufs|mkfif", "mkfifo")]
    [InlineData("vuos-actors|run|-b|/|:|/unreal|mkfif", "mkfifo")]
    [InlineData("vuos-actors|run|--|mkfif", "mkfifo")]
    [InlineData("vuos-actors|run|ls|/pro", "/proc")]
    [InlineData("vuos-actors|run|--bind|/|mkfif", "mkfifo")]
    [InlineData("vuos-actors|run|--rc|/|mkfif", "mkfifo")]
    [InlineData("vuos-actors|run|--module|v", "vufs")]
    [InlineData("vuos-actors|run|--debug", "--debug --debug-colours")]
    [InlineData("vuos-actors|syscalls|--", "--decision --help")]
    [InlineData("umvu|--no", "--nonesting --noseccomp --norc")]
    [InlineData("umvu|-l|", "0 1 2 3 4 5 6 7")]
    [InlineData("umvu|-V|name|mkfif", "mkfifo")]
    [InlineData("umvu|-x|-N|mkfif", "mkfifo")]
    [InlineData("umvu|--rc|/pro", "/proc")]
    [InlineData("vu_insmod|", "vufs")]
    [InlineData("vu_insmod|--", "--permanent --help")]
    [InlineData("vu_rmmod|", "vufs vudev")]
    [InlineData("vu_rmmod|vud", "vudev")]
    [InlineData("vu_lsmod|", "-h --help")]
    [InlineData("vumount|-t|vu", "vudev vufs")]
    [InlineData("vumount|--types|=|vud", "vudev")]
    [InlineData("vumount|-o|per", "permanent")]
    [InlineData("vumount|-o|ro,ex", "ro,exec ro,except=")]
    [InlineData("vumount|-t|vufs|/pro", "/proc")]
    [InlineData("vumount|--read", "--read-only --read-write")]
    [InlineData("vuumount|/proc", "/proc*")]
    [InlineData("vuumount|-", "-f --force -d --detach-loop -h --help")]
    [InlineData("vuname|--view", "--viewid --viewname")]
    [InlineData("vuname|", "")]
    [InlineData("vudebug|+c|-", "-h --help --")]
    [InlineData("vudebug|+c|--|mkfif", "mkfifo")]
    public void Completes(string words, string expected)
    {
        var replies = Complete(words.Split('|'));
        if (expected.EndsWith('*'))
        {
            Assert.Contains(expected[..^1], replies);
        }
        else
        {
            Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), replies);
        }
    }

    [Fact]
    public void File_names_may_have_spaces() =>
        Assert.Equal(
            [_directory["some file"], _directory["some-other"]],
            Complete(["vumount", _directory["some"]]).Order(StringComparer.Ordinal));

    [Fact]
    public void Mount_points_are_unescaped()
    {
        var outcome = Bash("_vuos_mount_points", "a /m\\040t vufs rw 0 0\nb /x\\134y vufs rw 0 0\n");
        Assert.Equal(new Outcome(0, "/m t\n/x\\y\n", ""), outcome);
    }

    [Fact]
    public void The_words_are_those_of_the_commands()
    {
        foreach (var command in new[] { "vu_insmod", "vumount", "vuumount", "vuname" })
        {
            var kernel = new FakeKernel();
            Support.Guest.Run(kernel, command, "--help");
            var offered = Complete([command, "-"]);
            Assert.All(Regex.Matches(kernel.Err, @"(?<=[ (])--?\w[\w-]*"), option => Assert.Contains(option.Value, offered));
        }
    }

    public void Dispose() => _directory.Dispose();

    private string[] Complete(string[] words)
    {
        const string Body =
            """
            spec=$(complete -p -- "$1"); spec=${spec##*-F }
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
            "${spec%% *}" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            ((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}"
            true
            """;
        var outcome = Bash(Body, "", words);
        Assert.Equal((0, ""), (outcome.Status, outcome.Err));
        // Readline drops doubles (a command found in two directories).
        return [.. outcome.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct()];
    }

    private Outcome Bash(string body, string input, params string[] arguments) =>
        Command.Run(
            "bash",
            ["--norc", "-c", "source \"$0\" || exit; " + body, Repository.File("docs", "completion", "vuos-actors.bash"), .. arguments],
            new() { ["PATH"] = _directory.Path + ":/usr/bin:/bin" },
            input);
}
