using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>
/// One message to the server and its answer. Requests are pooled by their session: rent, fill, submit and await once, read the answer, dispose. The continuation of the await runs on the
/// session's receiving thread, because another wake-up costs more than all the work of an answer; so it must not block.
/// </summary>
internal sealed class FuseRequest(FuseSession session) : IValueTaskSource<Errno>, IDisposable
{
    /// <summary>Room beyond which buffers do not stay in the pool, bytes.</summary>
    private const int KeptBuffer = 66 * 1024;

    private ManualResetValueTaskSourceCore<Errno> _completion;
    private byte[] _message = new byte[512];
    private byte[] _reply = [];
    private Memory<byte> _into;
    private int _replyLimit;
    private bool _fill;

    public FuseOpcode Opcode { get; private set; }

    public ulong Node { get; private set; }

    /// <summary>Of who waits; 0: nobody in particular.</summary>
    public int Pid { get; private set; }

    /// <summary>0: not submitted, or without an answer (FORGET, INTERRUPT).</summary>
    public ulong Unique { get; set; }

    /// <summary>It has left for the server. Guarded by the session's send lock.</summary>
    public bool Sent { get; set; }

    /// <summary>A signal came for its caller; an INTERRUPT is on its way.</summary>
    public bool Interrupted { get; set; }

    /// <summary>Nobody waits for the answer, or there is none: it goes back to the pool by itself.</summary>
    public bool Detached { get; set; }

    public CancellationTokenRegistration Cancellation { get; set; }

    /// <summary>Bytes after the message proper (of WRITE, SETXATTR, IOCTL); sent from where they are.</summary>
    public ReadOnlyMemory<byte> Data { get; set; }

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Message => _message.AsSpan(0, Length);

    /// <summary>The answer after its header; in the caller's buffer if <see cref="ExpectInto"/> gave one.</summary>
    public ReadOnlySpan<byte> Reply => (_into.IsEmpty ? _reply.AsSpan() : _into.Span)[..ReplyLength];

    public int ReplyLength { get; private set; }

    /// <summary>Begins a message; no answer of any size is expected yet.</summary>
    public FuseRequest Begin(FuseOpcode opcode, ulong node, Caller caller)
    {
        (Opcode, Node, Pid, Length) = (opcode, node, caller.Pid, 0);
        (_replyLimit, _fill) = (0, false);
        Add(new FuseInHeader { Opcode = opcode, Node = node, Uid = caller.Uid, Gid = caller.Gid, Pid = (uint)caller.Pid });
        return this;
    }

    /// <summary>Appends a struct, or its first <paramref name="size"/> bytes.</summary>
    public FuseRequest Add<T>(in T value, int size = 0) where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(in value, 1));
        return Add(size == 0 ? bytes : bytes[..size]);
    }

    public FuseRequest Add(ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > _message.Length)
            Array.Resize(ref _message, Math.Max(_message.Length * 2, Length + bytes.Length));
        bytes.CopyTo(_message.AsSpan(Length));
        Length += bytes.Length;
        return this;
    }

    /// <summary>Appends a name and its NUL.</summary>
    public FuseRequest AddName(ReadOnlySpan<byte> name) => Add(name).Add("\0"u8);

    /// <summary>An answer of exactly that many bytes.</summary>
    public FuseRequest Expect(int bytes)
    {
        (_replyLimit, _fill) = (bytes, true);
        return this;
    }

    /// <summary>An answer of at most that many bytes.</summary>
    public FuseRequest ExpectUpTo(int bytes)
    {
        (_replyLimit, _fill) = (bytes, false);
        return this;
    }

    /// <summary>An answer that goes to the caller's buffer, at most as much as fits.</summary>
    public FuseRequest ExpectInto(Memory<byte> buffer)
    {
        _into = buffer;
        return ExpectUpTo(buffer.Length);
    }

    /// <summary>The struct at an offset of the answer; what an older or shorter answer lacks is 0.</summary>
    public T Read<T>(int offset = 0) where T : unmanaged => Wire.Read<T>(Reply[Math.Min(offset, ReplyLength)..]);

    /// <summary>Writes what is known only when it is sent.</summary>
    public void Seal(ulong unique)
    {
        ref var header = ref MemoryMarshal.AsRef<FuseInHeader>(_message.AsSpan());
        header.Unique = unique;
        header.Length = (uint)(Length + Data.Length);
    }

    /// <summary>Takes the answer: EIO when its size is not what the request allows (fs/fuse/dev.c, copy_out_args).</summary>
    public Errno Take(Errno error, ReadOnlySpan<byte> payload)
    {
        ReplyLength = 0;
        if (error != Errno.None)
            return payload.IsEmpty ? error : Errno.EIO;
        if (payload.Length > _replyLimit || (_fill && payload.Length != _replyLimit))
            return Errno.EIO;
        if (_into.IsEmpty && _reply.Length < payload.Length)
            _reply = new byte[Math.Max(payload.Length, 256)];
        payload.CopyTo(_into.IsEmpty ? _reply : _into.Span);
        ReplyLength = payload.Length;
        return Errno.None;
    }

    public ValueTask<Errno> Completion => new(this, _completion.Version);

    public void Complete(Errno error) => _completion.SetResult(error);

    /// <summary>Back to the pool. A cancellation that is being told just now is waited for: it would name the next user's request.</summary>
    public void Dispose()
    {
        Cancellation.Dispose();
        Cancellation = default;
        _completion.Reset();
        (Unique, Sent, Interrupted, Detached, Length, ReplyLength) = (0, false, false, false, 0, 0);
        (Data, _into) = (default, default);
        if (_reply.Length > KeptBuffer)
            _reply = [];
        if (_message.Length > KeptBuffer)
            _message = new byte[512];
        session.Return(this);
    }

    /// <summary>The caller's token was cancelled; may be any thread.</summary>
    public void Cancelled() => session.Cancel(Unique);

    Errno IValueTaskSource<Errno>.GetResult(short token) => _completion.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<Errno>.GetStatus(short token) => _completion.GetStatus(token);

    void IValueTaskSource<Errno>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);
}

/// <summary>Structs in messages.</summary>
internal static class Wire
{
    /// <summary>The struct at the beginning; missing bytes are 0.</summary>
    public static T Read<T>(ReadOnlySpan<byte> bytes) where T : unmanaged
    {
        if (bytes.Length >= Unsafe.SizeOf<T>())
            return MemoryMarshal.Read<T>(bytes);
        T value = default;
        bytes.CopyTo(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref value, 1)));
        return value;
    }
}
