using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>
/// Brings an object of the lower tree into the upper one. It appears by one system call, with everything it had; what the host refuses us is recorded before that in the
/// source's marks. Nothing is left behind by an error, and nothing visible by a kill.
/// </summary>
internal static class CopyUp
{
    private const uint OwnerWrites = 0x80;

    public delegate void CopyPrepared(in KernelStat copy, in KernelStat original);

    /// <summary>
    /// Copies one object (a directory without its content) from the host path <paramref name="lowerHost"/> to <paramref name="rel"/> in the source, whose parent is there
    /// already. Success if the source has it. <paramref name="length"/>: no more bytes than this are copied, for a file that is truncated next.
    /// Data is on the disk before it appears. <paramref name="prepared"/> is told of copy and original when it is about to appear.
    /// </summary>
    public static Errno Copy(SourceMarks marks, ReadOnlySpan<byte> lowerHost, ReadOnlySpan<byte> rel, long length = long.MaxValue,
        CopyPrepared? prepared = null)
    {
        if (rel.IsEmpty)
            return Errno.None;
        var path = new PathBuffer(lowerHost.Length + 2);
        path.Set(lowerHost);
        var lower = Files.Open(path.ForKernel(), OpenFlag.Path | OpenFlag.NoFollow | OpenFlag.CloExec);
        if (lower < 0)
            return Sys.Error(lower);
        var error = Sys.Error(Files.Stat(lower, out var stat));
        if (error == Errno.None)
        {
            error = Into(marks, rel, parent =>
            {
                var made = Make(marks, lower, stat, parent, length);
                if (made.Error == Errno.None && Files.Stat(made.Object!.Fd, out var copy) == 0)
                    prepared?.Invoke(copy, stat);
                return made;
            });
        }

        Files.Close(lower);
        return error == Errno.EEXIST ? Errno.None : error;
    }

    /// <summary>
    /// Stands in for a mknod(2) that the host refuses: an empty regular file, recorded as the device <paramref name="rdev"/>. Type and permissions are those of
    /// <paramref name="mode"/>, whatever the umask. EEXIST if the name is taken, EINVAL if <paramref name="mode"/> is no device or socket.
    /// </summary>
    public static Errno MakeDevice(SourceMarks marks, ReadOnlySpan<byte> rel, uint mode, ulong rdev)
    {
        if (rel.IsEmpty)
            return Errno.EEXIST;
        if (TypeLetter(mode) is not { } type)
            return Errno.EINVAL;
        var record = new RecordedAttributes { Type = type, Rdev = type == 's' ? null : rdev };
        return Into(marks, rel, parent =>
        {
            var error = NewObject.File(marks.Temporary, parent, out var made);
            if (made is not null)
                error = Sys.Error(FileChanges.SetMode(made.Path, mode & 0xFFF));
            return new Prepared(error, made, record, IsNew: true);
        });
    }

    /// <summary>
    /// What is to appear: the object, and what must be recorded for it. A copy lets what is recorded already stand, and the times of its directory; for what
    /// <paramref name="IsNew"/>, an older record is of something that is gone.
    /// </summary>
    private readonly record struct Prepared(Errno Error, NewObject? Object, RecordedAttributes Record, bool IsNew = false);

    private static byte? TypeLetter(uint mode) => (mode & FileType.Mask) switch
    {
        FileType.Char => (byte)'c',
        FileType.Block => (byte)'b',
        FileType.Socket => (byte)'s',
        _ => null,
    };

    /// <summary>Prepares an object for a name in the source that is free, and has it appear there.</summary>
    private static Errno Into(SourceMarks marks, ReadOnlySpan<byte> rel, Func<long, Prepared> make)
    {
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        var parent = Files.Open2(
            MarkName.Of(BytePath.Parent(rel), buffer),
            OpenFlag.Path | OpenFlag.Directory | OpenFlag.CloExec,
            OpenHow.Beneath | OpenHow.NoSymlinks,
            (int)marks.SourceFd);
        if (parent < 0)
            return Sys.Error(parent);
        var name = MarkName.Of(rel[BytePath.Parent(rel).Length..], buffer);
        var error = Sys.Error(Files.Stat(name, out _, At.SymlinkNoFollow, (int)parent));
        error = error switch { Errno.None => Errno.EEXIST, Errno.ENOENT => Errno.None, _ => error };
        if (error == Errno.None)
        {
            var prepared = make(parent);
            error = prepared.Error;
            if (error == Errno.None)
                error = Record(marks, rel, prepared, parent, name);
            prepared.Object?.Dispose();
        }

        Files.Close(parent);
        return error;
    }

