using System.Collections.Concurrent;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual.Content;

/// <summary>
/// The contents of one layer: what they share, and which are kept although nobody has them open. Those are clean, and dropped in the order of their last close when they
/// take more than <see cref="ContentSettings.CacheBytes"/>, or are more than <see cref="ContentSettings.CacheFiles"/>. Safe from any thread.
/// </summary>
internal sealed class ContentCache(IFileSystem fs, FileSystemTraits traits, ContentWatcher watcher, ContentRegistry registry, ContentSettings settings) : IAsyncDisposable
{
    private const int FlushesAtOnce = 4;

    /// <summary>Contents that are open or not written back.</summary>
    private readonly ConcurrentDictionary<FileContent, bool> _busy = new();

    private readonly Lock _gate = new();

    /// <summary>Unopened clean contents, the longest unused first, and their bytes.</summary>
    private readonly LinkedList<(FileContent Content, long Bytes)> _idle = new();
    private readonly Dictionary<FileContent, LinkedListNode<(FileContent Content, long Bytes)>> _places = [];
    private readonly ServerAbilities _abilities = new();
    private long _idleBytes;

    public ContentWatcher Watcher => watcher;

    public ContentRegistry Registry => registry;

    public ContentSettings Settings => settings;

    /// <summary>Bytes of the contents kept unopened.</summary>
    public long IdleBytes
    {
        get
        {
            lock (_gate)
                return _idleBytes;
        }
    }

    /// <summary>The content of a node; no memory is taken before it is opened. One a node: its owner keeps it.</summary>
    /// <param name="node">Its id at the file system.</param>
    /// <param name="label">What guests see in /proc/PID/fd after "memfd:", e.g. <c>vuos:3:17</c>.</param>
    public FileContent Create(ulong node, string label) => new(this, new ServerFile(fs, traits, _abilities, node), node, label);

    /// <summary>syncfs(2), unmounting: everything that is not written back is. The first error; the rest is written all the same.</summary>
    public async ValueTask<Errno> FlushAllAsync(CancellationToken cancel)
    {
        var first = Errno.None;
        await Pieces.RunAsync(_busy.Keys.ToArray(), FlushesAtOnce, async content =>
        {
            var error = await content.FlushAsync(Caller.Nobody, cancel).ConfigureAwait(false);
            if (error != Errno.None)
                Interlocked.CompareExchange(ref first, error, Errno.None);
            return Errno.None;
        }).ConfigureAwait(false);
        return first;
    }

    /// <summary>Unmounts: writes back, and gives every handle back to the file system; guests that still have a file open keep what it holds. The first error of <see cref="FlushAllAsync"/>.</summary>
    public async ValueTask<Errno> CloseAllAsync(CancellationToken cancel)
    {
        var error = await FlushAllAsync(cancel).ConfigureAwait(false);
        FileContent[] all;
        lock (_gate)
            all = [.. _busy.Keys, .. _idle.Select(i => i.Content)];
        foreach (var content in all)
            await content.AbandonAsync(cancel).ConfigureAwait(false);
        return error;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await CloseAllAsync(CancellationToken.None).ConfigureAwait(false);

    /// <summary>It is being opened, or has something to write back.</summary>
    public void Busy(FileContent content)
    {
        _busy[content] = true;
        lock (_gate)
            Remove(content);
    }

    /// <summary>Nobody has it open, and it is clean.</summary>
    public void Idle(FileContent content, long bytes)
    {
        var excess = new List<FileContent>();
        lock (_gate)
        {
            Remove(content);
            _places[content] = _idle.AddLast((content, bytes));
            _idleBytes += bytes;
            for (var next = _idle.First; next is not null && IsTooMuch(excess); next = next.Next)
                excess.Add(next.Value.Content);
            excess.ForEach(Remove);
        }

        _busy.TryRemove(content, out _);
        // Each has a lock of its own, which its user may hold: it is dropped when that is free, if it is still unopened then.
        foreach (var other in excess)
            _ = other.DropAsync().AsTask();
    }

    /// <summary>It takes no memory any more.</summary>
    public void Gone(FileContent content)
    {
        _busy.TryRemove(content, out _);
        lock (_gate)
            Remove(content);
    }

    /// <summary>Whether more is kept than may be, when <paramref name="excess"/> is gone.</summary>
    private bool IsTooMuch(List<FileContent> excess) =>
        _idle.Count - excess.Count > settings.CacheFiles || _idleBytes - excess.Sum(c => _places[c].Value.Bytes) > settings.CacheBytes;

    private void Remove(FileContent content)
    {
        if (!_places.Remove(content, out var place))
            return;
        _idleBytes -= place.Value.Bytes;
        _idle.Remove(place);
    }
}
