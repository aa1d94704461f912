using System.Globalization;
using System.Text;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Tests.Virtual;

public sealed class NameAheadTests
{
    private static readonly GuestCaller Guest = new(1, OwnCredentials: false);

    private readonly VirtualRun _run = new();

    [Fact]
    public async Task Who_looks_at_one_listed_name_gets_the_next_ones_too_and_more_each_time()
    {
        var files = new DirectoryDouble(Names(100));
        var layer = await StartAsync(files);
        var listed = await ListedAsync(layer, files);
        await FindAsync(layer, listed[0]);
        Assert.Equal(listed[..9], files.LookedUp.Skip(1));
        await FindAsync(layer, listed[9]);
        Assert.Equal(listed[..26], files.LookedUp.Skip(1));
        Assert.All(listed[..26], name => Assert.True(IsKnown(layer, name)));
        Assert.Equal(listed[..26].Length, files.LookedUp.Skip(1).Distinct().Count());
    }

    [Fact]
    public async Task Where_names_or_attributes_are_good_for_no_time_nothing_is_asked_ahead()
    {
        foreach (var files in new[] { new DirectoryDouble(Names(50)) { EntryValid = TimeSpan.Zero }, new DirectoryDouble(Names(50)) { AttributesValid = TimeSpan.Zero } })
        {
            var layer = await StartAsync(files);
            var listed = await ListedAsync(layer, files);
            for (var i = 0; i < 5; i++)
                await FindAsync(layer, listed[i]);
            Assert.Equal(listed[..5], files.LookedUp.Skip(1));
        }
    }

    [Fact]
    public async Task Nothing_is_asked_ahead_when_the_settings_say_so()
    {
        _run.Configure(static () => "vuos.virtual.names-ahead = 0");
        var files = new DirectoryDouble(Names(50));
        var layer = await StartAsync(files);
        var listed = await ListedAsync(layer, files);
        await FindAsync(layer, listed[0]);
        Assert.Equal(2, files.LookedUp.Count);
    }

    [Fact]
    public async Task Who_looks_here_and_there_is_left_alone()
    {
        var files = new DirectoryDouble(Names(1000));
        var layer = await StartAsync(files);
        var listed = await ListedAsync(layer, files);
        for (var i = 0; i < 40; i++)
            await FindAsync(layer, listed[i * 617 % 1000]);
        Assert.InRange(files.LookedUp.Count, 41, 41 + (4 * 8));
    }

    [Fact]
    public async Task Who_looks_at_names_in_their_order_without_listing_gets_the_next_ones()
    {
        var names = Names(100);
        var files = new DirectoryDouble(Enumerable.Reverse(names).ToArray());
        var layer = await StartAsync(files);
        for (var i = 0; i < 2; i++)
            await FindAsync(layer, names[i]);
        Assert.Equal(0, files.Listings);
        await FindAsync(layer, names[2]);
        Assert.Equal((1, 1, 1), (files.Listings, files.Opened, files.Released));
        Assert.Equal(names[..11], files.LookedUp);
    }

    [Fact]
    public async Task A_name_whose_look_up_is_under_way_is_waited_for_and_not_asked_again()
    {
        var answer = new TaskCompletionSource();
        var files = new DirectoryDouble(Names(20));
        var layer = await StartAsync(files);
        var listed = await ListedAsync(layer, files);
        files.BeforeAnswer = name => name == listed[1] ? answer.Task : Task.CompletedTask;
        await FindAsync(layer, listed[0]);
        var waits = FindAsync(layer, listed[1]);
        Assert.False(waits.IsCompleted);
        answer.SetResult();
        await waits;
        Assert.Equal(1, files.LookedUp.Count(name => name == listed[1]));
    }

    [Fact]
    public async Task What_was_asked_before_a_change_is_not_believed_after_it()
    {
        var answer = new TaskCompletionSource();
        var files = new DirectoryDouble(Names(20));
        var layer = await StartAsync(files);
        var listed = await ListedAsync(layer, files);
        files.BeforeAnswer = name => name == listed[2] ? answer.Task : Task.CompletedTask;
        await FindAsync(layer, listed[0]);
        var removed = layer.Root.Find(Encoding.UTF8.GetBytes(listed[1]))!.Node!;
        Assert.Equal(0, (await NodeChanges.RemoveAsync(layer, layer.Root, Encoding.UTF8.GetBytes(listed[1]), removed, directory: false, Guest, CancellationToken.None)).Result);
        answer.SetResult();
        Assert.False(IsKnown(layer, listed[2]));
        Assert.True(IsKnown(layer, listed[3]));
    }

    [Fact]
    public async Task A_directory_is_opened_once_for_opening_and_reading_it()
    {
        var files = new DirectoryDouble(Names(5));
        var layer = await StartAsync(files);
        var opened = await new NodeOpens(layer).OpenAsync(new OpenRequest(layer.Root, null, [], 0, 0, false, false), Guest, CancellationToken.None);
        Assert.True(opened.Descriptor >= 0);
        Assert.Equal((1, 0), (files.Opened, files.Released));
        var directory = Assert.IsType<OpenDirectory>(layer.Root.Open);
        Assert.True((await directory.ReadAsync(Guest, start: true, CancellationToken.None)).Again);
        Assert.Equal((1, 1), (files.Opened, files.Released));
        Assert.True((await directory.ReadAsync(Guest, start: true, CancellationToken.None)).Again);
        Assert.Equal((2, 2), (files.Opened, files.Released));
        // Opened and never read: given back when the layer ends, if not before.
        await new NodeOpens(layer).OpenAsync(new OpenRequest(layer.Root, null, [], 0, 0, false, false), Guest, CancellationToken.None);
        Assert.Equal(Errno.None, await layer.CloseAsync(CancellationToken.None));
        Assert.Equal((3, 3), (files.Opened, files.Released));
        Vuos.Native.Kernel.Files.Close(opened.Descriptor);
    }

    private static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(static i => string.Create(CultureInfo.InvariantCulture, $"f{i:d4}"))];

    private async Task<VirtualLayer> StartAsync(DirectoryDouble files)
    {
        var layer = new VirtualLayer(_ => files, new MountRequest { Type = "double", Source = "" }, _run);
        Assert.Equal(Errno.None, await layer.StartAsync());
        Assert.True((await NodeFetch.AttributesAsync(layer, layer.Root, Guest, CancellationToken.None)).Again);
        return layer;
    }

    /// <summary>A guest lists the directory: the names in the order it gets them. Before that it looks at one that is not there, so that the layer knows how long names are good.</summary>
    private static async Task<string[]> ListedAsync(VirtualLayer layer, DirectoryDouble files)
    {
        await FindAsync(layer, "f0000");
        var opened = await layer.DescribeDirectoryAsync(layer.Root, null, CancellationToken.None);
        var directory = (OpenDirectory)layer.Root.Open!;
        await directory.ReadAsync(Guest, start: true, CancellationToken.None);
        Vuos.Native.Kernel.Files.Close(opened.Descriptor);
        // That one is known already.
        return [.. directory.Listing(Guest.Tid, start: true)!.Names.Select(Encoding.UTF8.GetString).Where(static name => name != "f0000")];
    }

    private static async Task FindAsync(VirtualLayer layer, string name) =>
        Assert.True((await NodeFetch.NamesAsync(layer, layer.Root, Encoding.UTF8.GetBytes(name), Guest, CancellationToken.None)).Again);

    private static bool IsKnown(VirtualLayer layer, string name) => layer.Root.Find(Encoding.UTF8.GetBytes(name)) is { Node: not null } entry && entry.Freshness.IsUsable(0);
}
