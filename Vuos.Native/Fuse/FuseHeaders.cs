using System.Runtime.InteropServices;

namespace Vuos.Native.Fuse;

/// <summary><c>struct fuse_in_header</c>: begins each message to the server. 40 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseInHeader
{
    public const int SizeOf = 40;

    /// <summary>Bytes of the whole message.</summary>
    public uint Length;
    public FuseOpcode Opcode;
    public ulong Unique, Node;
    public uint Uid, Gid, Pid;
    public ushort ExtensionLength, Padding;
}

/// <summary><c>struct fuse_out_header</c>: begins each message from the server. 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FuseOutHeader
{
    public const int SizeOf = 16;

    /// <summary>Bytes of the whole message.</summary>
    public uint Length;

    /// <summary>0 or a negated errno; a <see cref="FuseNotifyCode"/> when <see cref="Unique"/> is 0.</summary>
    public int Error;
    public ulong Unique;
}

/// <summary><c>struct fuse_init_in</c>, 64 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct FuseInitIn
{
    public uint Major, Minor, MaxReadAhead, Flags, Flags2;
    private fixed uint _padding[11];
}

/// <summary><c>struct fuse_init_out</c>, 64 bytes; older servers send only its beginning.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct FuseInitOut
{
    public uint Major, Minor, MaxReadAhead, Flags;
    public ushort MaxBackground, CongestionThreshold;

    /// <summary>Bytes.</summary>
    public uint MaxWrite;

    /// <summary>Granularity of times, ns.</summary>
    public uint TimeGranularity;
    public ushort MaxPages, MapAlignment;
    public uint Flags2;
    private fixed uint _padding[7];
}
