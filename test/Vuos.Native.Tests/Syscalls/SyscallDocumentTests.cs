using Vuos.Native.Syscalls;
using Xunit;

namespace Vuos.Native.Tests.Syscalls;

public class SyscallDocumentTests
{
    /// <summary>Set to write <c>docs/syscalls.md</c> instead of comparing it.</summary>
    private const string Update = "VUOS_UPDATE_DOCS";

    [Fact]
    public void The_committed_page_is_the_generated_one()
    {
        var file = Path.Combine(Repository(), "docs", "syscalls.md");
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 })
            File.WriteAllText(file, SyscallDocument.Markdown());
        Assert.True(File.ReadAllText(file) == SyscallDocument.Markdown(), $"{file} is out of date: run the tests once with {Update}=1");
    }

    [Fact]
    public void The_page_has_one_row_a_call()
    {
        var rows = SyscallDocument.Markdown().Split('\n').Where(static l => l.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToList();
        Assert.Equal(SyscallTable.All.Length, rows.Count);
        Assert.Contains("| 257 | `openat(dirfd, [path], flags, mode)` | path | notification |  |", rows);
    }

    [Fact]
    public void The_text_is_aligned_and_complete()
    {
        var lines = SyscallDocument.Text().TrimEnd('\n').Split('\n');
        Assert.Equal(SyscallTable.All.Length + 1, lines.Length);
        var column = lines[0].IndexOf("decision", StringComparison.Ordinal);
        Assert.All(lines, l => Assert.True(l[column] != ' ' && l[column - 1] == ' ', l));
        Assert.All(lines, static l => Assert.False(l.EndsWith(' ')));
    }

    [Theory]
    [InlineData("openat", 3)] // openat, openat2 and the head
    [InlineData("OPENAT2", 2)]
    [InlineData("notification", 42)]
    [InlineData("257", 2)]
    public void A_filter_keeps_names_decisions_transports_and_numbers(string filter, int lines) =>
        Assert.Equal(lines, SyscallDocument.Text(filter).Count(static c => c == '\n'));

    [Fact]
    public void A_filter_by_decision_keeps_that_decision()
    {
        var expected = SyscallTable.All.Count(static s => s.Decision == Decision.Unsupported) + 1;
        Assert.Equal(expected, SyscallDocument.Text("unsupported").Count(static c => c == '\n'));
        Assert.Contains("filter: ENOSYS", SyscallDocument.Text("io_uring_setup"));
    }

    [Fact]
    public void A_filter_that_matches_nothing_gives_nothing() => Assert.Equal("", SyscallDocument.Text("no such call"));

    private static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "VuosActors.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside the repository");
        return folder;
    }
}
