using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Tests.Support;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Vufs.Store;

/// <summary>A run that is killed between a rename and that of its records: the next writer of the source takes the last steps.</summary>
public sealed class KilledRenameTests
{
    private static readonly RecordedAttributes _some = new() { Uid = 1234 }, _other = new() { Uid = 77 };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Records_follow_a_name_that_was_renamed(bool renamed)
    {
        using var layer = new Layer();
        File.WriteAllText(layer.Upper("/a"), "a");
        File.WriteAllText(layer.Upper("/b"), "b");
        layer.Write("/a", _some);
        layer.Write("/b", _other);
        Begin(layer, "/a", "/b", hides: true, exchange: false);
        if (renamed)
            File.Move(layer.Upper("/a"), layer.Upper("/b"), overwrite: true);
        Kill(layer);
        Assert.Equal(renamed ? _some : _other, layer.Read("/b"));
        Assert.Equal(renamed ? null : _some, layer.Read("/a"));
        Assert.Equal(renamed, layer.Hides("/a"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Records_are_exchanged_once(bool theyWereAlready)
    {
        using var layer = new Layer();
        File.WriteAllText(layer.Upper("/a"), "a");
        File.WriteAllText(layer.Upper("/b"), "b");
        layer.Write("/a", _some);
        layer.Write("/b", _other);
        Begin(layer, "/a", "/b", hides: false, exchange: true);
        Exchange(layer.Upper("/a"), layer.Upper("/b"));
        if (theyWereAlready)
            Exchange(layer.Record("/a"), layer.Record("/b"));
        Kill(layer);
        Assert.Equal((_other, _some), (layer.Read("/a"), layer.Read("/b")));
    }

    /// <summary>The last steps need a folder of temporaries, which is not one that a killed run left.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_that_took_the_last_steps_goes_on(bool hides)
    {
        using var layer = new Layer();
        Directory.CreateDirectory(layer.Upper("/d"));
        layer.Write("/d/x", _some);
        layer.Whiteout("/d/y");
        Begin(layer, "/d", "/e", hides, exchange: false);
        Directory.Move(layer.Upper("/d"), layer.Upper("/e"));
        Kill(layer);
        Assert.Equal(hides ? ["/d", "/e/", "/e/x^?"] : ["/e/", "/e/x^?"], layer.Tree());
        Assert.Equal(Errno.None, layer.Write("/z", _other));
        Begin(layer, "/e", "/f", hides: false, exchange: false);
        Directory.Move(layer.Upper("/e"), layer.Upper("/f"));
        Kill(layer);
        Assert.Equal((_some, _other), (layer.Read("/f/x"), layer.Read("/z")));
    }

    private static void Begin(Layer layer, string from, string to, bool hides, bool exchange)
    {
        Assert.Equal(0, Files.Stat(Make.Bytes(layer.Upper(from) + "\0"), out var stat));
        var kind = (hides ? MoveKind.HidingFrom : MoveKind.Plain) | (exchange ? MoveKind.Exchange : MoveKind.Plain);
        Assert.Equal(Errno.None, layer.Marks.BeginMove(new MoveNote(Make.Bytes(from), Make.Bytes(to), kind, stat.Ino), static _ => [], out var noted));
        Assert.NotNull(noted);
    }

    private static void Exchange(string one, string other) =>
        Assert.Equal(0, FileChanges.Rename(At.FdCwd, Make.Bytes(one + "\0"), At.FdCwd, Make.Bytes(other + "\0"), RenameFlag.Exchange));

    /// <summary>The lock ends and the folder of temporaries stays, as after a kill.</summary>
    private static void Kill(Layer layer)
    {
        var left = Directory.GetDirectories(layer.Mark(""), ".vuos-*");
        layer.Reopen();
        Assert.DoesNotContain(left, Directory.Exists);
        Assert.Empty(Directory.GetFiles(layer.Mark(""), "move", SearchOption.AllDirectories));
    }
}
