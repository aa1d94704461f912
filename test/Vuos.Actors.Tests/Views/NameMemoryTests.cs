using System.Globalization;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;

namespace Vuos.Actors.Tests.Views;

public sealed class NameMemoryTests
{
    [Fact]
    public void A_name_that_is_the_hosts_own_needs_no_memory()
    {
        var names = new NameMemory();
        names.Remember("/a"u8, "/a"u8);
        Assert.True(names.IsEmpty);
        Assert.Null(names.Exact("/a"u8));
    }

    [Fact]
    public void The_last_name_of_a_file_counts()
    {
        var names = new NameMemory();
        names.Remember("/src/f"u8, "/dst/f"u8);
        names.Remember("/src/f"u8, "/other/f"u8);
        Assert.Equal("/other/f"u8.ToArray(), names.Exact("/src/f"u8));
        names.Remember("/src/f"u8, "/src/f"u8);
        Assert.Equal("/src/f"u8.ToArray(), names.Exact("/src/f"u8));
    }

    [Fact]
    public void A_directory_goes_by_its_nearest_known_ancestor()
    {
        var names = new NameMemory();
        names.Remember("/src"u8, "/dst"u8);
        names.Remember("/src/a/b"u8, "/elsewhere"u8);
        Assert.Equal("/dst/x/y", Directory(names, "/src/x/y"));
        Assert.Equal("/elsewhere/c", Directory(names, "/src/a/b/c"));
        Assert.Equal("/dst/a/bc", Directory(names, "/src/a/bc"));
        Assert.Equal("/unknown", Directory(names, "/unknown"));
        Assert.Equal("/srcs", Directory(names, "/srcs"));
    }

    [Fact]
    public void A_root_seen_elsewhere_names_everything_below()
    {
        var names = new NameMemory();
        names.Remember(""u8, "/mnt"u8);
        Assert.Equal("/mnt/etc", Directory(names, "/etc"));
        Assert.Equal("/mnt", Directory(names, "/"));
    }

    [Fact]
    public void Below_a_known_directory_the_hosts_own_name_is_news()
    {
        var names = new NameMemory();
        names.Remember("/src"u8, "/dst"u8);
        names.Remember("/src/sub"u8, "/src/sub"u8);
        Assert.Equal("/src/sub/x", Directory(names, "/src/sub/x"));
    }

    [Fact]
    public void A_child_starts_with_its_parents_names_and_then_both_go_their_ways()
    {
        var parent = new NameMemory();
        parent.Remember("/src/f"u8, "/dst/f"u8);
        var child = parent.Fork();
        var grandchild = child.Fork();
        child.Remember("/src/g"u8, "/child/g"u8);
        parent.Remember("/src/f"u8, "/parent/f"u8);
        Assert.Equal("/dst/f"u8.ToArray(), child.Exact("/src/f"u8));
        Assert.Equal("/parent/f"u8.ToArray(), parent.Exact("/src/f"u8));
        Assert.Null(parent.Exact("/src/g"u8));
        Assert.Null(grandchild.Exact("/src/g"u8));
        Assert.Equal("/dst/f"u8.ToArray(), grandchild.Exact("/src/f"u8));
    }

    [Fact]
    public void It_never_grows_beyond_its_bound_and_keeps_the_newest()
    {
        var names = new NameMemory();
        for (var i = 0; i < 100_000; i++)
            names.Remember(Make.Bytes(string.Create(CultureInfo.InvariantCulture, $"/src/{i}")), "/dst"u8);
        var kept = Enumerable.Range(0, 100_000).Count(i => names.Exact(Make.Bytes(string.Create(CultureInfo.InvariantCulture, $"/src/{i}"))) is not null);
        Assert.InRange(kept, 1, 8192);
        Assert.NotNull(names.Exact("/src/99999"u8));
    }

    [Fact]
    public void Remembering_what_is_known_allocates_nothing()
    {
        var names = new NameMemory();
        names.Remember("/src/f"u8, "/dst/f"u8);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            names.Remember("/src/f"u8, "/dst/f"u8);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Files_go_by_the_directory_they_were_opened_from_if_nothing_else_is_known_of_them()
    {
        var names = new NameMemory();
        names.RememberBase("/src"u8, "/dst"u8, "f"u8);
        names.Remember("/src/other"u8, "/elsewhere"u8);
        Assert.False(names.IsEmpty);
        Assert.Equal("/dst/f"u8.ToArray(), names.Exact("/src/f"u8));
        Assert.Equal("/elsewhere"u8.ToArray(), names.Exact("/src/other"u8));
        Assert.Null(names.Exact("/src/sub/f"u8));
        Assert.Null(names.Exact("/src"u8));
        var child = names.Fork();
        names.RememberBase("/src"u8, "/src"u8, "f"u8);
        Assert.Equal("/src/f"u8.ToArray(), names.Exact("/src/f"u8));
        Assert.Equal("/dst/f"u8.ToArray(), child.Exact("/src/f"u8));
    }

    [Fact]
    public void The_last_name_counts_whether_it_was_a_files_own_or_its_directorys()
    {
        var names = new NameMemory();
        names.RememberBase("/src"u8, "/dst"u8, "g"u8);
        names.Remember("/src/f"u8, "/dst/f"u8);
        var before = names.Losses;
        names.Remember("/src/f"u8, "/src/f"u8);
        Assert.NotEqual(before, names.Losses);
        names.RememberBase("/src"u8, "/dst"u8, "f"u8);
        Assert.Equal("/dst/f"u8.ToArray(), names.Exact("/src/f"u8));
        before = names.Losses;
        names.Remember("/src/h"u8, "/elsewhere"u8);
        Assert.NotEqual(before, names.Losses);
    }

    [Fact]
    public void A_directory_that_is_the_host_s_own_is_no_news()
    {
        var names = new NameMemory();
        names.RememberBase("/src"u8, "/src"u8, "f"u8);
        Assert.True(names.IsEmpty);
    }

    [Fact]
    public void Names_that_are_lost_are_counted_so_that_guests_tell_them_again()
    {
        var names = new NameMemory();
        names.Remember("/src/f"u8, "/dst/f"u8);
        names.Remember("/src/g"u8, "/dst/g"u8);
        var before = names.Losses;
        names.Remember("/src/h"u8, "/dst/h"u8);
        names.Remember("/src/f"u8, "/dst/f"u8);
        Assert.Equal(before, names.Losses);
        names.Remember("/src/f"u8, "/src/f"u8);
        Assert.NotEqual(before, names.Losses);
    }

    private static string Directory(NameMemory names, string host)
    {
        var view = new PathBuffer();
        names.DirectoryName(Make.Canonical(host), view);
        return BytePath.Display(view.Span);
    }
}
