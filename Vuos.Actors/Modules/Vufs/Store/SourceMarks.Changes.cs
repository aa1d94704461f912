using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>Changes, by one thread at a time. A mark that was made is announced (<see cref="Any"/>) before it can be needed.</summary>
internal sealed partial class SourceMarks
{
    private const uint FileMode = 0x1A4, FolderMode = 0x1C0;

    /// <summary>
    /// Hides the lower tree's object at <paramref name="rel"/> and what is below it; marks that were below it go. Success if it was hidden already. EBUSY for the root.
    /// Where the file system cannot exchange two names (EINVAL), what is below a directory with marks shows through for an instant.
    /// </summary>
    public Errno Whiteout(ReadOnlySpan<byte> rel)
    {
        if (rel.IsEmpty)
            return Errno.EBUSY;
        any = true;
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        var name = MarkName.Of(rel, buffer);
        var error = Sys.Error(FileChanges.MakeNode(MarksFd, name, FileType.Regular | FileMode));
        if (error == Errno.ENOENT)
        {
            error = MakeParents(name);
            if (error == Errno.None)
                error = Sys.Error(FileChanges.MakeNode(MarksFd, name, FileType.Regular | FileMode));
            if (error != Errno.None)
                Prune(name);
        }

        switch (error)
        {
            case Errno.EEXIST:
                var examined = Sys.Error(Files.Stat(name, out var stat, At.SymlinkNoFollow, (int)MarksFd));
                return examined != Errno.None ? examined : stat.IsDirectory ? ReplaceFolder(name) : IsWhiteout(stat, rel) ? Errno.None : Errno.EEXIST;
            case Errno.ENOTDIR:
                return WhiteoutLength(rel) > 0 ? Errno.None : error;
            default:
                return error;
        }
    }

    /// <summary>Takes back the whiteout of <paramref name="rel"/> itself; one of a directory it is in stays. ENOENT is success.</summary>
    public Errno RemoveWhiteout(ReadOnlySpan<byte> rel)
    {
        if (rel.IsEmpty || !any)
            return Errno.None;
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        var name = MarkName.Of(rel, buffer);
        if (rel[^1] == MarkName.RecordEnd && Files.Stat(name, out var stat, At.SymlinkNoFollow, (int)MarksFd) == 0 && !IsWhiteout(stat, rel))
            return Errno.None;
        return Remove(name);
    }

    /// <summary>Removes what is recorded for <paramref name="rel"/>. ENOENT is success.</summary>
    public Errno DropAttributes(ReadOnlySpan<byte> rel)
    {
        if (!anyAttributes)
            return Errno.None;
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        return Remove(MarkName.Record(rel, buffer));
    }

    /// <summary>
    /// Records attributes in the place of those that were; an empty value removes them. Names of one file (hard links) share a record, which is then rewritten in place.
    /// ENOTDIR: a whiteout hides a directory on the way, see <see cref="ExpandWhiteout"/>. ENAMETOOLONG also for a name of 255 bytes: DEL does not fit behind it.
    /// </summary>
    public Errno WriteAttributes(ReadOnlySpan<byte> rel, RecordedAttributes attributes)
    {
        if (attributes.IsEmpty)
            return DropAttributes(rel);
        any = true;
        anyAttributes = true;
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        var name = MarkName.Record(rel, buffer);
        Span<byte> text = stackalloc byte[RecordedAttributes.MaxText];
        var length = attributes.Format(text);
        if (Files.Stat(name, out var stat, At.SymlinkNoFollow, (int)MarksFd) == 0 && stat.IsRegular && stat.Nlink > 1)
            return Rewrite(name, text, length, stat.Size);
        var error = Prepare(text[..length], out var prepared);
        if (error != Errno.None)
            return error;
        error = MoveIn(temporary.Fd(), prepared, name);
        if (error != Errno.None)
            temporary.Remove(prepared);
        return error;
    }

