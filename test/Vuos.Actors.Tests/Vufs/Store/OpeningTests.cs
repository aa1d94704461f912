using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Tests.Support;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Vufs.Store;

/// <summary>Opening a source's marks, the lock, and what killed runs left.</summary>
public sealed class OpeningTests
{
    [Fact]
    public void A_writer_makes_the_folder_for_everybody_whatever_the_umask()
    {
        using var layer = new Layer(open: false);
        OwnThread.Unprivileged(() =>
        {
            var old = Sys.Call(Nr.Umask, 0x3F);
            layer.Reopen();
            Sys.Call(Nr.Umask, old);
        });
        Assert.Equal((UnixFileMode)0x1FF, File.GetUnixFileMode(layer.Mark("")));
        Directory.Delete(layer.Mark(""));
    }

    [Fact]
    public void A_reader_makes_nothing_needs_nothing_and_locks_nothing()
    {
        using var layer = new Layer(open: false);
        using (var marks = Layer.Open(layer.Source, writable: false))
        {
            Assert.False(marks.Any);
            Assert.False(marks.IsWhitedOut("/x"u8));
            HashSet<byte[]> names = Layer.Names();
            marks.CollectMarks(""u8, names, names);
            Assert.Empty(names);
        }

        Assert.Empty(Directory.GetFileSystemEntries(layer.Source));
        layer.Reopen();
        layer.Whiteout("/x");
        using var reader = Layer.Open(layer.Source, writable: false);
        using var second = Layer.Open(layer.Source, writable: false);
        Assert.True(reader.IsWhitedOut("/x"u8) && second.IsWhitedOut("/x/y"u8));
    }

    [Fact]
    public void A_second_writer_in_this_process_is_refused_until_the_first_has_ended()
    {
        using var layer = new Layer();
        var error = SourceMarks.Open(Make.Bytes(layer.Source), true, out var marks, out var sentence);
        Assert.Equal(Errno.EBUSY, error);
        Assert.Null(marks);
        Assert.StartsWith($"vufs: {layer.Source} is in use by another mount of this process {Environment.ProcessId} (", sentence, StringComparison.Ordinal);
        layer.Marks.Dispose();
        layer.Reopen();
    }