    private static Errno Record(SourceMarks marks, ReadOnlySpan<byte> rel, in Prepared prepared, long parent, ReadOnlySpan<byte> name)
    {
        marks.TryReadAttributes(rel, out var before);
        var record = prepared.IsNew ? prepared.Record : prepared.Record.OverriddenBy(before);
        // An unprivileged rename of a directory needs write permission on that itself, for its "..". It gets its own mode when it is in place; until then the record tells it.
        KernelStat stat = default;
        var locked = prepared.Object is { IsDirectory: true } folder && Files.Stat(folder.Path, out stat) == 0 && (stat.Mode & OwnerWrites) == 0;
        var shown = locked ? record with { Mode = record.Mode ?? stat.Mode & 0xFFF } : record;
        var error = shown == before ? Errno.None : marks.WriteAttributes(rel, shown);
        if (error == Errno.None && locked)
            error = Sys.Error(FileChanges.SetMode(prepared.Object!.Path, (stat.Mode & 0xFFF) | OwnerWrites));
        if (error == Errno.None)
            error = Publish(prepared, parent, name);
        if (error != Errno.None)
        {
            if (shown != before)
                marks.WriteAttributes(rel, before);
            return error;
        }

        if (locked)
        {
            error = Sys.Error(FileChanges.SetMode(prepared.Object!.Path, stat.Mode & 0xFFF));
            if (error == Errno.None && shown != record)
                error = marks.WriteAttributes(rel, record);
        }

        return error;
    }

    /// <summary>Has it appear; that a copy is made does not show in the times of its directory.</summary>
    private static Errno Publish(in Prepared prepared, long parent, ReadOnlySpan<byte> name)
    {
        var known = Files.Stat(parent, out var stat) == 0;
        var error = prepared.Object!.Publish(parent, name);
        if (error != Errno.None || !known || prepared.IsNew)
            return error;
        Span<byte> path = stackalloc byte[32];
        NewObject.WriteProcPath(parent, path);
        FileChanges.SetTimes(At.FdCwd, path, stat);
        return Errno.None;
    }

    private static Prepared Make(SourceMarks marks, long lower, in KernelStat stat, long parent, long length)
    {
        RecordedAttributes record = default;
        Span<byte> from = stackalloc byte[32];
        NewObject.WriteProcPath(lower, from);
        NewObject? made;
        Errno error;
        if (stat.IsRegular)
        {
            error = NewObject.File(marks.Temporary, parent, out made);
            if (error == Errno.None && length > 0)
                error = CopyData(from, made!.Fd, stat.Size, length);
        }
        else
        {
            error = MakeNode(marks.Temporary, lower, stat, out made);
            if (error == Errno.EPERM && stat.Type is FileType.Char or FileType.Block)
            {
                error = NewObject.File(marks.Temporary, parent, out made);
                record = new RecordedAttributes { Type = TypeLetter(stat.Mode), Rdev = stat.Rdev };
            }
        }

        if (error != Errno.None)
            return new Prepared(error, made, record);
        error = ObjectMetadata.Copy(from, stat, made!.Path, out var refused);
        return new Prepared(error, made, record.OverriddenBy(refused));
    }

    private static Errno MakeNode(TemporaryFolder temporary, long lower, in KernelStat stat, out NewObject? made)
    {
        made = null;
        Span<byte> target = stackalloc byte[stat.IsLink ? MarkName.Capacity : 1];
        target.Clear();
        if (stat.IsLink)
        {
            var length = Files.ReadLink((int)lower, target[..^1]);
            if (length < 0)
                return Sys.Error(length);
            target[(int)length] = 0;
        }

        return NewObject.Node(temporary, stat.Mode, stat.Rdev, target, out made);
    }

    private static Errno CopyData(ReadOnlySpan<byte> lower, long to, long size, long length)
    {
        // That a copy reads the file is nothing its access time should tell; only its owner may ask for that (open(2)).
        var from = Files.Open(lower, OpenFlag.NoAtime | OpenFlag.CloExec);
        if (Sys.Error(from) == Errno.EPERM)
            from = Files.Open(lower, OpenFlag.CloExec);
        if (from < 0)
            return Sys.Error(from);
        var error = FileData.Copy(from, to, size, length);
        Files.Close(from);
        if (error == Errno.None)
            error = Sys.Error(Sys.Call(Nr.Fdatasync, to));
        // Not every file system has anything to sync (EINVAL: fsync(2)).
        return error == Errno.EINVAL ? Errno.None : error;
    }
}
