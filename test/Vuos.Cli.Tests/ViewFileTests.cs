using Xunit;

namespace Vuos.Cli.Tests;

public sealed class ViewFileTests : IDisposable
{
    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void A_view_says_what_the_options_say()
    {
        directory.File("views/data");
        directory.File("views/my.view", """
            # comment
            name = "two words"
            seal = on
            kill-on-exit = true
            modules = [vufs]
            mounts = [
              { type = vufs, source = data, target = "/mnt/a:b", options = [ro, "except=/x"] }
              { type = vufs, source = /usr, target = up, options = "ro,x" }
            ]
            """);
        var options = Parsing.Accept(Parsing.In(directory), "--view", "views/my.view", "true");
        Assert.Equal("two words", options.ViewName);
        Assert.True(options.Seal);
        Assert.True(options.KillOnExit);
        Assert.Equal(["vufs"], options.Modules);
        Assert.Equal(
            [
                new("vufs", directory.At("views/data"), "/mnt/a:b", "ro,except=/x", "--view views/my.view: mounts[0]"),
                new("vufs", "/usr", directory.At("views/up"), "ro,x", "--view views/my.view: mounts[1]"),
            ], options.Mounts);
    }

    [Fact]
    public void Options_and_files_add_up_in_their_order_and_the_command_lines_name_wins()
    {
        directory.File("a", "name = a, mounts = [{ type = vufs, source = /usr, target = /mnt/a }]");
        directory.File("b", "name = b, seal = false, mounts = [{ type = vufs, source = /usr, target = /mnt/b }]");
        var options = Parsing.Accept(Parsing.In(directory), "--seal", "--name", "c", "--view", "a", "-b", "/usr:/mnt/c", "--view", "b", "true");
        Assert.Equal("c", options.ViewName);
        Assert.True(options.Seal);
        Assert.Equal(["/mnt/a", "/mnt/c", "/mnt/b"], options.Mounts.Select(static m => m.Target));
    }

    [Fact]
    public void An_empty_file_is_an_empty_view() =>
        Assert.Empty(Parsing.Accept(Parsing.In(directory), "--view", directory.File("empty"), "true").Mounts);

    [Theory]
    [InlineData("colour = red", "colour: it is not a setting of a view (modules, mounts, name, seal, kill-on-exit)")]
    [InlineData("modules = vufs", "modules: a list is expected, e.g. [vufs]")]
    [InlineData("modules = [vunosuch]", "modules: there is no module \"vunosuch\" (known: vufs, fuse, vufuse, vudev)")]
    [InlineData("mounts = { a = b }", "mounts: a list is expected, e.g. [{ type = vufs, source = /a, target = /b }]")]
    [InlineData("mounts = [vufs]", "mounts: [0]: an object is expected, e.g. { type = vufs, source = /a, target = /b }")]
    [InlineData("mounts = [{ type = vufs, source = /usr, target = /mnt, flags = 1 }]", "mounts: [0]: flags: it is not a setting of a mount (type, source, target, options)")]
    [InlineData("mounts = [{ type = vufs, source = [a], target = /mnt }]", "mounts: [0]: source: a text is expected")]
    [InlineData("mounts = [{ type = vufs, source = /usr }]", "mounts: [0]: the target is empty")]
    [InlineData("mounts = [{ type = vufs, source = nosuch, target = /mnt }]", "mounts[0]: the source does not exist")]
    [InlineData("seal = perhaps", "seal: true or false is expected")]
    [InlineData("name = [a]", "name: a text is expected")]
    public void A_mistake_names_the_setting(string content, string problem)
    {
        directory.File("v", content);
        var refusal = Parsing.Refuse(Parsing.In(directory), "--view", "v", "true");
        Assert.Equal(new(125, $"vuos-actors: --view v: {problem}"), refusal);
    }

    [Theory]
    [InlineData("mounts = [")]
    [InlineData("name = \"open")]
    [InlineData("a { b")]
    [InlineData("}")]
    [InlineData("x = ${nosuch}")]
    [InlineData("include \"other\"")]
    public void Text_that_is_not_HOCON_is_refused_in_one_sentence(string content)
    {
        directory.File("v", content);
        var refusal = Parsing.Refuse(Parsing.In(directory), "--view", "v", "true");
        Assert.Equal(125, refusal.Status);
        Assert.StartsWith("vuos-actors: --view v: the file is not HOCON: ", refusal.Text);
    }
}
