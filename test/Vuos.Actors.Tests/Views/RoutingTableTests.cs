using Vuos.Actors.Actors;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;

namespace Vuos.Actors.Tests.Views;

public sealed class RoutingTableTests
{
    [Fact]
    public void Without_mounts_a_path_is_the_hosts_own()
    {
        Assert.Null(RoutingTable.Empty.Find("/any/where"u8));
        Assert.Equal("/any/where", RoutingTable.Empty.Host("/any/where"));
    }

    [Fact]
    public void A_mount_covers_its_target_and_what_lies_below_by_whole_components()
    {
        var table = Make.Table(Make.Mount(1, "/src", "/dst"));
        Assert.Equal("/src", table.Host("/dst"));
        Assert.Equal("/src/a/b", table.Host("/dst/a/b"));
        Assert.Equal("/dst2", table.Host("/dst2"));
        Assert.Equal("/ds", table.Host("/ds"));
        Assert.Equal("/", table.Host("/"));
    }

    [Fact]
    public void The_newest_mount_wins_even_over_a_longer_target()
    {
        var table = Make.Table(Make.Mount(1, "/deep", "/a/b"), Make.Mount(2, "/shallow", "/a"));
        Assert.Equal("/shallow/b/x", table.Host("/a/b/x"));
    }

    [Fact]
    public void A_newer_longer_target_covers_part_of_an_older_one()
    {
        var table = Make.Table(Make.Mount(1, "/shallow", "/a"), Make.Mount(2, "/deep", "/a/b"));
        Assert.Equal("/deep/x", table.Host("/a/b/x"));
        Assert.Equal("/shallow/c", table.Host("/a/c"));
    }

    [Fact]
    public void Of_several_mounts_on_one_point_the_newest_is_seen_and_its_removal_uncovers_the_next()
    {
        var newest = Make.Mount(2, "/two", "/p");
        var table = Make.Table(Make.Mount(1, "/one", "/p"), newest);
        Assert.Equal(2, table.At("/p"u8)!.Epoch);
        Assert.Equal("/two", table.Host("/p"));
        Assert.Equal("/one", table.Without(newest).Host("/p"));
    }

    [Fact]
    public void Epochs_are_strict_a_layer_sees_neither_itself_nor_its_equals()
    {
        var table = Make.Table(Make.Mount(1, "/one", "/p"), Make.Mount(2, "/two", "/p"));
        Assert.Equal("/one", table.Host("/p", epoch: 2));
        Assert.Equal("/p", table.Host("/p", epoch: 1));
    }

    [Fact]
    public void The_unreal_tree_mounted_twice_nests_twice()
    {
        // The /mnt/mnt sessions of the tutorial: `vumount -t vufs / /mnt`, once and then again.
        var once = Make.Table(Make.Mount(1, "/", "/mnt"));
        Assert.Equal("/etc", once.Host("/mnt/etc"));
        Assert.Equal("/mnt", once.Host("/mnt/mnt"));
        Assert.Equal("/mnt/x", once.Host("/mnt/mnt/x"));
        var twice = once.With(Make.Mount(2, "/", "/mnt"));
        Assert.Equal("/etc", twice.Host("/mnt/etc"));
        Assert.Equal("/etc", twice.Host("/mnt/mnt/etc"));
        Assert.Equal("/mnt/etc", twice.Host("/mnt/mnt/mnt/etc"));
    }

    [Fact]
    public void A_source_is_looked_up_among_older_mounts()
    {
        var table = Make.Table(Make.Mount(1, "/a", "/b"), Make.Mount(2, "/b", "/c"), Make.Mount(3, "/z", "/b"));
        Assert.Equal("/a/f", table.Host("/c/f"));
        Assert.Equal("/z/f", table.Host("/b/f"));
    }

    [Fact]
    public void Without_nesting_a_layer_sees_the_host_only()
    {
        var table = RoutingTable.Start(noNesting: true).With(Make.Mount(1, "/a", "/b")).With(Make.Mount(2, "/b", "/c"));
        Assert.Equal("/b/f", table.Host("/c/f"));
        Assert.Equal("/a/f", table.Host("/b/f"));
    }

    [Fact]
    public void A_root_mount_covers_everything_but_newer_mounts()
    {
        var table = Make.Table(Make.Mount(1, "/old", "/p"), Make.Mount(2, "/jail", "/"), Make.Mount(3, "/new", "/q"));
        Assert.Equal("/jail", table.Host("/"));
        Assert.Equal("/jail/p", table.Host("/p"));
        // Its source is looked up below the jail, as a chrooted mount would be.
        Assert.Equal("/jail/new", table.Host("/q"));
        Assert.True(table.IsMountRoot(""u8));
    }

    [Fact]
    public void Excepted_paths_belong_to_the_mount_below()
    {
        var table = Make.Table(Make.Mount(1, "/one", "/p"), Make.Mount(2, "/two", "/p", "/keep"));
        Assert.Equal("/one/keep", table.Host("/p/keep"));
        Assert.Equal("/one/keep/x", table.Host("/p/keep/x"));
        Assert.Equal("/two/keeper", table.Host("/p/keeper"));
        Assert.Equal("/two/x/keep", table.Host("/p/x/keep"));
    }

    [Fact]
    public void A_root_mount_may_except_too()
    {
        var table = Make.Table(Make.Mount(1, "/jail", "/", "/proc"));
        Assert.Equal("/proc/1", table.Host("/proc/1"));
        Assert.Equal("/jail/etc", table.Host("/etc"));
    }

    [Fact]
    public void A_detached_mount_is_invisible_to_guests_and_still_there_for_newer_layers()
    {
        var table = Make.Table(Make.Mount(1, "/a", "/b") with { Detached = true }, Make.Mount(2, "/b", "/c"));
        Assert.Equal("/b/f", table.Host("/b/f"));
        Assert.Null(table.At("/b"u8));
        Assert.Equal("/a/f", table.Host("/c/f"));
    }

    [Fact]
    public void A_moved_tree_is_seen_at_its_new_place_only()
    {
        var table = RouterActor.Added(RoutingTable.Empty, Make.Mount(1, "/from", "/to") with { HidesSource = true });
        Assert.Equal("/from/x", table.Host("/to/x"));
        Assert.Null(table.Host("/from"));
        Assert.Null(table.Host("/from/x"));
        Assert.Equal("/fromage", table.Host("/fromage"));
    }

    [Fact]
    public void Replacing_keeps_the_order_and_changes_one_mount()
    {
        var first = Make.Mount(1, "/a", "/p");
        var table = Make.Table(first, Make.Mount(2, "/b", "/q")).Replace(first with { ReadOnly = true });
        Assert.Equal([1L, 2L], table.Mounts.Select(static m => m.Epoch));
        Assert.True(table.Find("/p/x"u8)!.ReadOnly);
        Assert.True(table.AnyReadOnly);
        Assert.False(table.Find("/q"u8)!.ReadOnly);
    }

    [Fact]
    public void Names_of_mount_points_are_known_by_their_last_component()
    {
        var table = Make.Table(Make.Mount(1, "/a", "/x/point"));
        Assert.True(table.HasName("point"u8));
        Assert.False(table.HasName("x"u8));
        Assert.False(table.HasName("poin"u8));
    }
}
