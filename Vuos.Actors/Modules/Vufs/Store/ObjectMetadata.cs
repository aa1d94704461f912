using System.Buffers;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>
/// Gives a new object the attributes of another. Both are named by links in /proc/self/fd, which lead to the object itself, whatever its type; calls that follow links
/// therefore work on symbolic links too.
/// </summary>
internal static class ObjectMetadata
{
    private const uint SetUid = 0x800, SetGid = 0x400;

    /// <summary>
    /// Owner, extended attributes, mode, times, in this order: chown(2) clears set-id bits and capabilities, and a mode follows an access list. What is refused is in
    /// <paramref name="refused"/>. A set-id bit is not put on a file whose owner or group could not be given: it would be a program of somebody else.
    /// </summary>
    public static Errno Copy(ReadOnlySpan<byte> from, in KernelStat stat, ReadOnlySpan<byte> to, out RecordedAttributes refused)
    {
        refused = default;
        var error = SetOwner(stat, to, ref refused);
        if (error == Errno.None)
            error = CopyExtended(from, to);
        if (error == Errno.None && !stat.IsLink)
            error = SetMode(stat, to, ref refused);
        // A file system may know no times, or less of them; nothing depends on it.
        FileChanges.SetTimes(At.FdCwd, to, stat);
        return error;
    }

    private static Errno SetOwner(in KernelStat stat, ReadOnlySpan<byte> to, ref RecordedAttributes refused)
    {
        var error = Sys.Error(FileChanges.SetOwner(to, stat.Uid, stat.Gid));
        if (!IsRefusal(error))
            return error;
        // One of our own groups may be given even so.
        error = Sys.Error(FileChanges.SetOwner(to, FileChanges.KeepId, stat.Gid));
        if (error != Errno.None && !IsRefusal(error))
            return error;
        error = Sys.Error(Files.Stat(to, out var now));
        if (error != Errno.None)
            return error;
        if (now.Uid != stat.Uid)
            refused = refused with { Uid = stat.Uid };
        if (now.Gid != stat.Gid)
            refused = refused with { Gid = stat.Gid };
        return Errno.None;
    }

    private static Errno SetMode(in KernelStat stat, ReadOnlySpan<byte> to, ref RecordedAttributes refused)
    {
        var wanted = stat.Mode & 0xFFF;
        var given = wanted;
        if (refused.Uid is not null)
            given &= ~SetUid;
        // On a directory the bit means that new files get the directory's group.
        if (refused.Gid is not null && !stat.IsDirectory)
            given &= ~SetGid;
        var error = Sys.Error(FileChanges.SetMode(to, given));
        if (error is not (Errno.None or Errno.EPERM or Errno.EOPNOTSUPP))
            return error;
        error = Sys.Error(Files.Stat(to, out var now));
        if (error == Errno.None && (now.Mode & 0xFFF) != wanted)
            refused = refused with { Mode = wanted };
        return error;
    }

    /// <summary>All attributes that can be had and set; those of overlayfs mean something only where they are, and labels are the system's own business.</summary>
    private static Errno CopyExtended(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        var names = ArrayPool<byte>.Shared.Rent(ExtendedAttributes.ListMax);
        var value = ArrayPool<byte>.Shared.Rent(ExtendedAttributes.ValueMax);
        try
        {
            RemoveInherited(to, names);
            var length = ExtendedAttributes.List(from, names);
            var error = Errno.None;
            for (var rest = names.AsSpan(0, (int)Math.Max(0, length)); !rest.IsEmpty && error == Errno.None;)
            {
                var name = rest[..(rest.IndexOf((byte)0) + 1)];
                rest = rest[name.Length..];
                if (name.StartsWith("overlay."u8) || name.StartsWith("trusted.overlay."u8) || name.StartsWith("user.overlay."u8))
                    continue;
                var size = ExtendedAttributes.Get(from, name, value);
                if (size < 0)
                    continue;
                error = Sys.Error(ExtendedAttributes.Set(to, name, value.AsSpan(0, (int)size)));
                if (IsRefusal(error) || error is Errno.EOPNOTSUPP or Errno.EACCES || name.StartsWith("trusted."u8) || name.StartsWith("security."u8))
                    error = Errno.None;
            }

            return error;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(names);
            ArrayPool<byte>.Shared.Return(value);
        }
    }

    /// <summary>Removes access lists that a new object has from its directory (acl(5)); the original has its own, or none.</summary>
    private static void RemoveInherited(ReadOnlySpan<byte> to, Span<byte> names)
    {
        var length = ExtendedAttributes.List(to, names);
        for (var rest = names[..(int)Math.Max(0, length)]; !rest.IsEmpty;)
        {
            var name = rest[..(rest.IndexOf((byte)0) + 1)];
            rest = rest[name.Length..];
            if (name.StartsWith("system.posix_acl_"u8))
                ExtendedAttributes.Remove(to, name);
        }
    }

    /// <summary>EPERM, and EINVAL for an id that the user namespace has not (chown(2)).</summary>
    private static bool IsRefusal(Errno error) => error is Errno.EPERM or Errno.EINVAL;
}
