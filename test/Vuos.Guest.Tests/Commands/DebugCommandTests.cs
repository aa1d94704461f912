using Vuos.Guest.Tests.Support;
using Vuos.Native;

namespace Vuos.Guest.Tests.Commands;

public sealed class DebugCommandTests
{
    [Theory]
    [InlineData("", "", "")]
    [InlineData("cp", "", "cp\n")]
    [InlineData("", "s", "(s)\n")]
    [InlineData("cp", "s", "cp\n(s)\n")]
    public void Without_arguments_the_active_tags_are_shown(string everywhere, string here, string expected)
    {
        var kernel = new FakeKernel { GlobalTags = everywhere, LocalTags = here };
        Assert.Equal(0, Support.Guest.Run(kernel, "vudebug"));
        Assert.Equal(expected, kernel.Out);
    }

    [Theory]
    [InlineData("+cp", "on 'cp' 0")]
    [InlineData("+", "on '' 0")]
    [InlineData("-cp", "off 'cp' 0")]
    [InlineData("+cp:r -s", "colour 'cp' 'r';on 'cp' 0;off 's' 0")]
    [InlineData("cp:B", "colour 'cp' 'B'")]
    [InlineData("+cp -s -- ls -l --color", "on 'cp' 1;off 's' 1;exec ls|-l|--color")]
    [InlineData("-- ls", "exec ls")]
    public void Requests_are_made_in_order(string arguments, string requests)
    {
        var kernel = new FakeKernel();
        Support.Guest.Run(kernel, "vudebug " + arguments);
        Assert.Equal(requests.Split(';'), kernel.Log);
    }

    [Theory]
    [InlineData("?", "V +   VUFS\na -   ACTION\nc -(+)CHOICE\np +(+)PATH\n")]
    [InlineData("?cV", "c -(+)CHOICE\nV +   VUFS\n")]
    [InlineData("?zq", "")]
    public void Named_tags_are_listed(string argument, string expected)
    {
        var kernel = new FakeKernel
        {
            GlobalTags = "pV",
            LocalTags = "cp",
            TagNames = { ['a'] = "ACTION", ['c'] = "CHOICE", ['p'] = "PATH", ['V'] = "VUFS" },
        };
        Assert.Equal(0, Support.Guest.Run(kernel, "vudebug " + argument));
        Assert.Equal(expected, kernel.Out);
    }

    [Fact]
    public void A_refused_request_ends_it()
    {
        var kernel = new FakeKernel { Failures = { ["colour"] = Errno.EINVAL } };
        Assert.Equal(1, Support.Guest.Run(kernel, "vudebug a:x +p -- ls"));
        Assert.Equal("vudebug: Invalid argument\n", kernel.Err);
        Assert.Equal(["colour 'a' 'x'"], kernel.Log);
    }

    [Theory]
    [InlineData(Errno.ENOENT, 127, "vudebug: nope: No such file or directory\n")]
    [InlineData(Errno.EACCES, 126, "vudebug: nope: Permission denied\n")]
    public void A_command_that_cannot_run_gives_the_status_a_shell_gives(Errno error, int status, string message)
    {
        var kernel = new FakeKernel { ExecuteError = error };
        Assert.Equal(status, Support.Guest.Run(kernel, "vudebug +c -- nope"));
        Assert.Equal(message, kernel.Err);
    }
}
