using Xunit;

namespace Vuos.Cli.Tests;

public sealed class RunRefusalTests : IDisposable
{
    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    private static readonly string LongName = new('n', 65);

    /// <summary>Status, arguments separated by '|', and the whole sentence; <c>~</c> stands for the test's directory.</summary>
    public static TheoryData<int, string, string> Sentences => new()
    {
        { 2, "", "vuos-actors: no command is given, and one is needed: vuos-actors run [OPTION…] [--] COMMAND [ARGUMENT…]" },
        { 2, "--seal|--", "vuos-actors: no command is given, and one is needed: vuos-actors run [OPTION…] [--] COMMAND [ARGUMENT…]" },
        { 2, "--nosuch=1|ls", "vuos-actors: --nosuch: there is no such option (see --help)" },
        { 2, "-xq|ls", "vuos-actors: -q: there is no such option (see --help)" },
        { 2, "--seal=yes|ls", "vuos-actors: --seal=yes: --seal takes no value" },
        { 2, "-m", "vuos-actors: -m: MODULE is missing after it" },
        { 2, "--mount", "vuos-actors: --mount: TYPE:SOURCE:TARGET[:OPTIONS] is missing after it" },
        { 125, "-m|vunosuch|ls", "vuos-actors: -m vunosuch: there is no module \"vunosuch\" (known: vufs, fuse, vufuse, vudev)" },
        { 125, "--mount|nosuch:/a:/b|ls", "vuos-actors: --mount nosuch:/a:/b: no module serves the type \"nosuch\" (known: vufs, fuse, vufuse, vudev)" },
        { 125, "--mount|vufs:/nosuch:/mnt|ls", "vuos-actors: --mount vufs:/nosuch:/mnt: the source does not exist" },
        { 125, "--mount|vufs:/a|ls", "vuos-actors: --mount vufs:/a: TYPE:SOURCE:TARGET[:OPTIONS] is expected, not 2 fields (write \\: for a colon inside a name)" },
        { 125, "--mount|vufs:/a:/b:c:d|ls", "vuos-actors: --mount vufs:/a:/b:c:d: TYPE:SOURCE:TARGET[:OPTIONS] is expected, not 5 fields (write \\: for a colon inside a name)" },
        { 125, "--mount||ls", "vuos-actors: --mount : TYPE:SOURCE:TARGET[:OPTIONS] is expected, not one field (write \\: for a colon inside a name)" },
        { 125, "--mount|vufs::/b|ls", "vuos-actors: --mount vufs::/b: the source is empty" },
        { 125, "-b|/usr:|ls", "vuos-actors: -b /usr:: the target is empty" },
        { 125, "-b|/a:/b:/c|ls", "vuos-actors: -b /a:/b:/c: SOURCE[:TARGET] is expected, not 3 fields (write \\: for a colon inside a name)" },
        { 125, "-b|/usr:/nosuch/deep|ls", "vuos-actors: -b /usr:/nosuch/deep: the directory of the target does not exist" },
        { 125, "-b|/usr:file/deep|ls", "vuos-actors: -b /usr:file/deep: the directory of the target is not a directory" },
        { 125, "-b|loop:/mnt|ls", "vuos-actors: -b loop:/mnt: the source cannot be reached: too many symbolic links" },
        { 125, "-b|two\nlines\u001b[m:/mnt|ls", "vuos-actors: -b two\\nlines\\x1b[m:/mnt: the source does not exist" },
        { 125, "--name|" + LongName + "|ls", $"vuos-actors: --name {LongName}: the name is longer than 64 bytes" },
        { 125, "--in-guest|0|ls", "vuos-actors: --in-guest 0: this is a number of calls, or off" },
        { 125, "--transport|fast|ls", "vuos-actors: --transport fast: the transport is one of auto, notify, ptrace" },
        { 125, "--log-level|loud|ls", "vuos-actors: --log-level loud: the level is one of verbose, debug, information, warning, error, fatal" },
        { 125, "--log-file|nosuch/log|ls", "vuos-actors: --log-file nosuch/log: the directory of the log file does not exist" },
        { 125, "--log-file|.|ls", "vuos-actors: --log-file .: the log file is a directory" },
        { 125, "-d|c+|ls", "vuos-actors: -d c+: a debug tag is a letter, a digit or an underscore" },
        { 125, "-D|c|ls", "vuos-actors: -D c: a colour is TAGS:COLOUR, with letters of nwrgbcmy (upper case: background) and the signs +-_*#" },
        { 125, "--view|nosuch|ls", "vuos-actors: --view nosuch: the file does not exist" },
        { 125, "--view|.|ls", "vuos-actors: --view .: the file is a directory" },
        { 125, "--config|nosuch|ls", "vuos-actors: --config nosuch: the file does not exist" },
        { 125, "--rc|nosuch|ls", "vuos-actors: --rc nosuch: the rc file does not exist" },
        { 125, "-f|file|ls", "vuos-actors: -f file: the rc file is not executable" },
        { 127, "vuos-nosuch|-m", "vuos-nosuch: No such file or directory" },
        { 127, "./vuos-nosuch", "./vuos-nosuch: No such file or directory" },
    };

