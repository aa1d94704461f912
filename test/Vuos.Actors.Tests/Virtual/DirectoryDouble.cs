using System.Collections.Concurrent;
using System.Text;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Virtual;

/// <summary>A file system with one directory of empty files, which counts what it is asked; look-ups can be made to wait.</summary>
internal sealed class DirectoryDouble(params string[] names) : IFileSystem
{
    private const ulong Root = 1, FirstFile = 10;

    private int _handles;

    public TimeSpan EntryValid { get; init; } = TimeSpan.FromHours(1);

    public TimeSpan AttributesValid { get; init; } = TimeSpan.FromHours(1);

    /// <summary>For the name: ends when the look-up may be answered.</summary>
    public Func<string, Task> BeforeAnswer { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Ends when attributes that were asked for may be told.</summary>
    public Task BeforeAttributes { get; set; } = Task.CompletedTask;

    /// <summary>In the order of their arrival.</summary>
    public ConcurrentQueue<string> LookedUp { get; } = new();

    public ConcurrentDictionary<ulong, long> Lookups { get; } = new();

    public int Opened { get; private set; }

    public int Released { get; private set; }

    public int Listings { get; private set; }

    public ValueTask<Answer<FileSystemTraits>> StartAsync(MountRequest request, CancellationToken cancel) => (Answer<FileSystemTraits>)new FileSystemTraits { Root = Root };

    public async ValueTask<Answer<NodeEntry>> LookupAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        var text = Encoding.UTF8.GetString(name);
        LookedUp.Enqueue(text);
        await BeforeAnswer(text);
        var at = Array.IndexOf(names, text);
        if (at < 0)
            return Errno.ENOENT;
        var id = FirstFile + (ulong)at;
        Lookups.AddOrUpdate(id, 1, static (_, n) => n + 1);
        return new NodeEntry(id, 0, new NodeAttributes { Inode = id, Mode = FileType.Regular | 0x1A4, Links = 1 }, EntryValid, AttributesValid);
    }

    public void Forget(ulong node, ulong lookups) => Lookups.AddOrUpdate(node, -(long)lookups, (_, n) => n - (long)lookups);

    public async ValueTask<Answer<TimedAttributes>> GetAttributesAsync(ulong node, ulong? handle, Caller caller, CancellationToken cancel)
    {
        var answer = Directory(node, 0x1ED);
        await BeforeAttributes;
        return answer;
    }

    public ValueTask<Answer<TimedAttributes>> SetAttributesAsync(ulong node, ulong? handle, AttributeChange change, Caller caller, CancellationToken cancel) =>
        (Answer<TimedAttributes>)Directory(node, change.Mode ?? 0x1ED);

    public ValueTask<Errno> UnlinkAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.None);

    public ValueTask<Answer<OpenResult>> OpenDirectoryAsync(ulong node, int flags, Caller caller, CancellationToken cancel)
    {
        Opened++;
        return (Answer<OpenResult>)new OpenResult((ulong)Interlocked.Increment(ref _handles));
    }

    public ValueTask<Answer<IReadOnlyList<DirectoryEntry>>> ReadDirectoryAsync(ulong node, ulong handle, long offset, bool plus, Caller caller, CancellationToken cancel)
    {
        Assert.True(handle > 0 && handle <= (ulong)_handles);
        if (offset == 0)
            Listings++;
        var rest = names.Skip((int)offset).Select((name, i) =>
            new DirectoryEntry(Encoding.UTF8.GetBytes(name), FirstFile + (ulong)(offset + i), FileType.Regular, offset + i + 1));
        return (Answer<IReadOnlyList<DirectoryEntry>>)rest.ToList();
    }

    public ValueTask<Errno> ReleaseDirectoryAsync(ulong node, ulong handle)
    {
        Released++;
        return ValueTask.FromResult(Errno.None);
    }

    private TimedAttributes Directory(ulong node, uint mode) => new(new NodeAttributes { Inode = node, Mode = FileType.Directory | mode, Links = 2 }, AttributesValid);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
