using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual.Content;

internal sealed partial class FileContent
{
    /// <summary>
    /// Milliseconds after which it is asked again who is left: the kernel tells of a close before it takes the description off its counts (fs/file_table.c, __fput), and the thread that
    /// closes may lose the processor in between.
    /// </summary>
    private static readonly int[] RecheckDelays = [10, 100, 1000];

    private bool _watched;
    private int _watch;

    /// <summary>Closes that were told and are not dealt with; whether a task is on its way to do so.</summary>
    private int _writersGone, _readersGone, _settling;

    /// <summary>How often it was asked again since the last close; whether that is about to happen.</summary>
    private int _rechecks;
    private volatile bool _recheckDue;

    void IContentWatch.DescriptionClosed(bool writing)
    {
        if (writing)
        {
            // A writer that was not opened here (through /proc/PID/fd) is known by nothing else.
            Interlocked.Increment(ref _changes);
            Interlocked.Increment(ref _writersGone);
        }
        else
            Interlocked.Increment(ref _readersGone);
        StartSettling();
    }

    void IContentWatch.Recheck() => StartSettling();

    private void StartSettling()
    {
        if (Interlocked.Exchange(ref _settling, 1) == 0)
            _ = Task.Run(SettleAsync);
    }

    /// <summary>Writes back what a closed writer left, and gives back the handles of descriptions that are gone.</summary>
    private async Task SettleAsync()
    {
        var closed = false;
        var error = Errno.None;
        await _lock.WaitAsync().ConfigureAwait(false);
        try
        {
            Volatile.Write(ref _settling, 0);
            (closed, error) = await SettleLockedAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // A file system that throws; nobody waits for the answer, so the next fsync or unmount has it.
            _unreported = Errno.EIO;
        }
        finally
        {
            _lock.Release();
        }

        TellWrittenBack();
        if (closed)
            Closed?.Invoke(this, error);
    }

    private async ValueTask<(bool Closed, Errno Error)> SettleLockedAsync()
    {
        var writersGone = Interlocked.Exchange(ref _writersGone, 0);
        var readersGone = Interlocked.Exchange(ref _readersGone, 0);
        var handles = _server.Handles;
        var before = handles.Count;
        if (_file is not { } file)
            return default;
        // Events may be merged, so they say that at least so many are gone. The kernel says whether any is left; where it does not, the count has to do.
        var left = file.AskOpenness() ?? new Openness(handles.Writing > writersGone, handles.Count > writersGone + readersGone);
        var error = writersGone > 0 || handles.Writing > 0 && !left.Writers
            ? await FlushLockedAsync(Caller.Nobody, CancellationToken.None).ConfigureAwait(false)
            : Errno.None;
        // What could not be written needs a handle for the next try.
        var keepWriting = left.Writers ? Math.Max(1, handles.Writing - writersGone) : MayBeDirty ? 1 : 0;
        var keepReading = left.Anyone ? Math.Max(1, handles.Reading - readersGone) : 0;
        await ReleaseAsync(handles.TakeWriting(keepWriting), CancellationToken.None).ConfigureAwait(false);
        await ReleaseAsync(handles.TakeReading(keepReading), CancellationToken.None).ConfigureAwait(false);
        if (left.Anyone)
        {
            RecheckLater(writersGone + readersGone > 0);
            return default;
        }

        // Between the two questions of AskOpenness a writer may go: then its handle was given back when somebody still seemed to be there, and this is the first to see that nobody is.
        var closed = before > 0 || _watched;
        Unwatch();
        _uses.Clear();
        SettleCache();
        return (closed, error);
    }

    private void RecheckLater(bool closed)
    {
        if (closed)
            _rechecks = 0;
        if (_recheckDue || _rechecks == RecheckDelays.Length)
            return;
        _recheckDue = true;
        _ = AfterAsync(RecheckDelays[_rechecks++]);

        async Task AfterAsync(int milliseconds)
        {
            await Task.Delay(milliseconds).ConfigureAwait(false);
            _recheckDue = false;
            StartSettling();
        }
    }

    private void Watch()
    {
        if (_watched)
            return;
        _watch = _cache.Watcher.Watch(_file!.Path, this);
        _watched = true;
    }

    private void Unwatch()
    {
        if (!_watched)
            return;
        _watched = false;
        _cache.Watcher.Unwatch(_watch, this);
    }
}
