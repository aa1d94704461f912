using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Tests.Support;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Vufs.Store;

/// <summary>Attribute files, and what renames and hard links do to them.</summary>
public sealed class RecordTests
{
    private static readonly RecordedAttributes Some = new() { Mode = 0x180, Uid = 7 }, Other = new() { Gid = 9 };

    [Fact]
    public void A_record_is_a_file_with_DEL_behind_the_name()
    {
        using var layer = new Layer();
        Assert.Equal(Errno.None, layer.Write("/d/f", Some));
        Assert.Equal(["/d/", "/d/f^?"], layer.Tree());
        Assert.Equal("mode=0600\nuid=7\n", File.ReadAllText(layer.Record("/d/f")));
        Assert.Equal(Some, layer.Read("/d/f"));
        Assert.Null(layer.Read("/d"));
        Assert.Null(layer.Read("/d/f/g"));
    }

    [Fact]
    public void The_root_has_a_record_too()
    {
        using var layer = new Layer();
        Assert.Equal(Errno.None, layer.Write("", Some));
        Assert.Equal(["/^?"], layer.Tree());
        Assert.Equal(Some, layer.Read(""));
        Assert.Equal(Errno.None, layer.Marks.DropAttributes(""u8));
        Assert.Empty(layer.Tree());
        Assert.False(layer.Marks.AnyAttributes);
    }

    [Fact]
    public void A_record_replaces_the_older_one_and_an_empty_one_removes_it()
    {
        using var layer = new Layer();
        layer.Write("/d/f", Some);
        var before = Inode(layer.Record("/d/f"));
        Assert.Equal(Errno.None, layer.Write("/d/f", Other));
        Assert.Equal(Other, layer.Read("/d/f"));
        Assert.NotEqual(before, Inode(layer.Record("/d/f")));
        Assert.Equal(Errno.None, layer.Write("/d/f", default));
        Assert.Equal(Errno.None, layer.Write("/d/f", default));
        Assert.Empty(layer.Tree());
    }

    [Fact]
    public void What_umvu_wrote_is_read_at_the_next_opening()
    {
        using var layer = new Layer();
        Directory.CreateDirectory(layer.Mark("/etc"));
        File.WriteAllText(layer.Record("/etc/passwd"), "mode=0600\nuid=1000\ngid=0\n");
        Assert.Null(layer.Read("/etc/passwd"));
        layer.Reopen();
        Assert.True(layer.Marks.Any);
        Assert.True(layer.Marks.AnyAttributes);
        Assert.Equal(new RecordedAttributes { Mode = 0x180, Uid = 1000, Gid = 0 }, layer.Read("/etc/passwd"));
        layer.Reopen(writable: false);
        Assert.True(layer.Marks.AnyAttributes);
        layer.Marks.Dispose();
        Directory.Delete(layer.Mark(""), recursive: true);
        layer.Reopen();
        layer.Whiteout("/etc/passwd");
        layer.Reopen();
        Assert.True(layer.Marks.Any);
        Assert.False(layer.Marks.AnyAttributes);
    }

    [Fact]
    public void Hard_links_share_one_record()
    {
        using var layer = new Layer();
        layer.Write("/a", Some);
        layer.Write("/d/b", Other);
        Assert.Equal(Errno.None, layer.Marks.LinkAttributes("/a"u8, "/d/b"u8));
        Assert.Equal(Errno.None, layer.Marks.LinkAttributes("/a"u8, "/d/b"u8));
        Assert.Equal(Errno.None, layer.Marks.LinkAttributes("/a"u8, "/e/c"u8));
        var long1 = new RecordedAttributes { Type = (byte)'c', Mode = 0xFFF, Uid = 4_000_000_000, Rdev = DeviceNumber.Make(4000, 100_000) };
        foreach (var record in new[] { long1, Other, Some })
        {
            Assert.Equal(Errno.None, layer.Write("/d/b", record));
            Assert.Equal((record, record, record), (layer.Read("/a"), layer.Read("/d/b"), layer.Read("/e/c")));
        }

        Assert.Equal("mode=0600\nuid=7\n", File.ReadAllText(layer.Record("/a")));
        Assert.Equal(Errno.None, layer.Marks.DropAttributes("/a"u8));
        Assert.Equal((null, Some), (layer.Read("/a"), layer.Read("/d/b")));
    }

    [Fact]
    public void A_link_to_what_has_no_record_has_none()
    {
        using var layer = new Layer();
        Assert.Equal(Errno.None, layer.Marks.LinkAttributes("/a"u8, "/b"u8));
        layer.Write("/b", Some);
        Assert.Equal(Errno.None, layer.Marks.LinkAttributes("/a"u8, "/b"u8));
        Assert.Null(layer.Read("/b"));
    }

