using System.Runtime.CompilerServices;
using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Tests.Support;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Vufs.Store;

public sealed class SourceMarksTests
{
    private static readonly RecordedAttributes Some = new() { Mode = 0x180, Uid = 7 };

    [Fact]
    public void Nothing_is_hidden_at_first()
    {
        using var layer = new Layer();
        Assert.False(layer.Marks.Any);
        Assert.False(layer.Marks.AnyAttributes);
        Assert.False(layer.Hides("/a"));
        Assert.False(layer.Hides(""));
        Assert.Empty(layer.Tree());
    }

    [Fact]
    public void A_whiteout_is_an_empty_file_in_private_directories()
    {
        using var layer = new Layer();
        Assert.Equal(Errno.None, layer.Whiteout("/d/e/f"));
        Assert.Equal(["/d/", "/d/e/", "/d/e/f"], layer.Tree());
        Assert.Equal(0, new FileInfo(layer.Mark("/d/e/f")).Length);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(layer.Mark("/d/e")));
        Assert.True(layer.Marks.Any);
        Assert.False(layer.Marks.AnyAttributes);
    }

    [Fact]
    public void A_whiteout_hides_its_path_and_all_below_but_not_what_is_above_or_beside()
    {
        using var layer = new Layer();
        layer.Whiteout("/d/e");
        Assert.True(layer.Hides("/d/e"));
        Assert.True(layer.Hides("/d/e/x/y/z"));
        Assert.False(layer.Hides("/d"));
        Assert.False(layer.Hides("/d/ee"));
        Assert.False(layer.Hides("/d/f/g"));
        Assert.Equal(4, layer.Marks.WhiteoutLength("/d/e/x"u8));
        Assert.Equal(4, layer.Marks.WhiteoutLength("/d/e"u8));
        Assert.Equal(0, layer.Marks.WhiteoutLength("/d/x"u8));
    }

    [Fact]
    public void A_whiteout_can_be_made_twice_and_below_another()
    {
        using var layer = new Layer();
        Assert.Equal(Errno.None, layer.Whiteout("/d"));
        Assert.Equal(Errno.None, layer.Whiteout("/d"));
        Assert.Equal(Errno.None, layer.Whiteout("/d/e/f"));
        Assert.Equal(["/d"], layer.Tree());
        Assert.Equal(Errno.EBUSY, layer.Whiteout(""));
    }

    [Fact]
    public void A_whiteout_of_a_directory_replaces_the_marks_below_it()
    {
        using var layer = new Layer();
        layer.Whiteout("/d/e/f");
        layer.Write("/d/g", Some);
        Assert.Equal(Errno.None, layer.Whiteout("/d"));
        Assert.Equal(["/d"], layer.Tree());
        Assert.Null(layer.Read("/d/g"));
        layer.Reopen();
        Assert.Equal([".-", ".-/d"], Layer.Tree(layer.Source).Select(static p => p.Trim('/')));
    }

    [Fact]
    public void A_reader_never_sees_a_gap_while_a_directory_of_marks_becomes_a_whiteout()
    {
        using var layer = new Layer();
        layer.Whiteout("/d/x");
        using var ready = new ManualResetEventSlim();
        var looks = 0;
        var gaps = 0;
        var stop = false;
        var reader = new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                gaps += layer.Hides("/d/x") ? 0 : 1;
                looks++;
                ready.Set();
            }
        });
        reader.Start();
        ready.Wait();
        for (var i = 0; i < 3000; i++)
        {
            Assert.Equal(Errno.None, layer.Whiteout("/d"));
            Assert.Equal(Errno.None, layer.Marks.ExpandWhiteout("/d"u8, [Make.Bytes("x"), Make.Bytes("y")]));
        }

        Volatile.Write(ref stop, true);
        reader.Join();
        Assert.True(looks > 100);
        Assert.Equal(0, gaps);
    }

    [Fact]
    public void Taking_a_whiteout_back_removes_directories_that_became_useless()
    {
        using var layer = new Layer();
        layer.Whiteout("/d/e/f");
        layer.Whiteout("/d/g");
        Assert.Equal(Errno.None, layer.Marks.RemoveWhiteout("/d/e/f"u8));
        Assert.Equal(["/d/", "/d/g"], layer.Tree());
        Assert.True(layer.Marks.Any);
        Assert.Equal(Errno.None, layer.Marks.RemoveWhiteout("/d"u8));
        Assert.Equal(Errno.None, layer.Marks.RemoveWhiteout("/d/g"u8));
        Assert.Equal(Errno.None, layer.Marks.RemoveWhiteout("/d/g"u8));
        Assert.Equal(Errno.None, layer.Marks.RemoveWhiteout(""u8));
        Assert.Empty(layer.Tree());
        Assert.False(layer.Marks.Any);
        Assert.True(Directory.Exists(layer.Mark("")));
    }

    [Fact]
    public void Taking_back_a_whiteout_below_a_hidden_directory_changes_nothing()
    {
        using var layer = new Layer();
        layer.Whiteout("/d");
        Assert.Equal(Errno.None, layer.Marks.RemoveWhiteout("/d/e"u8));
        Assert.True(layer.Hides("/d/e"));
    }

    [Fact]
    public void An_expanded_whiteout_hides_each_name_and_leaves_room_for_records()
    {
        using var layer = new Layer();
        layer.Whiteout("/d/e");
        Assert.Equal(Errno.ENOTDIR, layer.Write("/d/e/new", Some));
        Assert.Equal(Errno.None, layer.Marks.ExpandWhiteout("/d/e"u8, [Make.Bytes("a"), Make.Bytes("b")]));
        Assert.Equal(["/d/", "/d/e/", "/d/e/a", "/d/e/b"], layer.Tree());
        Assert.True(layer.Hides("/d/e/a/x"));
        Assert.False(layer.Hides("/d/e"));
        Assert.Equal(Errno.None, layer.Write("/d/e/new", Some));
        Assert.Equal(Some, layer.Read("/d/e/new"));
        Assert.Equal(Errno.None, layer.Marks.ExpandWhiteout("/d/e"u8, [Make.Bytes("c")]));
        Assert.False(layer.Hides("/d/e/c"));
        Assert.Equal(Errno.ENOENT, layer.Marks.ExpandWhiteout("/x"u8, []));
    }

    [Fact]
    public void The_marks_of_a_directory_are_told_apart()
    {
        using var layer = new Layer();
        layer.Whiteout("/d/gone");
        layer.Whiteout("/d/sub/x");
        layer.Write("/d/typed", Some);
        layer.Write("/d", Some);
        layer.Write("", Some);
        Assert.Equal(("gone", "typed"), Collect(layer, "/d"));
        Assert.Equal(("", "d"), Collect(layer, ""));
        Assert.Equal(("", ""), Collect(layer, "/d/gone"));
        Assert.Equal(("", ""), Collect(layer, "/nowhere"));
        Assert.True(layer.Marks.WhitesOutBelow("/d"u8));
        Assert.True(layer.Marks.WhitesOutBelow("/d/gone"u8));
        Assert.True(layer.Marks.WhitesOutBelow("/d/gone/deeper"u8));
        Assert.False(layer.Marks.WhitesOutBelow(""u8));
        Assert.False(layer.Marks.WhitesOutBelow("/nowhere"u8));
        layer.Whiteout("/top");
        Assert.True(layer.Marks.WhitesOutBelow(""u8));
    }

    [Fact]
    public void Names_that_end_in_DEL_are_not_taken_for_records()
    {
        using var layer = new Layer();
        layer.Write("/f", Some);
        Assert.False(layer.Hides("/f\u007f"));
        Assert.False(layer.Hides("/f\u007f/below"));
        Assert.Equal(Errno.EEXIST, layer.Whiteout("/f\u007f"));
        Assert.Equal(Errno.None, layer.Marks.RemoveWhiteout("/f\u007f"u8));
        Assert.Equal(Some, layer.Read("/f"));
        Assert.Equal(Errno.None, layer.Whiteout("/g\u007f"));
        Assert.True(layer.Hides("/g\u007f"));
        Assert.True(layer.Hides("/g\u007f/below"));
        Assert.Null(layer.Read("/g"));
        Assert.Equal(("g\u007f", "f"), Collect(layer, ""));
    }

    [Theory]
    [InlineData(4094)]
    [InlineData(4095)]
    [InlineData(4096)]
    [InlineData(9000)]
    public void A_path_of_any_length_gets_an_answer(int length)
    {
        using var layer = new Layer();
        layer.Whiteout("/x");
        layer.Write("/x", Some);
        // "/n/n/n…", as the kernel takes it: without the first slash and with a NUL, PATH_MAX is 4096.
        var rel = string.Concat(Enumerable.Repeat("/n", (length + 1) / 2))[..length];
        if (rel.EndsWith('/'))
            rel = rel[..^1] + "n";
        var expected = rel.Length <= 4096 ? Errno.None : Errno.ENAMETOOLONG;
        Assert.Equal(expected, layer.Whiteout(rel));
        Assert.Equal(expected == Errno.None, layer.Hides(rel));
        Assert.Equal(expected, layer.Marks.RemoveWhiteout(Make.Bytes(rel)));
        expected = rel.Length <= 4095 ? Errno.None : Errno.ENAMETOOLONG;
        Assert.Equal(expected, layer.Write(rel, Some));
        Assert.Equal(expected == Errno.None ? Some : null, layer.Read(rel));
        Assert.Equal(expected, layer.Marks.DropAttributes(Make.Bytes(rel)));
        Assert.Equal(["/x", "/x^?"], layer.Tree());
        Assert.Equal(Errno.ENAMETOOLONG, layer.Write("/" + new string('x', 255), Some));
        Assert.Equal(Errno.ENAMETOOLONG, layer.Whiteout("/" + new string('x', 256)));
        Assert.False(layer.Hides("/" + new string('x', 256)));
    }

    [Fact]
    public void Looking_up_allocates_nothing()
    {
        using var layer = new Layer();
        layer.Whiteout("/d/e/f");
        layer.Write("/d/g", Some);
        byte[] hidden = Make.Bytes("/d/e/f/x"), typed = Make.Bytes("/d/g"), folder = Make.Bytes("/d/e");
        Assert.Equal(0, Allocations.Of(() =>
        {
            Assert.True(layer.Marks.IsWhitedOut(hidden) && layer.Marks.WhitesOutBelow(folder) && !layer.Marks.IsWhitedOut(typed));
            Assert.True(layer.Marks.TryReadAttributes(typed, out _) && layer.Marks.Any && layer.Marks.AnyAttributes);
        }));
    }

    [Fact]
    public void Descriptors_are_all_closed()
    {
        using var layer = new Layer();
        var link = new byte[4096];
        var before = Count();
        Use();
        // A look-up may still use those of the source and the marks: they are closed when nothing refers to them any more.
        Assert.Equal(2, Count());
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(0, Count());

        int Count() => Directory.GetFileSystemEntries("/proc/self/fd").Count(f =>
            Files.ReadLink(Make.Bytes(f + "\0"), link) is > 0 and var length && Make.Text(link.AsSpan(0, (int)length)).StartsWith(layer.Source, StringComparison.Ordinal));

        // No reference to the marks remains in a frame of this.
        [MethodImpl(MethodImplOptions.NoInlining)]
        void Use()
        {
            layer.Whiteout("/d/e/f");
            layer.Write("/d/g", Some);
            layer.Marks.ExpandWhiteout("/d/e/f"u8, [Make.Bytes("x")]);
            layer.Marks.BeginMove(new MoveNote("/d"u8.ToArray(), "/h"u8.ToArray(), MoveKind.HidingFrom, 0), static _ => [], out var noted);
            layer.Marks.FinishMove(noted!.Value, renamed: true);
            Collect(layer, "/h");
            layer.Marks.WhitesOutBelow("/h"u8);
            // The folder for temporaries stays open.
            Assert.Equal(before + 1, Count());
            layer.Marks.Dispose();
            layer.Forget();
        }
    }

    [Fact]
    public void The_full_disk_is_reported_and_leaves_the_marks_as_they_were()
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        using var layer = new Layer(open: false);
        OwnThread.WithTmpfs(layer.Source, "64k,nr_inodes=12", () =>
        {
            layer.Reopen();
            Assert.Equal(Errno.None, layer.Write("/f", Some));
            Errno error;
            var made = 0;
            do
                error = layer.Whiteout($"/w{made++}");
            while (error == Errno.None);
            Assert.Equal(Errno.ENOSPC, error);
            Assert.Equal(Errno.ENOSPC, layer.Write("/f", Some with { Uid = 8 }));
            Assert.Equal(Errno.ENOSPC, layer.Whiteout("/d/e"));
            Assert.Equal(Some, layer.Read("/f"));
            Assert.DoesNotContain("/d/", layer.Tree());
        });
        layer.Marks.Dispose();
        Assert.Empty(Directory.GetFileSystemEntries(layer.Source));
    }

    private static (string Whiteouts, string Typed) Collect(Layer layer, string rel)
    {
        HashSet<byte[]> whiteouts = Layer.Names(), typed = Layer.Names();
        layer.Marks.CollectMarks(Make.Bytes(rel), whiteouts, typed);
        return (Join(whiteouts), Join(typed));
        static string Join(HashSet<byte[]> names) => string.Join(' ', names.Select(static n => Make.Text(n)).Order(StringComparer.Ordinal));
    }
}
