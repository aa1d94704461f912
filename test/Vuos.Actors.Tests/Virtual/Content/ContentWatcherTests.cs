using System.Diagnostics;
using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Virtual.Content;

public sealed class ContentWatcherTests
{
    [Fact]
    public async Task A_description_lives_as_long_as_its_last_duplicate()
    {
        await using var rig = new ContentRig();
        var closed = rig.Closing();
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        var copy = (int)Sys.Call(Nr.Dup, fd);
        Files.Close(fd);
        ContentRig.Write(copy, 0, "late"u8);
        await OtherFileClosedAsync(rig);
        Assert.False(closed.IsCompleted);
        Files.Close(copy);
        await closed;
        Assert.Equal("late"u8.ToArray(), rig.Server.Content);
    }

    [Fact]
    public async Task A_mapping_keeps_a_description_and_what_it_wrote_last_is_written_back()
    {
        await using var rig = new ContentRig();
        rig.Server.Content = new byte[4096];
        var closed = rig.Closing();
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        var mapping = new Mapping(fd);
        Files.Close(fd);
        Assert.Equal(Errno.None, await rig.FlushAsync());
        mapping.Write(7, "mapped"u8);
        Assert.Equal(Errno.None, await rig.SyncAsync());
        Assert.Equal("mapped"u8.ToArray(), rig.Server.Content[7..13]);
        mapping.Write(7, "MAPPED"u8);
        Assert.False(closed.IsCompleted);
        mapping.Dispose();
        await closed;
        Assert.Equal("MAPPED"u8.ToArray(), rig.Server.Content[7..13]);
    }

    [Fact]
    public async Task A_process_that_has_the_descriptor_keeps_it_and_its_writes_are_written_back()
    {
        await using var rig = new ContentRig();
        var closed = rig.Closing();
        var fd = await rig.OpenAsync(OpenFlag.WrOnly);
        // The shell opens the description's file anew, as a guest may, and writes after we have closed ours.
        using var child = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"exec 9>/proc/{Environment.ProcessId}/fd/{fd}; echo ready; read line; echo $line >&9"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", await child.StandardOutput.ReadLineAsync());
        Files.Close(fd);
        await OtherFileClosedAsync(rig);
        Assert.False(closed.IsCompleted);
        await child.StandardInput.WriteLineAsync("from the child");
        await child.WaitForExitAsync();
        await closed;
        Assert.Equal("from the child\n"u8.ToArray(), rig.Server.Content);
    }

    [Fact]
    public async Task Many_closes_at_once_leave_no_handle()
    {
        await using var rig = new ContentRig();
        var fds = new List<int>();
        for (var i = 0; i < 100; i++)
            fds.Add(await rig.OpenAsync(i % 2 == 0 ? 0 : OpenFlag.RdWr));
        Assert.InRange(rig.Server.OpenHandles, 2, 64);
        var closed = rig.Closing();
        fds.ForEach(fd => Files.Close(fd));
        await closed;
        Assert.Equal(0, rig.Server.OpenHandles);
    }

    [Fact]
    public async Task A_reader_that_stays_keeps_a_handle_and_writers_that_are_gone_none()
    {
        await using var rig = new ContentRig();
        var reader = await rig.OpenAsync(0);
        var flushed = new TaskCompletionSource();
        rig.Content.WrittenBack += _ => flushed.TrySetResult();
        var writer = await rig.OpenAsync(OpenFlag.RdWr);
        ContentRig.Write(writer, 0, "x"u8);
        Files.Close(writer);
        await flushed.Task;
        Assert.Equal(1, rig.Server.OpenHandles);
        Assert.Equal(Errno.EBUSY, await rig.Content.DropAsync());
        await rig.CloseLastAsync(reader);
    }

    [Fact]
    public async Task Without_inotify_closes_are_found_by_asking()
    {
        await using var rig = new ContentRig(settings: new ContentSettings { PollInterval = TimeSpan.FromMilliseconds(5) }, inotify: false);
        var fd = await rig.OpenAsync(OpenFlag.RdWr);
        Assert.Equal(1, rig.Watcher.Polled);
        ContentRig.Write(fd, 0, "polled"u8);
        Assert.Equal(Errno.None, await rig.CloseLastAsync(fd));
        Assert.Equal("polled"u8.ToArray(), rig.Server.Content);
        Assert.Equal(0, rig.Watcher.Polled);
    }

    [Fact]
    public async Task The_registry_knows_a_descriptor_by_its_inode()
    {
        await using var rig = new ContentRig();
        var fd = await rig.OpenAsync(0);
        Files.Stat(fd, out var stat);
        Assert.Same(rig.Content, rig.Registry.Find(stat.Dev, stat.Ino));
        Assert.Contains("vuos:3:17", File.ResolveLinkTarget($"/proc/self/fd/{fd}", false)!.FullName, StringComparison.Ordinal);
        await rig.CloseLastAsync(fd);
        Assert.Equal(Errno.None, await rig.Content.DropAsync());
        Assert.Null(rig.Registry.Find(stat.Dev, stat.Ino));
    }

    /// <summary>By bytes, or by their number: small ones take a descriptor each.</summary>
    [Theory]
    [InlineData(10_000, 1000)]
    [InlineData(1_000_000, 2)]
    public async Task The_cache_drops_what_was_closed_longest_ago(int bytes, int files)
    {
        await using var rig = new ContentRig(settings: new ContentSettings { CacheBytes = bytes, CacheFiles = files });
        rig.Server.Content = ContentRig.Bytes(4096);
        var contents = Enumerable.Range(0, 4).Select(i => rig.Cache.Create((ulong)i, $"vuos:3:{i}")).ToList();
        foreach (var content in contents)
        {
            var closed = new TaskCompletionSource();
            content.Closed += (_, _) => closed.TrySetResult();
            var fd = await content.OpenAsync(rig.Server.Open(0), 0, rig.Server.Attributes, ContentRig.Guest, CancellationToken.None);
            Files.Close(fd.Value);
            await closed.Task;
        }

        // Dropping has a lock to wait for; asking for the same thing waits for it too.
        await contents[0].DropAsync();
        await contents[1].DropAsync();
        Assert.Equal([false, false, true, true], contents.Select(c => c.Inode != 0));
        Assert.Equal(8192, rig.Cache.IdleBytes);
    }

    /// <summary>What the watcher was told before has been dealt with when a file that is closed now is.</summary>
    private static async Task OtherFileClosedAsync(ContentRig rig)
    {
        var other = rig.Cache.Create(99, "vuos:3:99");
        var closed = new TaskCompletionSource();
        other.Closed += (_, _) => closed.TrySetResult();
        var fd = await other.OpenAsync(rig.Server.Open(0), 0, default, ContentRig.Guest, CancellationToken.None);
        Files.Close(fd.Value);
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    private sealed unsafe class Mapping(int fd) : IDisposable
    {
        private readonly byte* _at = ContentRig.Map(fd, 4096, write: true);

        public void Write(int offset, ReadOnlySpan<byte> data) => data.CopyTo(new Span<byte>(_at + offset, data.Length));

        public void Dispose() => ContentRig.Unmap(_at, 4096);
    }
}
