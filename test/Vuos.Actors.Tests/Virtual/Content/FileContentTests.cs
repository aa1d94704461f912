using Vuos.Actors.Tests.Support;
using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Virtual.Content;

public sealed class FileContentTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(1_000_001)]
    [InlineData((5 << 20) + 123)]
    public async Task An_opened_file_has_the_content(int size)
    {
        await using var rig = new ContentRig();
        rig.Server.Content = ContentRig.Bytes(size);
        var fd = await rig.OpenAsync(0);
        Assert.Equal(rig.Server.Content, ContentRig.ReadAll(fd));
        Assert.Equal(Errno.None, await rig.CloseLastAsync(fd));
        Assert.Equal(0, rig.Server.OpenHandles);
        Assert.Equal(0, rig.Server.Writes);
    }

    [Fact]
    public async Task A_closed_writer_is_written_back_and_only_changed_blocks_are()
    {
        await using var rig = new ContentRig();
        rig.Server.Content = ContentRig.Bytes(300_000);
        var expected = rig.Server.Content;
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        ContentRig.Write(fd, 100_000, "changed"u8);
        "changed"u8.CopyTo(expected.AsSpan(100_000));
        Assert.Equal(Errno.None, await rig.CloseLastAsync(fd));
        Assert.Equal(expected, rig.Server.Content);
        Assert.Equal(4096, rig.Server.BytesWritten);
        Assert.Equal(1, rig.Server.Flushes);
    }

    [Fact]
    public async Task What_is_loaded_lies_in_huge_pages()
    {
        await using var rig = new ContentRig(traits: new FileSystemTraits { MaxRead = 131072 });
        rig.Server.Content = ContentRig.Bytes((5 << 20) + 123);
        var fd = await rig.OpenAsync(0);
        var known = Directory.Exists("/sys/kernel/mm/transparent_hugepage") && Environment.OSVersion.Version >= new Version(6, 1);
        Assert.Equal(known ? 2 : 0, HugePagesOf(fd, 3));
        await rig.CloseLastAsync(fd);
    }

    /// <summary>What is evicted there is punched out, and in a huge page the kernel makes it zeros where it lies, also under a socket or pipe that it was sent to (mm/truncate.c, truncate_inode_partial_folio).</summary>
    [Fact]
    public async Task What_is_loaded_piecewise_lies_in_small_pages()
    {
        await using var rig = new ContentRig(traits: new FileSystemTraits { MaxRead = 131072 }, settings: new ContentSettings { WholeFileLimit = 1 << 20 });
        rig.Server.Content = ContentRig.Bytes((5 << 20) + 123);
        var fd = await rig.OpenAsync(0);
        Assert.Equal(Errno.None, await rig.Content.EnsureAsync(0, 5 << 20, 0, ContentRig.Guest, CancellationToken.None));
        Assert.Equal(0, HugePagesOf(fd, 3));
        rig.Content.Done(0, 5 << 20);
        await rig.CloseLastAsync(fd);
    }

    /// <summary>Those that an aligned mapping of a file has in the page tables (ShmemPmdMapped of proc_pid_smaps(5)), once each is used.</summary>
    private static unsafe long HugePagesOf(int fd, int pages)
    {
        const int Page = MemoryFile.HugePage;
        var room = Sys.Call(Nr.Mmap, 0, (pages + 1) * Page, 0, 0x22, -1, 0);
        var at = (room + Page - 1) & ~(Page - 1L);
        Assert.Equal(at, Sys.Call(Nr.Mmap, at, pages * Page, 1, 0x11, fd, 0));
        for (var i = 0; i < pages; i++)
            _ = Volatile.Read(ref *((byte*)at + (i * Page)));
        var line = File.ReadLines("/proc/self/smaps").SkipWhile(l => !l.StartsWith($"{at:x}-", StringComparison.Ordinal)).First(static l => l.StartsWith("ShmemPmdMapped:", StringComparison.Ordinal));
        Sys.Call(Nr.Munmap, room, (pages + 1) * Page);
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) * 1024 / Page;
    }

    [Fact]
    public async Task A_file_that_grew_by_zeros_is_written_no_second_time()
    {
        await using var rig = new ContentRig();
        rig.Server.Content = ContentRig.Bytes(10_000);
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        ContentRig.Write(fd, 10_000, new byte[63]);
        Assert.Equal(Errno.None, await rig.SyncAsync());
        Assert.Equal(10_063, rig.Server.Content.Length);
        var writes = rig.Server.Writes;
        Assert.Equal(Errno.None, await rig.SyncAsync());
        Assert.Equal(writes, rig.Server.Writes);
        await rig.CloseLastAsync(fd);
    }

    [Fact]
    public async Task A_file_may_be_written_that_only_a_writing_handle_is_open_of()
    {
        await using var rig = new ContentRig();
        rig.Server.Content = ContentRig.Bytes(10_000);
        var expected = rig.Server.Content;
        var fd = await rig.OpenAsync(OpenFlag.WrOnly);
        ContentRig.Write(fd, 5, "x"u8);
        expected[5] = (byte)'x';
        await rig.CloseLastAsync(fd);
        Assert.Equal(expected, rig.Server.Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Truncation_in_open_reaches_the_server(bool atomic)
    {
        await using var rig = new ContentRig(traits: new FileSystemTraits { AtomicTruncate = atomic });
        rig.Server.Content = ContentRig.Bytes(10_000);
        var fd = await rig.OpenAsync(OpenFlag.WrOnly | OpenFlag.Trunc);
        Assert.Empty(rig.Server.Content);
        ContentRig.Write(fd, 0, "abc"u8);
        Assert.True(rig.Content.TryGetCurrent(out var size, out var modified));
        Assert.Equal(3, size);
        Assert.NotNull(modified);
        await rig.CloseLastAsync(fd);
        Assert.Equal("abc"u8.ToArray(), rig.Server.Content);
        Assert.False(rig.Content.TryGetCurrent(out _, out _));
        Assert.Equal(0, rig.Server.Reads);
    }

    [Fact]
    public async Task Without_keep_cache_a_file_is_read_at_each_first_open_and_with_it_once()
    {
        await using var rig = new ContentRig();
        rig.Server.Content = ContentRig.Bytes(1000);
        var first = await rig.OpenAsync(0);
        var second = await rig.OpenAsync(0);
        Assert.Equal(1, rig.Server.Reads);
        Files.Close(first);
        await rig.CloseLastAsync(second);
        rig.Server.Content = ContentRig.Bytes(1000, 2);
        var third = await rig.OpenAsync(0, OpenTraits.KeepCache);
        Assert.Equal(1, rig.Server.Reads);
        await rig.CloseLastAsync(third);
        var fourth = await rig.OpenAsync(0);
        Assert.Equal(2, rig.Server.Reads);
        Assert.Equal(rig.Server.Content, ContentRig.ReadAll(fourth));
        await rig.CloseLastAsync(fourth);
    }

    [Fact]
    public async Task What_changed_outside_is_seen_by_those_who_have_it_open_after_the_next_open()
    {
        await using var rig = new ContentRig();
        rig.Server.Content = ContentRig.Bytes(20_000);
        var first = await rig.OpenAsync(0);
        rig.Server.Content = ContentRig.Bytes(15_000, 2);
        var second = await rig.OpenAsync(0);
        Assert.Equal(rig.Server.Content, ContentRig.ReadAll(first));
        Files.Close(first);
        await rig.CloseLastAsync(second);
    }

    [Fact]
    public async Task Attributes_from_before_a_write_back_do_not_cut_the_file()
    {
        await using var rig = new ContentRig();
        var old = rig.Server.Attributes;
        var fd = await rig.OpenAsync(OpenFlag.WrOnly);
        ContentRig.Write(fd, 0, ContentRig.Bytes(9000));
        await rig.CloseLastAsync(fd);
        var again = await rig.Content.OpenAsync(rig.Server.Open(0), 0, old, ContentRig.Guest, CancellationToken.None);
        Assert.Equal(ContentRig.Bytes(9000), ContentRig.ReadAll(again.Value));
        await rig.CloseLastAsync(again.Value);
    }

    [Fact]
    public async Task Invalidation_shows_new_content_and_keeps_what_a_guest_wrote()
    {
        await using var rig = new ContentRig();
        rig.Server.Content = ContentRig.Bytes(20_000);
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        ContentRig.Write(fd, 0, "guest"u8);
        var outside = rig.Server.Content;
        outside[9000] ^= 1;
        rig.Server.Content = outside;
        Assert.Equal(Errno.None, await rig.Content.InvalidateAsync(8192, 4096, CancellationToken.None));
        "guest"u8.CopyTo(outside);
        Assert.Equal(outside, ContentRig.ReadAll(fd));
        Assert.Equal(outside, rig.Server.Content);
        await rig.CloseLastAsync(fd);
    }

    [Fact]
    public async Task A_failed_write_back_is_told_by_flush_and_by_one_fsync_and_loses_nothing()
    {
        await using var rig = new ContentRig();
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        ContentRig.Write(fd, 0, ContentRig.Bytes(500_000));
        rig.Server.WriteFault = n => n == 2 ? Errno.ENOSPC : Errno.None;
        Assert.Equal(Errno.ENOSPC, await rig.FlushAsync());
        Assert.Equal(Errno.ENOSPC, await rig.SyncAsync());
        Assert.Equal(ContentRig.Bytes(500_000), rig.Server.Content);
        Assert.Equal(Errno.None, await rig.SyncAsync());
        await rig.CloseLastAsync(fd);
    }

    [Fact]
    public async Task What_a_close_could_not_write_is_written_at_unmount()
    {
        await using var rig = new ContentRig();
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        ContentRig.Write(fd, 0, "late"u8);
        rig.Server.WriteFault = _ => Errno.ENOSPC;
        Assert.Equal(Errno.ENOSPC, await rig.CloseLastAsync(fd));
        Assert.True(rig.Content.IsOpen);
        Assert.Equal(Errno.EBUSY, await rig.Content.DropAsync());
        Assert.Equal(Errno.ENOSPC, await rig.Cache.FlushAllAsync(CancellationToken.None));
        rig.Server.WriteFault = _ => Errno.None;
        var closed = rig.Closing();
        Assert.Equal(Errno.None, await rig.Cache.FlushAllAsync(CancellationToken.None));
        Assert.Equal("late"u8.ToArray(), rig.Server.Content);
        await closed;
        Assert.Equal(0, rig.Server.OpenHandles);
    }

    [Fact]
    public async Task Old_bytes_written_again_after_a_half_done_write_reach_the_server()
    {
        await using var rig = new ContentRig();
        rig.Server.Content = ContentRig.Bytes(4096);
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        ContentRig.Write(fd, 0, new byte[4096]);
        rig.Server.WriteFault = n => n == 1 ? Errno.EIO : Errno.None;
        Assert.Equal(Errno.EIO, await rig.FlushAsync());
        ContentRig.Write(fd, 0, ContentRig.Bytes(4096));
        await rig.FlushAsync();
        Assert.Equal(ContentRig.Bytes(4096), rig.Server.Content);
        await rig.CloseLastAsync(fd);
    }

    [Fact]
    public async Task A_write_during_a_write_back_is_not_lost()
    {
        await using var rig = new ContentRig();
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        ContentRig.Write(fd, 0, new string('a', 8192).Select(c => (byte)c).ToArray());
        var sending = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        rig.Server.BeforeWrite = () =>
        {
            sending.TrySetResult();
            return goOn.Task;
        };
        var flush = rig.FlushAsync().AsTask();
        await sending.Task;
        ContentRig.Write(fd, 10, "during"u8);
        goOn.SetResult();
        Assert.Equal(Errno.None, await flush);
        var expected = ContentRig.ReadAll(fd);
        Assert.NotEqual(expected, rig.Server.Content);
        Assert.Equal(Errno.None, await rig.SyncAsync());
        Assert.Equal(expected, rig.Server.Content);
        await rig.CloseLastAsync(fd);
    }

    [Fact]
    public async Task An_fsync_after_the_end_of_the_file_system_is_not_acknowledged()
    {
        await using var rig = new ContentRig();
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        ContentRig.Write(fd, 0, "written back"u8);
        Assert.Equal(Errno.None, await rig.Cache.CloseAllAsync(CancellationToken.None));
        Assert.Equal("written back"u8.ToArray(), rig.Server.Content);
        ContentRig.Write(fd, 0, "lost"u8);
        Assert.Equal(Errno.ENOTCONN, await rig.SyncAsync());
        Assert.Equal("written back"u8.ToArray(), rig.Server.Content);
        Files.Close(fd);
    }

    [Fact]
    public async Task A_terabyte_that_is_a_hole_costs_nothing()
    {
        await using var rig = new ContentRig();
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        Sys.Call(Nr.Ftruncate, fd, 1L << 40);
        Sys.Call(Nr.Ftruncate, fd, 5000);
        Assert.Equal(Errno.None, await rig.SyncAsync());
        Assert.Equal(new byte[5000], rig.Server.Content);
        Assert.Equal(0, rig.Server.Writes);
        await rig.CloseLastAsync(fd);
    }

    [Fact]
    public async Task Holes_are_not_read_and_take_no_memory()
    {
        await using var rig = new ContentRig(new ServerDouble { KnowsHoles = true });
        var content = new byte[10 << 20];
        ContentRig.Bytes(5000).CopyTo(content, 6 << 20);
        rig.Server.Content = content;
        var fd = await rig.OpenAsync(0);
        Assert.Equal(content, ContentRig.ReadAll(fd));
        Assert.InRange(rig.Server.BytesRead, 5000, 300_000);
        Files.Stat(fd, out var stat);
        Assert.InRange(stat.Blocks * 512, 5000, 20_000);
        await rig.CloseLastAsync(fd);
    }

    [Fact]
    public async Task Truncation_by_name_cuts_and_grows_what_guests_see()
    {
        await using var rig = new ContentRig();
        rig.Server.Content = ContentRig.Bytes(10_000);
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        foreach (var size in new[] { 5000, 12_000 })
        {
            Assert.Equal(Errno.None, (await rig.Content.SetAttributesAsync(new AttributeChange { Size = size }, null, ContentRig.Guest, CancellationToken.None)).Error);
            Assert.Equal(size, rig.Server.Content.Length);
            Assert.Equal(rig.Server.Content, ContentRig.ReadAll(fd));
        }

        await rig.CloseLastAsync(fd);
    }

    [Fact]
    public async Task A_time_that_a_guest_sets_outlasts_the_close()
    {
        await using var rig = new ContentRig();
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        ContentRig.Write(fd, 0, "x"u8);
        var time = new TimeSpec(1_000_000, 5);
        await rig.Content.SetAttributesAsync(new AttributeChange { ModifyTime = time }, null, ContentRig.Guest, CancellationToken.None);
        Assert.True(rig.Content.TryGetCurrent(out var size, out var modified));
        Assert.Equal(1, size);
        Assert.Null(modified);
        await rig.CloseLastAsync(fd);
        Assert.Equal(time, rig.Server.Attributes.ModifyTime);
    }

    [Fact]
    public async Task A_cached_program_runs_and_cannot_be_written_meanwhile()
    {
        await using var rig = new ContentRig();
        rig.Server.Content = await File.ReadAllBytesAsync("/bin/cat");
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        ContentRig.Write(fd, 0, rig.Server.Content.AsSpan(0, 10));
        await rig.CloseLastAsync(fd);
        fd = await rig.OpenAsync(0);
        using var cat = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo($"/proc/{Environment.ProcessId}/fd/{fd}") { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        await cat.StandardInput.WriteAsync("runs");
        await cat.StandardInput.FlushAsync();
        var word = new char[4];
        await cat.StandardOutput.ReadBlockAsync(word);
        Assert.Equal("runs", new string(word));
        Assert.Equal(Errno.ETXTBSY, (await rig.TryOpenAsync(OpenFlag.RdWr)).Error);
        Assert.Equal(Errno.ETXTBSY, (await rig.TryOpenAsync(OpenFlag.RdWr | OpenFlag.Trunc)).Error);
        Assert.NotEmpty(rig.Server.Content);
        var closed = rig.Closing();
        Files.Close(fd);
        cat.StandardInput.Close();
        await cat.WaitForExitAsync();
        await closed;
    }

    [Fact]
    public async Task A_cancelled_load_gives_EINTR_and_the_next_open_loads()
    {
        await using var rig = new ContentRig();
        rig.Server.Content = ContentRig.Bytes(1000);
        using var cancel = new CancellationTokenSource();
        rig.Server.BeforeRead = cancel.CancelAsync;
        var fd = await rig.Content.OpenAsync(rig.Server.Open(0), 0, rig.Server.Attributes, ContentRig.Guest, cancel.Token);
        Assert.Equal(Errno.EINTR, fd.Error);
        Assert.Equal(0, rig.Server.OpenHandles);
        var again = await rig.OpenAsync(0);
        Assert.Equal(rig.Server.Content, ContentRig.ReadAll(again));
        await rig.CloseLastAsync(again);
    }
}
