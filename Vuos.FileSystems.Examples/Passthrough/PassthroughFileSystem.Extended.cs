using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>Extended attributes, xattr(7).</summary>
public sealed partial class PassthroughFileSystem
{
    public async ValueTask<Answer<byte[]>> GetExtendedAsync(ulong node, byte[] name, Caller caller, CancellationToken cancel)
    {
        if (nodes[node] is not { } found)
            return Errno.ESTALE;
        var value = new byte[ExtendedAttributes.ValueMax];
        var length = ExtendedAttributes.Get(found.Path, [.. name, 0], value);
        return Sys.Failed(length) ? Sys.Error(length) : value[..(int)length];
    }

    public async ValueTask<Errno> SetExtendedAsync(ulong node, byte[] name, ReadOnlyMemory<byte> value, uint flags, Caller caller, CancellationToken cancel) =>
        nodes[node] is { } found ? Sys.Error(ExtendedAttributes.Set(found.Path, [.. name, 0], value.Span, flags)) : Errno.ESTALE;

    public async ValueTask<Answer<byte[]>> ListExtendedAsync(ulong node, Caller caller, CancellationToken cancel)
    {
        if (nodes[node] is not { } found)
            return Errno.ESTALE;
        var names = new byte[ExtendedAttributes.ListMax];
        var length = ExtendedAttributes.List(found.Path, names);
        return Sys.Failed(length) ? Sys.Error(length) : names[..(int)length];
    }

    public async ValueTask<Errno> RemoveExtendedAsync(ulong node, byte[] name, Caller caller, CancellationToken cancel) =>
        nodes[node] is { } found ? Sys.Error(ExtendedAttributes.Remove(found.Path, [.. name, 0])) : Errno.ESTALE;
}