    [Fact]
    public void A_writer_elsewhere_is_named()
    {
        using var layer = new Layer();
        layer.Marks.Dispose();
        using var holder = Process.Start(new ProcessStartInfo("flock", [layer.Mark(""), "sh", "-c", "echo ready; read end"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", holder.StandardOutput.ReadLine());
        Assert.Equal(Errno.EBUSY, SourceMarks.Open(Make.Bytes(layer.Source), true, out _, out var sentence));
        Assert.Equal($"vufs: {layer.Source} is in use by process {holder.Id} (flock)", sentence);
        holder.StandardInput.Close();
        holder.WaitForExit();
        layer.Reopen();
    }

    [Theory]
    [InlineData("1: FLOCK  ADVISORY  WRITE 1234 fe:0a:5678 0 EOF\n", 1234)]
    [InlineData("1: POSIX  ADVISORY  WRITE 9 fe:0a:5678 0 EOF\n2: FLOCK  ADVISORY  WRITE 77 fe:0a:5678 0 EOF\n", 77)]
    [InlineData("1: FLOCK  ADVISORY  READ 1234 fe:0a:5678 0 EOF\n", 0)]
    [InlineData("1: -> FLOCK  ADVISORY  WRITE 1234 fe:0a:5678 0 EOF\n", 0)]
    [InlineData("1: FLOCK  ADVISORY  WRITE 1234 fe:0b:5678 0 EOF\n", 0)]
    [InlineData("1: FLOCK  ADVISORY  WRITE 1234 fe:0a:56781 0 EOF\n", 0)]
    [InlineData("1: FLOCK  ADVISORY  WRITE x y z w v u t s r q p\n1: FLOCK  ADVISORY  WRITE 1234 fe\n\n", 0)]
    public void The_holder_is_found_by_device_and_inode(string locks, int pid) =>
        Assert.Equal(pid, LockHolder.Find(Encoding.ASCII.GetBytes(locks), DeviceNumber.Make(0xfe, 0x0a), 5678));

    [Fact]
    public void A_source_that_cannot_be_used_is_refused_with_a_sentence()
    {
        using var layer = new Layer(open: false);
        var file = layer.LowerFile("/file");
        Assert.Equal((Errno.ENOENT, $"vufs: {layer.Source}/missing: No such file or directory"), Refusal(layer.Source + "/missing"));
        Assert.Equal((Errno.ENOTDIR, $"vufs: {file}: Not a directory"), Refusal(file));
        File.WriteAllText(layer.Mark(""), "");
        Assert.Equal((Errno.ENOTDIR, $"vufs: {layer.Source}/.-: Not a directory"), Refusal(layer.Source));
        using var reader = Layer.Open(layer.Source, writable: false);
        Assert.False(reader.Any);
    }

    [Fact]
    public void A_source_that_is_not_ours_to_write_is_refused()
    {
        if (!Environment.IsPrivilegedProcess)
            return;
        using var layer = new Layer(open: false);
        File.SetUnixFileMode(layer.Source, (UnixFileMode)0x1ED);
        OwnThread.Unprivileged(() => Assert.Equal((Errno.EACCES, $"vufs: {layer.Source}/.-: Permission denied"), Refusal(layer.Source)));
    }

    [Fact]
    public void What_a_killed_run_left_is_removed_by_the_next_writer()
    {
        using var layer = new Layer();
        layer.Whiteout("/kept");
        layer.Marks.Dispose();
        Directory.CreateDirectory(layer.Mark("/.vuos-1-1"));
        var deep = layer.Mark("/.vuos-77-2") + string.Concat(Enumerable.Repeat("/deeper", 300));
        Directory.CreateDirectory(deep);
        for (var i = 0; i < 2000; i++)
            File.WriteAllText(layer.Mark($"/.vuos-77-2/{i}"), "x");
        Directory.CreateDirectory(layer.Mark("/.vuos-x"));
        File.WriteAllText(layer.Mark("/.vuos-3-4"), "");
        using (Layer.Open(layer.Source, writable: false))
            Assert.True(Directory.Exists(deep));
        layer.Reopen();
        Assert.Equal(
            [".vuos-3-4", ".vuos-x", "kept"],
            Directory.GetFileSystemEntries(layer.Mark("")).Select(static p => Path.GetFileName(p)).Where(static n => !n.StartsWith($".vuos-{Environment.ProcessId}-", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        layer.Marks.Dispose();
        Assert.Equal(3, Directory.GetFileSystemEntries(layer.Mark("")).Length);
    }

    /// <summary>In a container each run may have the process number of the one before.</summary>
    [Fact]
    public void What_a_killed_run_of_the_same_process_number_left_is_in_nobody_s_way()
    {
        using var layer = new Layer();
        layer.Marks.Dispose();
        var latest = Latest();
        var folders = Enumerable.Range(latest + 1, 300).Select(n => layer.Mark($"/.vuos-{Environment.ProcessId}-{n}")).ToArray();
        foreach (var folder in folders)
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(folder + "/0", "left");
        }

        layer.Reopen();
        Assert.Equal(Errno.None, layer.Write("/x", new RecordedAttributes { Uid = 7 }));
        Assert.DoesNotContain(folders, static f => File.Exists(f + "/0"));
        layer.Marks.Dispose();
        Assert.Equal([layer.Record("/x")], Directory.GetFileSystemEntries(layer.Mark("")));

        static int Latest()
        {
            using var other = new Layer();
            other.Write("/x", new RecordedAttributes { Uid = 7 });
            return int.Parse(Path.GetFileName(Directory.GetDirectories(other.Mark(""), ".vuos-*").Single()).Split('-')[2], CultureInfo.InvariantCulture);
        }
    }

    [Fact]
    public void Temporaries_alone_are_no_marks()
    {
        using var layer = new Layer();
        layer.Whiteout("/d/e");
        layer.Whiteout("/d");
        layer.Marks.RemoveWhiteout("/d"u8);
        Assert.NotEmpty(Directory.GetFileSystemEntries(layer.Mark("")));
        Assert.False(layer.Marks.Any);
        using var reader = Layer.Open(layer.Source, writable: false);
        Assert.False(reader.Any);
    }

    private static (Errno, string) Refusal(string source)
    {
        var error = SourceMarks.Open(Make.Bytes(source), true, out var marks, out var sentence);
        Assert.Null(marks);
        return (error, sentence);
    }
}
