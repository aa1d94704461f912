using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Virtual.Content;

/// <summary>A file system in memory with one file (any node id is it), whose operations can be made to fail, to do less than asked, and to wait.</summary>
internal sealed class ServerDouble : IFileSystem
{
    public const ulong Node = 17;

    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, int> _handles = [];
    private byte[] _content = [];
    private ulong _nextHandle = 100;
    private long _time;
    private uint _nanoseconds;

    /// <summary>For the number of the write (from 1): the error to answer, after writing half.</summary>
    public Func<int, Errno> WriteFault { get; set; } = _ => Errno.None;

    /// <summary>Bytes that a write takes at most.</summary>
    public int WriteLimit { get; set; } = int.MaxValue;

    public Func<Task> BeforeWrite { get; set; } = () => Task.CompletedTask;

    public Func<Task> BeforeRead { get; set; } = () => Task.CompletedTask;

    public bool KnowsHoles { get; init; }

    /// <summary>What is said of each open.</summary>
    public OpenTraits OpensWith { get; init; }

    /// <summary>fallocate(2) is done; else it is ENOSYS.</summary>
    public bool Allocates { get; init; } = true;

    /// <summary>fallocate(2) makes zeros of whole pages only, as of fuse2fs.</summary>
    public bool LeavesEdges { get; set; }

    public int Reads { get; private set; }

    public long BytesRead { get; private set; }

    public int Writes { get; private set; }

    public long BytesWritten { get; private set; }

    public int Flushes { get; private set; }

    public int Syncs { get; private set; }

    public int Defects { get; private set; }

    public int OpenHandles
    {
        get
        {
            lock (_gate)
                return _handles.Count;
        }
    }

    public byte[] Content
    {
        get
        {
            lock (_gate)
                return [.. _content];
        }
        set
        {
            lock (_gate)
            {
                _content = [.. value];
                _time++;
            }
        }
    }

    public NodeAttributes Attributes
    {
        get
        {
            lock (_gate)
                return new NodeAttributes { Inode = Node, Size = _content.Length, Mode = 0x81A4, ModifyTime = new TimeSpec(_time, _nanoseconds) };
        }
    }

    public OpenResult Open(int flags, OpenTraits traits = OpenTraits.None)
    {
        lock (_gate)
        {
            _handles[++_nextHandle] = flags;
            return new OpenResult(_nextHandle, traits);
        }
    }

    public ValueTask<Answer<OpenResult>> OpenAsync(ulong node, int flags, Caller caller, CancellationToken cancel) => (Answer<OpenResult>)Open(flags, OpensWith);

    public ValueTask<Answer<TimedAttributes>> GetAttributesAsync(ulong node, ulong? handle, Caller caller, CancellationToken cancel) =>
        (Answer<TimedAttributes>)new TimedAttributes(Attributes, TimeSpan.Zero);

    public ValueTask<Answer<TimedAttributes>> SetAttributesAsync(ulong node, ulong? handle, AttributeChange change, Caller caller, CancellationToken cancel)
    {
        lock (_gate)
        {
            if (handle is { } h && !Check(h, write: true))
                return (Answer<TimedAttributes>)Errno.EBADF;
            Array.Resize(ref _content, (int)(change.Size ?? _content.Length));
            _time = change.ModifyTime?.Seconds ?? _time + 1;
            _nanoseconds = change.ModifyTime?.Nanoseconds ?? 0;
        }

        return (Answer<TimedAttributes>)new TimedAttributes(Attributes, TimeSpan.Zero);
    }

    public async ValueTask<Answer<int>> ReadAsync(ulong node, ulong handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel)
    {
        await BeforeRead();
        if (cancel.IsCancellationRequested)
            return Errno.EINTR;
        lock (_gate)
        {
            if (!Check(handle, write: false))
                return Errno.EBADF;
            Reads++;
            var count = (int)Math.Clamp(_content.Length - offset, 0, buffer.Length);
            _content.AsSpan((int)Math.Min(offset, _content.Length), count).CopyTo(buffer.Span);
            BytesRead += count;
            return count;
        }
    }