    [Theory]
    [MemberData(nameof(Sentences))]
    public void A_mistake_is_one_sentence_naming_the_argument(int status, string arguments, string sentence)
    {
        directory.File("file");
        File.CreateSymbolicLink(directory.At("loop"), "loop");
        var refusal = Parsing.Refuse(Parsing.In(directory), arguments.Length == 0 ? [] : arguments.Split('|'));
        Assert.Equal(new(status, sentence), refusal);
    }

    [Theory]
    [InlineData(2, "-q|ls", "umvu: -q: there is no such option (see --help)")]
    [InlineData(2, "--seal|ls", "umvu: --seal: there is no such option (see --help)")]
    [InlineData(125, "-l|8|ls", "umvu: -l 8: the level is a number from 0 to 7")]
    [InlineData(125, "-s|x|ls", "umvu: -s x: the level is a number from 0 to 7")]
    public void A_mistake_in_umvus_options_names_umvu(int status, string arguments, string sentence) =>
        Assert.Equal(new(status, sentence), Parsing.Refuse(RunDialect.Umvu, Parsing.In(directory), arguments.Split('|')));

    [Theory]
    [InlineData("-b|/usr:/mnt/nosuch|-b|/bin:/mnt/nosuch/deep/er")]
    [InlineData("-b|/usr:/nosuch|-b|/nosuch/bin:/mnt")]
    [InlineData("-b|/usr:/nosuch/|-b|/nosuch/bin/nosuch:/mnt")]
    public void Names_inside_an_earlier_mount_are_left_to_the_hypervisor(string arguments) =>
        Assert.Equal(2, Parsing.Accept(Parsing.In(directory), [.. arguments.Split('|'), "true"]).Mounts.Count);

    [Fact]
    public void A_name_that_only_begins_like_an_earlier_target_is_checked() =>
        Assert.Equal(125, Parsing.Refuse(Parsing.In(directory), "-b", "/usr:/nosuch", "-b", "/nosuchelse:/mnt", "true").Status);

    [Fact]
    public void A_command_that_a_mount_may_bring_is_left_to_the_hypervisor() =>
        Parsing.Accept(Parsing.In(directory), "-b", "/usr:/nosuch", "/nosuch/bin/env");

    [Fact]
    public void The_guest_commands_count_as_commands()
    {
        directory.File("guest/vu_nosuch");
        Parsing.Accept(Parsing.In(directory) with { GuestCommands = directory.At("guest") }, "vu_nosuch");
    }

    [Fact]
    public void An_empty_element_of_PATH_is_the_current_directory()
    {
        directory.File("vuos-here");
        Parsing.Accept(Parsing.In(directory) with { SearchPath = "/bin:" }, "vuos-here");
        Assert.Equal(127, Parsing.Refuse(Parsing.In(directory), "vuos-here").Status);
    }

    [Fact]
    public void A_name_of_64_bytes_is_accepted_and_bytes_are_what_counts()
    {
        var name = new string('é', 32);
        Assert.Equal(name, Parsing.Accept(Parsing.In(directory), "-V", name, "true").ViewName);
        Assert.Equal(125, Parsing.Refuse(Parsing.In(directory), "-V", name + "e", "true").Status);
    }
}