    /// <summary>A file with this text in the folder of temporaries, to be moved to its place whole; nothing is left of one that could not be written.</summary>
    private Errno Prepare(ReadOnlySpan<byte> text, out byte[] prepared)
    {
        prepared = [];
        var folder = temporary.Fd();
        if (folder < 0)
            return Sys.Error(folder);
        prepared = temporary.NewName();
        var fd = Files.Open(prepared, OpenFlag.WrOnly | OpenFlag.Creat | OpenFlag.Excl | OpenFlag.CloExec, (int)FileMode, (int)folder);
        if (fd < 0)
            return Sys.Error(fd);
        var error = Sys.Error(Files.WriteAll(fd, text));
        Files.Close(fd);
        if (error != Errno.None)
            temporary.Remove(prepared);
        return error;
    }

    /// <summary>
    /// Makes the whiteout of a directory one of each name in it, so that marks can be put below it; nothing becomes visible if the source has that directory, else an empty one
    /// would. Success if it is such a directory already, ENOENT if nothing is there.
    /// </summary>
    public Errno ExpandWhiteout(ReadOnlySpan<byte> rel, IReadOnlyCollection<byte[]> lowerNames)
    {
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        var name = MarkName.Of(rel, buffer);
        var error = Sys.Error(Files.Stat(name, out var stat, At.SymlinkNoFollow, (int)MarksFd));
        if (error != Errno.None || stat.IsDirectory)
            return error;
        var folder = temporary.Fd();
        if (folder < 0)
            return Sys.Error(folder);
        var prepared = temporary.NewName();
        error = Sys.Error(FileChanges.MakeDirectory(folder, prepared, FolderMode));
        if (error != Errno.None)
            return error;
        error = Fill(folder, prepared, lowerNames);
        if (error == Errno.None)
            error = Exchange(folder, prepared, name);
        Discard(prepared);
        return error;
    }

    /// <summary>
    /// Gives <paramref name="to"/>, a new hard link of <paramref name="from"/>, the record of that; if there is none, what <paramref name="to"/> had goes. Where the file
    /// system has no hard links the record is copied.
    /// </summary>
    public Errno LinkAttributes(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        if (!anyAttributes)
            return Errno.None;
        var folder = temporary.Fd();
        if (folder < 0)
            return Sys.Error(folder);
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        var prepared = temporary.NewName();
        var error = Sys.Error(FileChanges.Link(MarksFd, MarkName.Record(from, buffer), folder, prepared));
        switch (error)
        {
            case Errno.None:
                error = MoveIn(folder, prepared, MarkName.Record(to, buffer));
                // rename(2) leaves both names if they are the same file already.
                temporary.Remove(prepared);
                return error;
            case Errno.ENOENT or Errno.ENOTDIR:
                return DropAttributes(to);
            case Errno.EPERM or Errno.EOPNOTSUPP or Errno.EMLINK:
                return TryReadAttributes(from, out var attributes) ? WriteAttributes(to, attributes) : DropAttributes(to);
            default:
                return error;
        }
    }

    /// <summary>
    /// New text in an existing file. Line ends fill up what the old text was longer, so that a look-up at any time finds whole lines of the one or the other.
    /// </summary>
    private Errno Rewrite(ReadOnlySpan<byte> name, Span<byte> text, int length, long oldLength)
    {
        var fd = Files.Open(name, OpenFlag.WrOnly | OpenFlag.NoFollow | OpenFlag.CloExec, dirFd: (int)MarksFd);
        if (fd < 0)
            return Sys.Error(fd);
        var whole = (int)Math.Clamp(oldLength, length, text.Length);
        text[length..whole].Fill((byte)'\n');
        var error = Sys.Error(FileChanges.WriteAllAt(fd, text[..whole], 0));
        if (error == Errno.None)
            error = Sys.Error(Sys.Call(Nr.Ftruncate, fd, length));
        Files.Close(fd);
        return error;
    }

    /// <summary>Renames what is in a folder, that of temporaries or of marks, to a mark, making the directories it is in.</summary>
    private Errno MoveIn(long folder, ReadOnlySpan<byte> old, Span<byte> name)
    {
        var error = Sys.Error(FileChanges.Rename(folder, old, MarksFd, name));
        if (error != Errno.ENOENT)
            return error;
        error = MakeParents(name);
        if (error == Errno.None)
            error = Sys.Error(FileChanges.Rename(folder, old, MarksFd, name));
        if (error != Errno.None)
            Prune(name);
        return error;
    }