    public async ValueTask<Answer<int>> WriteAsync(ulong node, ulong handle, long offset, ReadOnlyMemory<byte> data, Caller caller, CancellationToken cancel)
    {
        await BeforeWrite();
        lock (_gate)
        {
            if (!Check(handle, write: true))
                return Errno.EBADF;
            var error = WriteFault(++Writes);
            var count = error == Errno.None ? Math.Min(data.Length, WriteLimit) : data.Length / 2;
            if (_content.Length < offset + count)
                Array.Resize(ref _content, (int)offset + count);
            data.Span[..count].CopyTo(_content.AsSpan((int)offset));
            BytesWritten += count;
            _time++;
            return error == Errno.None ? count : error;
        }
    }

    public ValueTask<Errno> FlushAsync(ulong node, ulong handle, ulong owner, Caller caller, CancellationToken cancel)
    {
        lock (_gate)
        {
            Flushes++;
            return ValueTask.FromResult(Check(handle, write: true) ? Errno.None : Errno.EBADF);
        }
    }

    public ValueTask<Errno> ReleaseAsync(ulong node, ulong handle, int flags)
    {
        lock (_gate)
        {
            if (!_handles.Remove(handle))
                Defects++;
        }

        return ValueTask.FromResult(Errno.None);
    }

    public ValueTask<Errno> SyncAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel)
    {
        Syncs++;
        return ValueTask.FromResult(Errno.None);
    }

    public ValueTask<Errno> AllocateAsync(ulong node, ulong handle, long offset, long length, uint mode, Caller caller, CancellationToken cancel)
    {
        const uint keepSize = 1, punchHole = 2, zeroRange = 16;
        lock (_gate)
        {
            if (!Check(handle, write: true) || !Allocates)
                return ValueTask.FromResult(Allocates ? Errno.EBADF : Errno.ENOSYS);
            var end = (int)(offset + length);
            if ((mode & keepSize) == 0 && end > _content.Length)
                Array.Resize(ref _content, end);
            if (LeavesEdges)
                (offset, end) = ((offset + 4095) / 4096 * 4096, end / 4096 * 4096);
            if ((mode & (punchHole | zeroRange)) != 0 && offset < Math.Min(end, _content.Length))
                _content.AsSpan((int)offset, Math.Min(end, _content.Length) - (int)offset).Clear();
            _time++;
        }

        return ValueTask.FromResult(Errno.None);
    }

    public ValueTask<Answer<long>> SeekAsync(ulong node, ulong handle, long offset, int whence, Caller caller, CancellationToken cancel)
    {
        if (!KnowsHoles)
            return (Answer<long>)Errno.ENOSYS;
        lock (_gate)
        {
            if (offset >= _content.Length)
                return (Answer<long>)Errno.ENXIO;
            var rest = _content.AsSpan((int)offset);
            var data = rest.IndexOfAnyExcept((byte)0);
            if (whence == 3)
                return data < 0 ? (Answer<long>)Errno.ENXIO : (Answer<long>)(offset + data);
            // A hole is a whole page of zeros.
            for (var at = (offset + 4095) / 4096 * 4096; at < _content.Length; at += 4096)
            {
                if (!_content.AsSpan((int)at, (int)Math.Min(4096, _content.Length - at)).ContainsAnyExcept((byte)0))
                    return (Answer<long>)at;
            }

            return (Answer<long>)(long)_content.Length;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>A handle that is not open, or not for this, is a defect of the caller's.</summary>
    private bool Check(ulong handle, bool write)
    {
        var good = _handles.TryGetValue(handle, out var flags) && (flags & OpenFlag.AccessMode) != (write ? 0 : OpenFlag.WrOnly);
        Defects += good ? 0 : 1;
        return good;
    }
}
