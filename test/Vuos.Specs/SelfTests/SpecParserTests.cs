using Vuos.Specs.Parsing;
using Xunit;

namespace Vuos.Specs.SelfTests;

public sealed class SpecParserTests
{
    [Fact]
    public void A_header_gives_the_summary_and_the_directives()
    {
        Spec spec = SpecParser.Parse("a/b", "# One sentence,\n# on two lines.\n# user: root\n# transport: notify\n# run: -m vufs --seal\n# needs: perl socat\n# timeout: 7\n$$ true\n");
        Assert.Equal("One sentence, on two lines.", spec.Summary);
        Assert.Equal([SpecUser.Root], spec.Users);
        Assert.Equal([SpecTransport.Notify], spec.Transports);
        Assert.Equal(["-m", "vufs", "--seal"], spec.RunOptions);
        Assert.Equal(["perl", "socat"], spec.Needs);
        Assert.Equal(TimeSpan.FromSeconds(7), spec.Timeout);
    }

    [Fact]
    public void Without_directives_a_spec_runs_sealed_as_both_users_over_both_transports()
    {
        Spec spec = SpecParser.Parse("a", "# Text.\n$$ true\n");
        Assert.Equal([SpecUser.Root, SpecUser.Unprivileged], spec.Users);
        Assert.Equal([SpecTransport.Ptrace, SpecTransport.Notify], spec.Transports);
        Assert.Equal(["--seal"], spec.RunOptions);
    }

    [Fact]
    public void Prompts_continuations_and_output_become_steps()
    {
        Spec spec = SpecParser.Parse("a", "# Text.\n$$ for i in 1\n> do echo $i; done\n1\n\n# A comment.\n$ ls\n");
        Assert.Equal(2, spec.Steps.Count);
        Assert.Equal(PromptKind.Guest, spec.Steps[0].Prompt);
        Assert.Equal(["for i in 1", "do echo $i; done"], spec.Steps[0].Command);
        Assert.Equal([new ExpectedLine(4, "1")], spec.Steps[0].Output);
        Assert.Equal(PromptKind.Host, spec.Steps[1].Prompt);
        Assert.Empty(spec.Steps[1].Output);
    }

    [Fact]
    public void Keys_know_what_must_be_printed_before()
    {
        SpecStep step = SpecParser.Parse("a", "# Text.\n$$ cat\nready\n<type> word\nword\n<keys> C-c\n").Steps[0];
        Assert.Equal(["ready", "word"], step.Output.Select(line => line.Text));
        Assert.Equal([1, 2], step.Inputs.Select(input => input.After));
        Assert.Equal("word\n"u8.ToArray(), step.Inputs[0].Bytes);
        Assert.False(step.Inputs[0].IsSignal);
        Assert.Equal([3], step.Inputs[1].Bytes);
        Assert.True(step.Inputs[1].IsSignal);
    }

    [Theory]
    [InlineData("$$ true\n", "sentence")]
    [InlineData("# Text.\n", "no command")]
    [InlineData("# Text.\noutput\n$$ true\n", "a.spec:2")]
    [InlineData("# Text.\n# colour: red\n$$ true\n", "unknown directive 'colour:'")]
    [InlineData("# Text.\n# user: nobody\n$$ true\n", "root, unprivileged, both")]
    [InlineData("# Text.\n# timeout: soon\n$$ true\n", "seconds")]
    [InlineData("# Text.\n$$ cat\n<keys> Ctrl-C\n", "control character")]
    public void What_is_no_spec_is_refused_with_a_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<SpecSyntaxException>(() => SpecParser.Parse("a", text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Every_spec_of_the_repository_parses() => Assert.All(Discovery.SpecFiles.Names(), name => Discovery.SpecFiles.Load(name));
}
