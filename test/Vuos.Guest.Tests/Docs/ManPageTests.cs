using System.Text.RegularExpressions;
using Vuos.Guest.Tests.Support;

namespace Vuos.Guest.Tests.Docs;

public sealed class ManPageTests
{
    private static readonly string[] Pages =
        ["umvu", "vu_insmod", "vu_lsmod", "vu_rmmod", "vudebug", "vufs", "vumount", "vuname", "vuos-actors", "vuumount"];

    public static TheoryData<string> AllPages { get; } = [.. Pages];

    [Fact]
    public void There_is_a_page_for_every_command_and_the_module() =>
        Assert.Equal(Pages, Directory.GetFiles(Repository.File("docs", "man")).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(AllPages))]
    public void Groff_has_nothing_to_warn_about(string page)
    {
        // The pages are plain text and useful without groff; where it is missing there is nothing to check them with.
        if (Command.Exists("groff"))
        {
            var outcome = Command.Run("groff", "-t", "-man", "-Tutf8", "-P-cbou", "-ww", Repository.File("docs", "man", page + ".1"));
            Assert.Equal((0, ""), (outcome.Status, outcome.Err));
            Assert.Contains("SYNOPSIS", outcome.Out, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(AllPages))]
    public void A_page_refers_only_to_pages_that_exist(string page)
    {
        string[] foreign = ["mount", "umount2", "pivot_root", "setns", "unshare", "ptrace", "syslog", "uname", "chown", "chmod", "mknod", "stat"];
        var text = File.ReadAllText(Repository.File("docs", "man", page + ".1")).Replace("\\-", "-", StringComparison.Ordinal);
        foreach (Match match in Regex.Matches(text, @"^\.BR (\S+) \(\d\)", RegexOptions.Multiline))
        {
            Assert.Contains(match.Groups[1].Value, Pages.Concat(foreign));
        }
    }

    [Theory]
    [InlineData("vu_insmod")]
    [InlineData("vu_lsmod")]
    [InlineData("vu_rmmod")]
    [InlineData("vumount")]
    [InlineData("vuumount")]
    [InlineData("vuname")]
    public void A_page_has_every_option_of_the_usage(string command)
    {
        var kernel = new FakeKernel();
        Support.Guest.Run(kernel, command, "--help");
        var page = File.ReadAllText(Repository.File("docs", "man", command + ".1")).Replace("\\-", "-", StringComparison.Ordinal);
        var options = Regex.Matches(kernel.Err, @"(?<=[ (])--?\w[\w-]*");
        Assert.NotEmpty(options);
        foreach (var option in options.Select(match => match.Value))
        {
            Assert.Matches(@"(^|[ ,~])" + option + @"($|[ ,~/\\])", page.Replace('\n', ' '));
        }
    }
}
