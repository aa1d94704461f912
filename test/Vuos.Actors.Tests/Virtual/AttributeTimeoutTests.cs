using System.Diagnostics;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Virtual;

public sealed class AttributeTimeoutTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static readonly GuestCaller Guest = new(1, OwnCredentials: false);

    private readonly VirtualRun _run = new();

    [Theory]
    [InlineData(FileType.Regular, 1, true)]
    [InlineData(FileType.Regular, 2, false)]
    [InlineData(FileType.Link, 1, true)]
    [InlineData(FileType.Directory, 7, true)]
    public async Task What_has_one_name_is_believed_longer_than_the_server_says(uint type, uint links, bool believed)
    {
        var layer = await StartAsync(Hour);
        Learn(layer, type, links, TimeSpan.Zero, Stopwatch.GetTimestamp());
        Assert.Equal(believed, IsBelieved(layer.Root));
    }

    [Fact]
    public async Task Without_it_the_server_is_believed_and_with_it_a_server_that_says_longer()
    {
        var layer = await StartAsync(TimeSpan.Zero);
        Learn(layer, FileType.Regular, 1, TimeSpan.Zero, Stopwatch.GetTimestamp());
        Assert.False(IsBelieved(layer.Root));
        layer = await StartAsync(TimeSpan.FromTicks(1));
        Learn(layer, FileType.Regular, 1, Hour, Stopwatch.GetTimestamp());
        Assert.True(IsBelieved(layer.Root));
    }

    [Fact]
    public async Task What_was_asked_before_a_change_is_good_for_who_asked_and_nobody_after()
    {
        var layer = await StartAsync(Hour);
        var asked = Stopwatch.GetTimestamp();
        VirtualLayer.Expire(layer.Root);
        Learn(layer, FileType.Directory, 2, Hour, asked);
        Assert.False(IsBelieved(layer.Root));
        Assert.True(layer.Root.Attributes!.Freshness.IsUsable(asked));
        Learn(layer, FileType.Directory, 2, Hour, Stopwatch.GetTimestamp());
        Assert.True(IsBelieved(layer.Root));
    }

    [Fact]
    public async Task Attributes_that_a_change_overtakes_are_not_believed()
    {
        var files = new DirectoryDouble("a") { AttributesValid = Hour };
        var answer = new TaskCompletionSource();
        var layer = await StartAsync(TimeSpan.Zero, files);
        files.BeforeAttributes = answer.Task;
        var asks = NodeFetch.AttributesAsync(layer, layer.Root, Guest, CancellationToken.None);
        Assert.Equal(Errno.None, await layer.SetAsync(layer.Root, null, new AttributeChange { Mode = 0x1C0 }, new Caller(), CancellationToken.None));
        answer.SetResult();
        Assert.True((await asks).Again);
        Assert.False(IsBelieved(layer.Root));
    }

    [Fact]
    public async Task Names_are_looked_up_ahead_where_attributes_are_believed_that_the_server_says_are_good_for_no_time()
    {
        var files = new DirectoryDouble([.. Enumerable.Range(0, 20).Select(static i => $"f{i:d2}")]) { AttributesValid = TimeSpan.Zero };
        var layer = await StartAsync(Hour, files);
        Assert.Null(layer.Ahead(layer.Root));
        Assert.False((await layer.LookUpAsync(layer.Root, "f00"u8.ToArray(), new Caller(), CancellationToken.None)).Failed);
        Assert.NotNull(layer.Ahead(layer.Root));
    }

    private async Task<VirtualLayer> StartAsync(TimeSpan timeout, DirectoryDouble? files = null)
    {
        var layer = new VirtualLayer(_ => files ?? new DirectoryDouble(), new MountRequest { Type = "double", Source = "" }, _run) { AttributeTimeout = timeout };
        Assert.Equal(Errno.None, await layer.StartAsync());
        return layer;
    }

    private static void Learn(VirtualLayer layer, uint type, uint links, TimeSpan valid, long asked) =>
        layer.LearnAttributes(layer.Root, new TimedAttributes(new NodeAttributes { Mode = type, Links = links }, valid), asked);

    private static bool IsBelieved(VirtualNode node) => node.Attributes!.Freshness.IsUsable(0);
}
