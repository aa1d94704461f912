using System.Collections.Concurrent;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual;

/// <summary>
/// Read-ahead of the names of one directory. Whoever looks at some of them mostly looks at all (find, ls -l, git status), and a look-up that a guest waits for costs half a dozen wake-ups; one that follows others
/// in the server's queue costs the server's own work. The kernel has READDIRPLUS for that; this is for servers without it, and for guests that do not list. On tasks of the layer.
/// </summary>
internal sealed class NameAhead(VirtualLayer layer, VirtualNode directory, int most)
{
    /// <summary>Names of the first window; each next one is twice as long.</summary>
    private const int FirstWindow = 8;

    /// <summary>Look-ups under way at a time: enough for a server never to wait for the next, and few enough for a guest's own not to wait for long.</summary>
    private const int AtOnce = 8;

    /// <summary>Looks elsewhere than at the next name after which it is given up, until the directory is listed again.</summary>
    private const int MostStrays = 4;

    /// <summary>Names found one by one after which the directory is listed for its own sake.</summary>
    private const int ListedAfter = 3;

    private readonly ConcurrentDictionary<byte[], Task> pending = new(BytePathComparer.Instance);
    private byte[][] names = [];

    /// <summary>The indexes of the names; null until somebody looks at one.</summary>
    private Dictionary<byte[], int>? places;

    /// <summary>The last window: indexes of its first name, and of the first behind it.</summary>
    private int begin, end;

    private int strays, found;

    /// <summary>A guest has read the directory, and got the names in this order.</summary>
    public void Listed(IEnumerable<byte[]> inOrder)
    {
        lock (pending)
        {
            names = [.. inOrder];
            places = null;
            begin = end = strays = 0;
        }
    }

    /// <summary>Waits for a look-up of the name that is under way. False: there is none.</summary>
    public async ValueTask<bool> JoinAsync(byte[] name, CancellationToken cancel)
    {
        if (!pending.TryGetValue(name, out var task))
            return false;
        await task.WaitAsync(cancel).ConfigureAwait(false);
        return true;
    }

    /// <summary>A name was found that a guest waited for: those it will ask for next are looked up.</summary>
    public void Found(byte[] name, Caller caller)
    {
        bool list;
        byte[][] window;
        lock (pending)
        {
            list = names.Length == 0 && ++found == ListedAfter;
            window = list ? [] : Next(name);
        }

        if (list)
            _ = ListAsync(name, caller);
        else if (window.Length > 0)
            _ = FetchAsync(window, caller);
    }

    /// <summary>Those to be looked up now that a guest was at a name; under the lock.</summary>
    private byte[][] Next(byte[] name)
    {
        places ??= Indexes();
        if (!places.TryGetValue(name, out var at) || (at >= begin && at < end))
            return [];
        // The first one may be anywhere; then a name or two may have been known.
        if (end > 0 && (at < end || at > end + 2) && ++strays == MostStrays)
        {
            Listed([]);
            found = ListedAfter;
            return [];
        }

        var length = end > 0 && strays == 0 ? (end - begin) * 2 : FirstWindow;
        begin = at + 1;
        end = Math.Min(begin + Math.Min(length, most), names.Length);
        return names[begin..end];
    }

    private Dictionary<byte[], int> Indexes()
    {
        var indexes = new Dictionary<byte[], int>(names.Length, BytePathComparer.Instance);
        for (var i = 0; i < names.Length; i++)
            indexes[names[i]] = i;
        return indexes;
    }

    /// <summary>Reads the beginning of the directory, one request's worth; names are then expected in the order of their bytes, as git's index and sorted listings have them.</summary>
    private async Task ListAsync(byte[] after, Caller caller)
    {
        try
        {
            var cancel = layer.Gone.Token;
            var opened = await layer.OpenDirectoryAsync(directory, OpenFlag.Directory, caller, cancel).ConfigureAwait(false);
            if (opened.Failed)
                return;
            var read = await layer.Files.ReadDirectoryAsync(directory.Id, opened.Value ?? 0, 0, plus: false, caller, cancel).ConfigureAwait(false);
            layer.ReleaseDirectory(directory, opened.Value);
            if (read.Failed)
                return;
            var sorted = read.Value.Select(static e => e.Name).Where(static name => name is not ([(byte)'.'] or [(byte)'.', (byte)'.'])).ToArray();
            Array.Sort(sorted, static (a, b) => a.AsSpan().SequenceCompareTo(b));
            Listed(sorted);
            Found(after, caller);
        }
        catch (Exception)
        {
            // Of a file system that throws. Nobody waits for this; the look-up of a guest that does will say it.
        }
    }

    private async Task FetchAsync(byte[][] window, Caller caller)
    {
        try
        {
            await Pieces.RunAsync(window, AtOnce, name => LookUpAsync(name, caller)).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // As above.
        }
    }

    private async ValueTask<Errno> LookUpAsync(byte[] name, Caller caller)
    {
        if (layer.IsEnded || directory.IsUnlinked)
            return Errno.ENOENT;
        if (directory.Find(name) is { } known && known.Freshness.IsUsable(0))
            return Errno.None;
        // Not asynchronously: who waits for it goes on here, without another wake-up.
        var done = new TaskCompletionSource();
        if (!pending.TryAdd(name, done.Task))
            return Errno.None;
        try
        {
            var answer = await layer.LookUpAsync(directory, name, caller, layer.Gone.Token).ConfigureAwait(false);
            return answer.Error is Errno.ENOENT ? Errno.None : answer.Error;
        }
        finally
        {
            pending.TryRemove(name, out _);
            done.SetResult();
        }
    }
}
