using Xunit;

namespace Vuos.Cli.Tests;

public sealed class GuestCommandsTests : IDisposable
{
    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Links_beside_the_program_are_used_as_they_are()
    {
        directory.Program("app/guest/vu_insmod", "");
        Assert.Equal(directory.At("app/guest"), GuestCommands.Locate(directory.At("app")));
    }

    [Fact]
    public void Without_guest_commands_there_is_no_directory() => Assert.Null(GuestCommands.Locate(directory.Path));

    [Fact]
    public void Links_are_made_where_a_package_had_none_and_made_once()
    {
        var program = directory.Program("app/guest/vuos-guest", "");
        var links = directory.At("cache/guest");
        Assert.Equal(links, GuestCommands.MakeLinks(program, links));
        Assert.Equal(GuestCommands.Names.Order(), Directory.GetFiles(links).Select(Path.GetFileName).Order());
        Assert.All(GuestCommands.Names, name => Assert.Equal(program, new FileInfo(Path.Combine(links, name)).LinkTarget));

        File.Delete(Path.Combine(links, "vuname"));
        GuestCommands.MakeLinks(program, links);
        Assert.Equal(program, new FileInfo(Path.Combine(links, "vuname")).LinkTarget);
    }

    [Fact]
    public void Links_follow_a_program_that_moved()
    {
        var links = directory.At("cache/guest");
        GuestCommands.MakeLinks(directory.Program("old/vuos-guest", ""), links);
        var program = directory.Program("new/vuos-guest", "");
        GuestCommands.MakeLinks(program, links);
        Assert.All(GuestCommands.Names, name => Assert.Equal(program, new FileInfo(Path.Combine(links, name)).LinkTarget));
    }

    [Fact]
    public void A_program_without_its_x_bit_is_copied_with_what_is_beside_it()
    {
        directory.File("app/vuos-guest.dll", "more");
        var links = directory.At("cache/guest");
        GuestCommands.MakeLinks(directory.File("app/vuos-guest", "content"), links);
        var copy = Path.Combine(links, "vuos-guest");
        Assert.True(HostFile.IsExecutable(copy));
        Assert.Equal("content", File.ReadAllText(copy));
        Assert.Equal("more", File.ReadAllText(copy + ".dll"));
        Assert.All(GuestCommands.Names, name => Assert.Equal(copy, new FileInfo(Path.Combine(links, name)).LinkTarget));
    }
}
