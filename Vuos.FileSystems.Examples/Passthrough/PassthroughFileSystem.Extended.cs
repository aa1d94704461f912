using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>Extended attributes, xattr(7).</summary>
public sealed partial class PassthroughFileSystem
{
    public async ValueTask<Answer<byte[]>> GetExtendedAsync(ulong node, byte[] name, Caller caller, CancellationToken cancel)
    {
        using var found = nodes.Use(node);
        if (found.Failed)
            return found.Error;
        var value = new byte[ExtendedAttributes.ValueMax];
        var length = ExtendedAttributes.Get(found.Path, [.. name, 0], value);
        return Sys.Failed(length) ? Sys.Error(length) : value[..(int)length];
    }

    public async ValueTask<Errno> SetExtendedAsync(ulong node, byte[] name, ReadOnlyMemory<byte> value, uint flags, Caller caller, CancellationToken cancel)
    {
        using var found = nodes.Use(node);
        return found.Failed ? found.Error : Sys.Error(ExtendedAttributes.Set(found.Path, [.. name, 0], value.Span, flags));
    }

    public async ValueTask<Answer<byte[]>> ListExtendedAsync(ulong node, Caller caller, CancellationToken cancel)
    {
        using var found = nodes.Use(node);
        if (found.Failed)
            return found.Error;
        var names = new byte[ExtendedAttributes.ListMax];
        var length = ExtendedAttributes.List(found.Path, names);
        return Sys.Failed(length) ? Sys.Error(length) : names[..(int)length];
    }

    public async ValueTask<Errno> RemoveExtendedAsync(ulong node, byte[] name, Caller caller, CancellationToken cancel)
    {
        using var found = nodes.Use(node);
        return found.Failed ? found.Error : Sys.Error(ExtendedAttributes.Remove(found.Path, [.. name, 0]));
    }
}
