using System.Buffers.Binary;
using System.Buffers.Text;
using Vuos.Actors.Calls.Unions;
using Vuos.Actors.Calls.Virtual;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls;

/// <summary>What came of looking at a socket address.</summary>
internal enum AddressResult : byte
{
    /// <summary>No path, or one that means the same on the host.</summary>
    Same,

    /// <summary>The call must be made with <see cref="SocketAddresses.Bytes"/>.</summary>
    Other,

    /// <summary><see cref="SocketAddresses.Verdict"/> comes first: an error, or a descriptor has to be opened.</summary>
    Decided,
}

/// <summary>
/// Translates one AF_UNIX address (unix(7)). A host path longer than an address holds is reached through a descriptor that the guest opens for the time of the call:
/// <c>/proc/self/fd/N</c> names the socket, or, for bind, <c>/proc/self/fd/N/NAME</c> the new name in its directory.
/// </summary>
internal sealed class SocketAddresses(PathArguments paths, MountRules rules, SocketNames names, UnionPlanner unions, VirtualSockets virtuals)
{
    public const int AfUnix = 1, PathOffset = 2, MaxPath = 108;

    private readonly byte[] address = new byte[PathOffset + MaxPath + 2];
    private readonly Resolution found = new();
    private readonly PathBuffer given = new();
    private readonly PathBuffer parent = new();
    private readonly PathBuffer alias = new();
    private readonly byte[] digits = new byte[16];
    private int size;

    /// <summary>The address to use instead.</summary>
    public ReadOnlySpan<byte> Bytes => address.AsSpan(0, size);

    /// <summary>Its path.</summary>
    public ReadOnlySpan<byte> Path => alias.Span;

    /// <summary>The path as the guest gave it.</summary>
    public ReadOnlySpan<byte> Given => given.Span;

    public Verdict Verdict { get; private set; }

    public AddressResult Translate(Call call, long pointer, int length, bool binds)
    {
        given.Clear();
        if (pointer == 0 || length <= PathOffset || length > PathOffset + MaxPath)
            return AddressResult.Same;
        var bytes = address.AsSpan(0, length);
        if (GuestMemory.Read(call.Thread.Tid, pointer, bytes) != Errno.None)
            return AddressResult.Same;
        if (BinaryPrimitives.ReadUInt16LittleEndian(bytes) != AfUnix || bytes[PathOffset] == 0)
            return AddressResult.Same;
        var path = bytes[PathOffset..];
        var nul = path.IndexOf((byte)0);
        if (nul >= 0)
            path = path[..nul];
        given.Set(path);
        paths.Resolver.Resolve(call.Thread, At.FdCwd, path, follow: !binds, examine: binds, found);
        if (found.Kind == ResolutionKind.Failed)
            return Decide(Verdict.Fail(found.Error));
        if (paths.Resolver.Table.AnyVirtual && virtuals.Decides(call, found, binds, out var place, out var first))
            return place is null ? Decide(first) : place.Length > MaxPath ? Decide(Verdict.Fail(Errno.ENAMETOOLONG)) : Use(place);
        if (binds && !found.Unexamined && rules.Refuse(found, PathUse.Create) is var refusal && refusal != Errno.None)
            return Decide(Verdict.Fail(refusal == Errno.EEXIST ? Errno.EADDRINUSE : refusal));
        if (binds && unions.Decides(call, found, PathUse.Create, out var verdict))
            return Decide(verdict == Verdict.Fail(Errno.EEXIST) ? Verdict.Fail(Errno.EADDRINUSE) : verdict);
        if (found.Kind == ResolutionKind.Native)
            return AddressResult.Same;
        if (found.Host.Length <= MaxPath)
            return Use(found.Host.Span);
        parent.Set(binds ? BytePath.Parent(found.Host.Span) : found.Host.Span);
        if (call.Thread.Borrowed is not { } borrowed || !parent.Span.SequenceEqual(borrowed.Path))
            return Decide(Borrow(call));
        return binds ? UseNewName(borrowed.Descriptor, BytePath.Name(found.Host.Span)) : Use(Alias(borrowed.Descriptor));
    }

    /// <summary>The call is replaced by an open of what the alias will go through; then it is decided again.</summary>
    private Verdict Borrow(Call call)
    {
        var pending = call.Thread.Pending;
        pending.Begin(call.Number);
        pending.ReplacementNumber = Nr.Open;
        pending.Replace(0, parent.ForKernel());
        pending.Replace(1, (long)(OpenFlag.Path | OpenFlag.CloExec));
        pending.After = AfterCall.BorrowDescriptor;
        pending.View = parent.Span.ToArray();
        return Verdict.Rewrite;
    }

    /// <summary>A name is given back by its bytes, so no two sockets may be bound under the same alias: "./" makes the difference.</summary>
    private AddressResult UseNewName(int descriptor, ReadOnlySpan<byte> name)
    {
        Alias(descriptor);
        alias.Push(name);
        while (names.Find(alias.Span) is not null && alias.Length + 2 <= MaxPath)
        {
            alias.Truncate(alias.Length - name.Length - 1);
            alias.Push("."u8);
            alias.Push(name);
        }

        return alias.Length > MaxPath ? Decide(Verdict.Fail(Errno.ENAMETOOLONG)) : Use(alias.Span);
    }

    private ReadOnlySpan<byte> Alias(int descriptor)
    {
        Utf8Formatter.TryFormat(descriptor, digits, out var length);
        alias.Set("/proc/self/fd"u8);
        alias.Push(digits.AsSpan(0, length));
        return alias.Span;
    }

    private AddressResult Use(ReadOnlySpan<byte> path)
    {
        path.CopyTo(address.AsSpan(PathOffset));
        address[PathOffset + path.Length] = 0;
        size = PathOffset + Math.Min(path.Length + 1, MaxPath);
        alias.Set(address.AsSpan(PathOffset, path.Length));
        return AddressResult.Other;
    }

    private AddressResult Decide(Verdict verdict)
    {
        Verdict = verdict;
        return AddressResult.Decided;
    }
}
