using System.Buffers.Binary;
using System.Text;
using Vuos.Actors.Modules.Fuse;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Fuse;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Fuse;

/// <summary>The other end of a session, in the hands of a test: it reads each message as a server does and answers what the test says, byte by byte.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    /// <summary>Milliseconds; a message that does not come fails the test.</summary>
    private const int Patience = 20_000;

    public const string Options = "fd=3,rootmode=40000,user_id=0,group_id=0,allow_other";

    private int _descriptor;

    private ScriptedServer(FuseSession session, FuseFileSystem files)
    {
        (Session, Files) = (session, files);
        const int FDupFdCloExec = 1030;
        _descriptor = (int)Sys.Call(Nr.Fcntl, session.ServerDescriptor, FDupFdCloExec, 0);
        session.CloseServerEnd();
    }

    /// <summary>A message of the kernel's side.</summary>
    public sealed record Message(FuseInHeader Header, byte[] Body)
    {
        public string Text => Encoding.UTF8.GetString(Body).Replace('\0', '|');
    }

    public FuseSession Session { get; }

    public FuseFileSystem Files { get; }

    public static Caller Me { get; } = new(1000, 1001, 77, 0x12);

    /// <summary>Everything the current header has, as a 64-bit set.</summary>
    public const ulong AllFlags = ulong.MaxValue;

    /// <summary>A mount whose INIT is not answered yet.</summary>
    public static ScriptedServer Start(IInvalidation? invalidation = null, string options = Options)
    {
        Assert.Equal(Errno.None, FuseMountOptions.Parse(options, blockDevice: false, out var parsed));
        var session = FuseSession.Create().Value;
        return new ScriptedServer(session, new FuseFileSystem(session, parsed, invalidation ?? new Notices()));
    }

    public static async Task<ScriptedServer> MountAsync(uint minor = FuseProtocol.Minor, ulong flags = AllFlags, uint maxWrite = 1 << 20, IInvalidation? invalidation = null, string options = Options)
    {
        var server = Start(invalidation, options);
        var started = server.Files.StartAsync(Request, default).AsTask();
        var init = server.Next(FuseOpcode.Init);
        server.Reply(init, 7u, minor, 65536u, (uint)flags, (ushort)12, (ushort)9, maxWrite, 1u, (ushort)32, (ushort)0, (uint)(flags >> 32), new byte[28]);
        Assert.Equal(Errno.None, (await started).Error);
        return server;
    }

    public static Vuos.FileSystems.MountRequest Request { get; } = new() { Type = "fuse", Source = "test" };

    /// <summary>The next message, which must be this one.</summary>
    public Message Next(FuseOpcode opcode)
    {
        var message = Read() ?? throw new InvalidOperationException($"the session ended instead of {opcode}");
        Assert.Equal(opcode, message.Header.Opcode);
        return message;
    }

    /// <summary>The next message, or null at the end.</summary>
    public Message? Read()
    {
        Assert.NotEqual(0, MessageSocket.Poll([new PollFd { Descriptor = _descriptor, Events = PollFd.In }], Patience));
        var buffer = new byte[1 << 20];
        var length = MessageSocket.Receive(_descriptor, buffer);
        if (length <= 0)
            return null;
        var header = Wire.Read<FuseInHeader>(buffer);
        Assert.Equal(length, header.Length);
        return new Message(header, buffer[FuseInHeader.SizeOf..(int)length]);
    }

    /// <summary>Whether a message is there now.</summary>
    public bool Waiting => MessageSocket.Poll([new PollFd { Descriptor = _descriptor, Events = PollFd.In }], 0) > 0;

    public void Reply(Message to, params object[] parts) => Send(Answer(to.Header.Unique, Errno.None, Bytes(parts)));

    public void Fail(Message to, Errno error) => Send(Answer(to.Header.Unique, error, []));

    public void Notify(FuseNotifyCode code, params object[] parts) => Send(Answer(0, (Errno)(-(int)code), Bytes(parts)));

    public static byte[] Answer(ulong unique, Errno error, byte[] payload) => Bytes((uint)(16 + payload.Length), -(int)error, unique, payload);

    /// <summary>One message as it is; waits as a server's write does.</summary>
    public void Send(ReadOnlySpan<byte> message)
    {
        Errno error;
        while ((error = MessageSocket.Send(_descriptor, message, [])) == Errno.EAGAIN)
            Assert.NotEqual(0, MessageSocket.Poll([new PollFd { Descriptor = _descriptor, Events = PollFd.Out }], Patience));
        Assert.Equal(Errno.None, error);
    }

    /// <summary>The server dies.</summary>
    public void Die()
    {
        if (Interlocked.Exchange(ref _descriptor, -1) is >= 0 and var descriptor)
            Vuos.Native.Kernel.Files.Close(descriptor);
    }

    /// <summary>Numbers in the machine's order, strings with their NUL, arrays as they are.</summary>
    public static byte[] Bytes(params object[] parts)
    {
        var bytes = new List<byte>();
        foreach (var part in parts)
            bytes.AddRange(One(part));
        return [.. bytes];
    }

    private static byte[] One(object part)
    {
        var number = new byte[8];
        switch (part)
        {
            case byte[] raw:
                return raw;
            case string text:
                return [.. Encoding.UTF8.GetBytes(text), 0];
            case ushort value:
                BinaryPrimitives.WriteUInt16LittleEndian(number, value);
                return number[..2];
            case uint value:
                BinaryPrimitives.WriteUInt32LittleEndian(number, value);
                return number[..4];
            case int value:
                BinaryPrimitives.WriteInt32LittleEndian(number, value);
                return number[..4];
            case ulong value:
                BinaryPrimitives.WriteUInt64LittleEndian(number, value);
                return number;
            case long value:
                BinaryPrimitives.WriteInt64LittleEndian(number, value);
                return number;
            default:
                throw new ArgumentException(part.GetType().Name);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Die();
        await Files.DisposeAsync();
    }
}
