using System.Collections.Concurrent;
using Vuos.Actors.Modules.Vudev;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>/dev/fuse, character device 10, 229 (Documentation/admin-guide/devices.txt): each open(2) is a session of its own, whose descriptor is the server's end of a socket.</summary>
internal sealed class FuseDevice(VirtualRun run) : DeviceFileSystem(Options)
{
    /// <summary>How long the end of a session waits for the guests that are to see it.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<ulong, FuseSession> sessions = new();
    private ulong lastHandle;

    private static DeviceOptions Options => DeviceOptions.Parse(
        new MountRequest
        {
            Type = "fuse",
            Source = "fuse",
            Options = new Dictionary<string, string> { ["mode"] = "666", ["uid"] = "0", ["gid"] = "0", ["major"] = "10", ["minor"] = "229" },
        },
        block: false).Options;

    public override long? LengthOf(ulong node) => null;

    public override ValueTask<Answer<OpenResult>> OpenAsync(ulong node, int flags, Caller caller, CancellationToken cancel)
    {
        var made = FuseSession.Create();
        if (made.Failed)
            return (Answer<OpenResult>)made.Error;
        var handle = Interlocked.Increment(ref lastHandle);
        var session = made.Value;
        session.Ending = () => End(session);
        session.ServerClosed = () => run.Opened.Remove(session.ServerDevice, session.ServerInode);
        sessions[handle] = session;
        return (Answer<OpenResult>)new OpenResult(handle, OpenTraits.NonSeekable | OpenTraits.NoFlush);
    }

    /// <summary>The server's end itself, no copy: the session must see when the last of the server's is closed.</summary>
    public override ValueTask<Answer<int>> DescriptorAsync(ulong node, ulong handle, int flags, Caller caller, CancellationToken cancel) =>
        sessions.TryRemove(handle, out var session) ? (Answer<int>)session.TakeServerEnd() : (Answer<int>)Errno.EBADF;

    /// <summary>Reads of the server give ENODEV from now on, as the device's do, also those that are under way: at an end of file libfuse would complain.</summary>
    private void End(FuseSession session)
    {
        if (run.Opened.Find(session.ServerDevice, session.ServerInode) is OpenDevice open)
            open.Failure = Errno.ENODEV;
        run.Programs?.EndReadsAsync(session.ServerInode, Errno.ENODEV, session.Served).Wait(s_patience);
    }

    public override ValueTask<Errno> ReleaseAsync(ulong node, ulong handle, int flags) => ValueTask.FromResult(Errno.None);

    public override ValueTask<Answer<int>> ReadAsync(ulong node, ulong handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel) => (Answer<int>)Errno.EPERM;

    public override ValueTask<Answer<int>> WriteAsync(ulong node, ulong handle, long offset, ReadOnlyMemory<byte> data, Caller caller, CancellationToken cancel) => (Answer<int>)Errno.EPERM;

    public override ValueTask<Errno> SyncAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.EINVAL);

    public override ValueTask<Answer<long>> SeekAsync(ulong node, ulong handle, long offset, int whence, Caller caller, CancellationToken cancel) => (Answer<long>)Errno.ESPIPE;
}