    private Errno ReplaceFolder(ReadOnlySpan<byte> name)
    {
        var folder = temporary.Fd();
        if (folder < 0)
            return Sys.Error(folder);
        var prepared = temporary.NewName();
        var error = Sys.Error(FileChanges.MakeNode(folder, prepared, FileType.Regular | FileMode));
        if (error == Errno.None)
        {
            error = Exchange(folder, prepared, name);
            Discard(prepared);
        }

        return error;
    }

    /// <summary>Puts what is prepared in the place of a mark, and the mark in its.</summary>
    private Errno Exchange(long folder, ReadOnlySpan<byte> prepared, ReadOnlySpan<byte> name)
    {
        var error = Sys.Error(FileChanges.Rename(folder, prepared, MarksFd, name, RenameFlag.Exchange));
        if (error is not (Errno.EINVAL or Errno.ENOSYS))
            return error;
        if (temporary.Fd() is < 0 and var failed)
            return Sys.Error(failed);
        var aside = temporary.NewName();
        error = Sys.Error(FileChanges.Rename(MarksFd, name, temporary.Fd(), aside));
        if (error != Errno.None)
            return error;
        error = Sys.Error(FileChanges.Rename(folder, prepared, MarksFd, name));
        if (error != Errno.None)
            FileChanges.Rename(temporary.Fd(), aside, MarksFd, name);
        Discard(aside);
        return error;
    }

    /// <summary>Removes what was a mark until now, perhaps a directory that a look-up is in.</summary>
    private void Discard(ReadOnlySpan<byte> name)
    {
        replaced++;
        temporary.Remove(name);
    }

    private static Errno Fill(long folder, ReadOnlySpan<byte> prepared, IReadOnlyCollection<byte[]> names)
    {
        var fd = Files.Open(prepared, OpenFlag.Directory | OpenFlag.NoFollow | OpenFlag.CloExec, dirFd: (int)folder);
        if (fd < 0)
            return Sys.Error(fd);
        var error = Errno.None;
        Span<byte> buffer = stackalloc byte[256];
        foreach (var name in names)
        {
            name.CopyTo(buffer);
            buffer[name.Length] = 0;
            error = Sys.Error(FileChanges.MakeNode(fd, buffer[..(name.Length + 1)], FileType.Regular | FileMode));
            if (error == Errno.EEXIST)
                error = Errno.None;
            if (error != Errno.None)
                break;
        }

        Files.Close(fd);
        return error;
    }

    private Errno Remove(Span<byte> name)
    {
        var error = Sys.Error(FileChanges.Unlink(MarksFd, name));
        // A directory is no mark, and below a whiteout there is none.
        if (error is Errno.ENOENT or Errno.ENOTDIR or Errno.EISDIR)
            return Errno.None;
        if (error != Errno.None)
            return error;
        Prune(name);
        Refresh();
        return Errno.None;
    }

    /// <summary>Makes the directories of a name, which is changed and put back meanwhile.</summary>
    private Errno MakeParents(Span<byte> name)
    {
        for (var at = 0; at < name.Length; at++)
        {
            if (name[at] != (byte)'/')
                continue;
            name[at] = 0;
            var error = Sys.Error(FileChanges.MakeDirectory(MarksFd, name, FolderMode));
            name[at] = (byte)'/';
            if (error is not (Errno.None or Errno.EEXIST))
                return error;
        }

        return Errno.None;
    }

    /// <summary>Removes the directories of a name as far as they are empty.</summary>
    private void Prune(Span<byte> name)
    {
        for (var at = name.LastIndexOf((byte)'/'); at > 0; at = name[..at].LastIndexOf((byte)'/'))
        {
            name[at] = 0;
            var removed = FileChanges.RemoveDirectory(MarksFd, name);
            name[at] = (byte)'/';
            if (removed < 0)
                return;
        }
    }
}
