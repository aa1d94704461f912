using System.Collections.Concurrent;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>Open files and directories of a mount: the flags they were opened with, which READ and WRITE repeat, and the ids that notifications of poll use (<c>kh</c>).</summary>
internal sealed class OpenFiles
{
    private readonly ConcurrentDictionary<(ulong Node, ulong Handle), (int Flags, ulong Poll)> _open = new();
    private readonly ConcurrentDictionary<ulong, (ulong Node, ulong Handle)> _polled = new();
    private ulong _lastPoll;

    public void Add(ulong node, ulong handle, int flags) => _open[(node, handle)] = (flags, 0);

    public void Remove(ulong node, ulong handle)
    {
        if (_open.TryRemove((node, handle), out var file) && file.Poll != 0)
            _polled.TryRemove(file.Poll, out _);
    }

    /// <summary>As given to open(2); 0, O_RDONLY, for a file that is not known.</summary>
    public int Flags(ulong node, ulong handle) => _open.TryGetValue((node, handle), out var file) ? file.Flags : 0;

    /// <summary>The id of an open file for poll.</summary>
    public ulong PollId(ulong node, ulong handle)
    {
        if (_open.TryGetValue((node, handle), out var file) && file.Poll != 0)
            return file.Poll;
        var id = Interlocked.Increment(ref _lastPoll);
        _polled[id] = (node, handle);
        _open[(node, handle)] = file with { Poll = id };
        return id;
    }

    public bool FindPolled(ulong id, out (ulong Node, ulong Handle) file) => _polled.TryGetValue(id, out file);
}
