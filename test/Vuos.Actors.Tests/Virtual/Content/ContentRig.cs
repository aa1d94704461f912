using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Virtual.Content;

/// <summary>A content over <see cref="ServerDouble"/>, with a watcher and a cache of its own, and what a guest does to it through descriptors.</summary>
internal sealed class ContentRig : IAsyncDisposable
{
    public static readonly Caller Guest = new(1000, 1000, 77, 0x12);

    private readonly ContentSettings _settings;
    private TaskCompletionSource<Errno> _closed = New();

    public ContentRig(ServerDouble? server = null, FileSystemTraits? traits = null, ContentSettings? settings = null, bool inotify = true)
    {
        Server = server ?? new ServerDouble();
        Traits = traits ?? new FileSystemTraits();
        _settings = settings ?? new ContentSettings();
        Watcher = new ContentWatcher(_settings, inotify);
        Cache = new ContentCache(Server, Traits, Watcher, Registry, _settings);
        Content = Cache.Create(ServerDouble.Node, "vuos:3:17");
        Content.Closed += (_, error) => _closed.TrySetResult(error);
    }

    public ServerDouble Server { get; }

    public FileSystemTraits Traits { get; }

    public ContentWatcher Watcher { get; }

    public ContentRegistry Registry { get; } = new();

    public ContentCache Cache { get; }

    public FileContent Content { get; }

    /// <summary>Ends at the next <see cref="FileContent.Closed"/>, with its error.</summary>
    public Task<Errno> Closing()
    {
        _closed = New();
        return _closed.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public async Task<Answer<int>> TryOpenAsync(int flags, OpenTraits traits = OpenTraits.None)
    {
        if (Traits.AtomicTruncate && (flags & OpenFlag.Trunc) != 0)
            Server.Content = [];
        return await Content.OpenAsync(Server.Open(FileContent.FlagsForServer(flags, Traits), traits), flags, Server.Attributes, Guest, CancellationToken.None);
    }

    public async Task<int> OpenAsync(int flags, OpenTraits traits = OpenTraits.None)
    {
        var fd = await TryOpenAsync(flags, traits);
        Assert.Equal(Errno.None, fd.Error);
        return fd.Value;
    }

    /// <summary>Closes the only descriptor and waits until that is dealt with.</summary>
    public async Task<Errno> CloseLastAsync(int fd)
    {
        var closed = Closing();
        Files.Close(fd);
        return await closed;
    }

    public ValueTask<Errno> SyncAsync() => Content.SyncAsync(false, Guest, CancellationToken.None);

    /// <summary>What the tracer does around a call on a partial file; a mapping is kept, and with it the range.</summary>
    public async Task UseAsync(long offset, long length, Action call, bool written, bool keep = false)
    {
        Assert.Equal(Errno.None, await Content.EnsureAsync(offset, length, 0, Guest, CancellationToken.None));
        call();
        if (written)
            Content.Written(offset, length);
        if (!keep)
            Content.Done(offset, length);
    }

    public ValueTask<Errno> FlushAsync() => Content.FlushAsync(Guest, CancellationToken.None);

    public static void Write(int fd, long offset, ReadOnlySpan<byte> data) => Assert.Equal(0, FileChanges.WriteAllAt(fd, data, offset));

    public static unsafe byte[] ReadAll(int fd)
    {
        Files.Stat(fd, out var stat);
        var data = new byte[stat.Size];
        fixed (byte* p = data)
            Assert.Equal(data.Length, Sys.Call(Nr.Pread64, fd, (long)p, data.Length, 0));
        return data;
    }

    /// <summary>A shared mapping of the first bytes of a file.</summary>
    public static unsafe byte* Map(int fd, int length, bool write)
    {
        var at = Sys.Call(Nr.Mmap, 0, length, write ? 3 : 1, 1, fd, 0);
        Assert.False(Sys.Failed(at));
        return (byte*)at;
    }

    public static unsafe void Unmap(byte* at, int length) => Sys.Call(Nr.Munmap, (long)at, length);

    public static byte[] Bytes(int count, int seed = 1)
    {
        var data = new byte[count];
        new Random(seed).NextBytes(data);
        return data;
    }

    public async ValueTask DisposeAsync()
    {
        await Cache.DisposeAsync();
        Watcher.Dispose();
        Assert.Equal(0, Server.Defects);
        Assert.Equal(0, Server.OpenHandles);
    }

    private static TaskCompletionSource<Errno> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