    [Fact]
    public void A_reader_never_sees_half_a_record()
    {
        using var layer = new Layer();
        layer.Write("/f", Some);
        var stop = false;
        var wrong = 0;
        using var ready = new ManualResetEventSlim();
        var reader = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                var seen = layer.Read("/f");
                wrong += seen == Some || seen == Other ? 0 : 1;
                ready.Set();
            }
        });
        reader.Start();
        ready.Wait();
        for (var i = 0; i < 3000; i++)
            layer.Write("/f", i % 2 == 0 ? Other : Some);
        Volatile.Write(ref stop, true);
        reader.Join();
        Assert.Equal(0, wrong);
    }

    [Fact]
    public void A_renamed_file_takes_its_record_along()
    {
        using var layer = new Layer();
        layer.Write("/d/a", Some);
        layer.Write("/e/b", Other);
        Assert.Equal(Errno.None, Move(layer, "/d/a", "/e/b", whiteoutFrom: false));
        Assert.Equal(["/e/", "/e/b^?"], layer.Tree());
        Assert.Equal(Some, layer.Read("/e/b"));
        Assert.Equal(Errno.None, Move(layer, "/e/b", "/new/name", whiteoutFrom: true));
        Assert.Equal(["/e/", "/e/b", "/new/", "/new/name^?"], layer.Tree());
    }

    [Fact]
    public void What_is_renamed_without_a_record_leaves_none_at_its_new_name()
    {
        using var layer = new Layer();
        layer.Write("/b", Other);
        Assert.Equal(Errno.None, Move(layer, "/a", "/b", whiteoutFrom: true));
        Assert.Equal(["/a"], layer.Tree());
    }

    [Fact]
    public void A_renamed_directory_takes_the_records_below_it_along_and_no_whiteouts()
    {
        using var layer = new Layer();
        layer.Write("/a", Other);
        layer.Write("/a/x/y", Some);
        layer.Write("/a/z", Some);
        layer.Whiteout("/a/gone");
        Assert.Equal(Errno.None, Move(layer, "/a", "/b/c", whiteoutFrom: true));
        Assert.Equal(["/a", "/b/", "/b/c/", "/b/c/x/", "/b/c/x/y^?", "/b/c/z^?", "/b/c^?"], layer.Tree());
        Assert.Equal((Other, Some), (layer.Read("/b/c"), layer.Read("/b/c/x/y")));
        Assert.Equal(Errno.None, Move(layer, "/b", "/q", whiteoutFrom: false));
        Assert.Equal(["/a", "/q/", "/q/c/", "/q/c/x/", "/q/c/x/y^?", "/q/c/z^?", "/q/c^?"], layer.Tree());
    }

    [Fact]
    public void What_is_hidden_at_the_new_name_stays_hidden_and_old_records_there_go()
    {
        using var layer = new Layer();
        layer.Write("/a/f", Some);
        layer.Whiteout("/b/lower");
        layer.Write("/b/stale", Other);
        layer.Write("/b/f", Other);
        Assert.Equal(Errno.None, Move(layer, "/a", "/b", whiteoutFrom: false, "lower"));
        Assert.Equal(["/b/", "/b/f^?", "/b/lower"], layer.Tree());
        Assert.Equal(Some, layer.Read("/b/f"));
    }

    [Fact]
    public void A_whiteout_at_the_new_name_stays_or_is_expanded_for_records_below_it()
    {
        using var layer = new Layer();
        layer.Whiteout("/b");
        Assert.Equal(Errno.None, Move(layer, "/a", "/b", whiteoutFrom: false, "one"));
        Assert.Equal(["/b"], layer.Tree());
        layer.Write("/a", Other);
        layer.Write("/a/f", Some);
        Assert.Equal(Errno.None, Move(layer, "/a", "/b", whiteoutFrom: false, "one", "two"));
        Assert.Equal(["/b/", "/b/f^?", "/b/one", "/b/two", "/b^?"], layer.Tree());
    }

    [Fact]
    public void Whiteouts_anywhere_on_the_way_are_expanded_if_the_lower_names_are_known()
    {
        using var layer = new Layer();
        layer.Whiteout("/p");
        layer.Write("/a/d/f", Some);
        Assert.Equal(Errno.ENOTDIR, Move(layer, "/a", "/p/b", whiteoutFrom: false, "d"));
        Assert.Equal(["/a/", "/a/d/", "/a/d/f^?", "/p"], layer.Tree());
        var lower = new Dictionary<string, string[]> { ["/p"] = ["b", "k"], ["/p/b"] = ["d"], ["/p/b/d"] = ["x"] };
        Assert.Equal(Errno.None, Move(layer, "/a", "/p/b", whiteoutFrom: true, rel => [.. lower[Make.Text(rel)].Select(Make.Bytes)]));
        Assert.Equal(["/a", "/p/", "/p/b/", "/p/b/d/", "/p/b/d/f^?", "/p/b/d/x", "/p/k"], layer.Tree());
    }

    [Fact]
    public void The_whiteout_of_what_was_renamed_stays()
    {
        using var layer = new Layer();
        layer.Whiteout("/a");
        Assert.Equal(Errno.None, Move(layer, "/a", "/b", whiteoutFrom: false));
        Assert.Equal(["/a"], layer.Tree());
    }

    [Fact]
    public void Hard_links_renamed_over_each_other_leave_one_name()
    {
        using var layer = new Layer();
        layer.Write("/a", Some);
        layer.Marks.LinkAttributes("/a"u8, "/b"u8);
        Assert.Equal(Errno.None, Move(layer, "/a", "/b", whiteoutFrom: false));
        Assert.Equal(["/b^?"], layer.Tree());
    }

    private static Errno Move(Layer layer, string from, string to, bool whiteoutFrom, params string[] lowerNames) =>
        Move(layer, from, to, whiteoutFrom, rel =>
            Make.Text(rel) == to ? [.. lowerNames.Select(Make.Bytes)] : Make.Text(rel).StartsWith(to + "/", StringComparison.Ordinal) ? [] : null);

    private static Errno Move(Layer layer, string from, string to, bool whiteoutFrom, LowerNames lowerNames)
    {
        var move = new MoveNote(Make.Bytes(from), Make.Bytes(to), whiteoutFrom ? MoveKind.HidingFrom : MoveKind.Plain, 0);
        var error = layer.Marks.BeginMove(move, lowerNames, out var noted);
        return noted is { } note ? layer.Marks.FinishMove(note, renamed: true) : error;
    }

    private static ulong Inode(string path)
    {
        Assert.Equal(0, Files.Stat(Make.Bytes(path + "\0"), out var stat));
        return stat.Ino;
    }
}
