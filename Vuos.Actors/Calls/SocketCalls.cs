using System.Buffers.Binary;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls;

/// <summary>bind, connect and sendto with an AF_UNIX path (unix(7)): the name is resolved in the view and the address rewritten.</summary>
internal sealed class SocketCalls(PathArguments paths, MountRules rules)
{
    private const int AfUnix = 1, PathOffset = 2, MaxPath = 108;

    private readonly byte[] address = new byte[PathOffset + MaxPath + 2];
    private readonly Resolution found = new();

    public Verdict Decide(Call call)
    {
        var at = call.Number == Nr.Sendto ? 4 : 1;
        var length = (int)call.Args[at + 1];
        if (call.Args[at] == 0 || length <= PathOffset || length > PathOffset + MaxPath)
            return Verdict.Continue;
        var bytes = address.AsSpan(0, length);
        if (GuestMemory.Read(call.Thread.Tid, call.Args[at], bytes) != Errno.None)
            return Verdict.Continue;
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes) != AfUnix || bytes[PathOffset] == 0)
            return Verdict.Continue;
        var path = bytes[PathOffset..];
        var nul = path.IndexOf((byte)0);
        if (nul >= 0)
            path = path[..nul];
        var binds = call.Number == Nr.Bind;
        paths.Resolver.Resolve(call.Thread, At.FdCwd, path, follow: !binds, examine: binds, found);
        if (found.Kind == ResolutionKind.Failed)
            return Verdict.Fail(found.Error);
        if (binds && !found.Unexamined && rules.Refuse(found, PathUse.Create) is var refusal && refusal != Errno.None)
            return Verdict.Fail(refusal == Errno.EEXIST ? Errno.EADDRINUSE : refusal);
        if (found.Kind == ResolutionKind.Native)
            return Verdict.Continue;
        var host = found.Host.Span;
        if (host.Length > MaxPath)
            return Verdict.Fail(Errno.ENAMETOOLONG);
        host.CopyTo(address.AsSpan(PathOffset));
        address[PathOffset + host.Length] = 0;
        var size = PathOffset + Math.Min(host.Length + 1, MaxPath);
        var pending = call.Thread.Pending;
        pending.Begin(call.Number);
        pending.Replace(at, address.AsSpan(0, size));
        pending.Replace(at + 1, size);
        return Verdict.Rewrite;
    }
}
