using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>Extended attributes, xattr(7).</summary>
public sealed partial class MemoryFileSystem
{
    private const uint OnlyCreate = 1, OnlyReplace = 2;

    public async ValueTask<Answer<byte[]>> GetExtendedAsync(ulong node, byte[] name, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            if (nodes[node] is not { } found)
                return Errno.ESTALE;
            if (!InKnownNamespace(name))
                return Errno.EOPNOTSUPP;
            return found.Extended.TryGetValue(name, out var value) ? value : Errno.ENODATA;
        }
    }

    public async ValueTask<Errno> SetExtendedAsync(ulong node, byte[] name, ReadOnlyMemory<byte> value, uint flags, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            if (nodes[node] is not { } found)
                return Errno.ESTALE;
            var error = Changeable(found, name, caller);
            if (error != Errno.None)
                return error;
            if (name.Length > FileName.MaxLength)
                return Errno.ERANGE;
            if (value.Length > ExtendedAttributes.ValueMax)
                return Errno.E2BIG;
            var exists = found.Extended.ContainsKey(name);
            if (exists && (flags & OnlyCreate) != 0)
                return Errno.EEXIST;
            if (!exists && (flags & OnlyReplace) != 0)
                return Errno.ENODATA;
            if (!exists && found.Extended.Keys.Sum(static n => n.Length + 1) + name.Length + 1 > ExtendedAttributes.ListMax)
                return Errno.ENOSPC;
            found.Extended[name] = value.ToArray();
            found.Changed();
            return Errno.None;
        }
    }

    public async ValueTask<Answer<byte[]>> ListExtendedAsync(ulong node, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            if (nodes[node] is not { } found)
                return Errno.ESTALE;
            // Attributes of the kernel's administration are not shown to users (xattr(7)).
            var shown = found.Extended.Keys.Where(name => caller.Uid == 0 || !name.AsSpan().StartsWith("trusted."u8));
            return shown.SelectMany(static name => name.Append((byte)0)).ToArray();
        }
    }

    public async ValueTask<Errno> RemoveExtendedAsync(ulong node, byte[] name, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            if (nodes[node] is not { } found)
                return Errno.ESTALE;
            var error = Changeable(found, name, caller);
            if (error != Errno.None)
                return error;
            if (!found.Extended.Remove(name))
                return Errno.ENODATA;
            found.Changed();
            return Errno.None;
        }
    }

    private static bool InKnownNamespace(ReadOnlySpan<byte> name) => name.StartsWith("user."u8) || name.StartsWith("trusted."u8) || name.StartsWith("security."u8);

    private static Errno Changeable(MemoryNode node, ReadOnlySpan<byte> name, Caller caller)
    {
        if (!InKnownNamespace(name))
            return Errno.EOPNOTSUPP;
        if (name.StartsWith("trusted."u8))
            return caller.Uid == 0 ? Errno.None : Errno.EPERM;
        return name.StartsWith("user."u8) && node.Content is null && node.Directory is null ? Errno.EPERM : Errno.None;
    }
}
