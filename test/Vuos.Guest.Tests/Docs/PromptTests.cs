using System.Text.RegularExpressions;
using Vuos.Guest.Tests.Support;

namespace Vuos.Guest.Tests.Docs;

/// <summary>docs/prompt.bash in an interactive shell; what bash prints as its prompt goes to standard error.</summary>
public sealed class PromptTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly string _user = Environment.UserName;
    private readonly string _host = Command.Run("uname", "-n").Out.Trim().Split('.')[0];

    private string Mark => _user == "root" ? "#" : "$";

    [Fact]
    public void In_a_view_it_names_the_hypervisor()
    {
        _directory.Script("vuname", "#!/bin/sh\ncase $1 in -P) echo 'host[722]';; *) exit 1;; esac\n");
        Assert.Contains($"{_user}@host[722]:/tmp{Mark} ", Prompt("PS1='\\u@\\h:\\w\\$ '"), StringComparison.Ordinal);
        Assert.Contains($"{_user}@host[722]:/tmp{Mark} ", Prompt("PS1='no host > '"), StringComparison.Ordinal);
        Assert.Contains($"<host[722]x> ", Prompt("PS1='<\\hx> '"), StringComparison.Ordinal);
    }

    [Fact]
    public void Outside_it_is_the_prompt_it_was()
    {
        Assert.Contains($"{_user}@{_host}:/tmp{Mark} ", Prompt("PS1='\\u@\\h:\\w\\$ '"), StringComparison.Ordinal);
        Assert.Contains("no host > ", Prompt("PS1='no host > '"), StringComparison.Ordinal);

        // A vuname that is there but finds no hypervisor.
        File.CreateSymbolicLink(_directory["vuname"], Repository.GuestBinary);
        Assert.Contains($"{_user}@{_host}:/tmp{Mark} ", Prompt("PS1='\\u@\\h:\\w\\$ '"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_name_of_a_view_is_neither_executed_nor_obeyed()
    {
        _directory.Script("vuname", "#!/bin/sh\nprintf '%s\\033[31m\\n' '$(echo hit)`echo hit`\\u'\n");
        Assert.Contains("<$(echo hit)`echo hit`\\u[31m> ", Prompt("PS1='<\\h> '"), StringComparison.Ordinal);
    }

    [Fact]
    public void Sourcing_it_twice_changes_nothing_more()
    {
        _directory.Script("vuname", "#!/bin/sh\necho 'host[722]'\n");
        Assert.Contains("<host[722]> ", Prompt("PS1='<\\h> '; . \"$PROMPT_FILE\""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0000000000000000", "")]
    [InlineData("0000000000000001", "{chown}")]
    [InlineData("0000000000003400", "{net_bind_service,net_admin,net_raw}")]
    [InlineData("0000030000000000", "{checkpoint_restore,41}")]
    [InlineData("8000000000000020", "{kill}")]
    public void Ambient_capabilities_are_named(string bits, string expected)
    {
        File.WriteAllText(_directory["status"], $"Name:\tbash\nCapBnd:\tffffffffffffffff\nCapAmb:\t{bits}\nSeccomp:\t0\n");
        Assert.Equal(new Outcome(0, expected + "\n", ""), Source("_vuos_read_capabilities \"$0/status\"; echo \"$_vuos_caps\""));
    }

    [Fact]
    public void Where_they_cannot_be_read_there_are_none() =>
        Assert.Equal(new Outcome(0, "\n", ""), Source("_vuos_read_capabilities \"$0/missing\"; echo \"$_vuos_caps\""));

    [Fact]
    public void The_names_are_those_of_the_kernel()
    {
        const string Header = "/usr/include/linux/capability.h";
        Assert.True(File.Exists(Header), Header + " is part of the C library's headers, which the build needs");
        var names = Regex.Matches(File.ReadAllText(Header), @"^#define CAP_(\w+)\s+(\d+)$", RegexOptions.Multiline)
            .OrderBy(match => int.Parse(match.Groups[2].Value)).Select(match => match.Groups[1].Value.ToLowerInvariant());
        Assert.Equal(names, Source("printf '%s\\n' \"${_vuos_capability_names[@]}\"").Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    public void Dispose() => _directory.Dispose();

    private string Prompt(string before)
    {
        var rc = _directory["rc"];
        File.WriteAllText(rc, before + "\n. \"$PROMPT_FILE\"\ncd /tmp\n");
        var outcome = Command.Run("bash", ["--noprofile", "--rcfile", rc, "-i"], Variables, "exit 0\n");
        Assert.Equal(0, outcome.Status);
        return outcome.Err;
    }

    private Outcome Source(string body) =>
        Command.Run("bash", ["--norc", "-c", ". \"$PROMPT_FILE\"; " + body, _directory.Path], Variables);

    private Dictionary<string, string?> Variables => new()
    {
        ["PATH"] = _directory.Path + ":/usr/bin:/bin",
        ["PROMPT_FILE"] = Repository.File("docs", "prompt.bash"),
        ["PROMPT_COMMAND"] = null,
    };
}
