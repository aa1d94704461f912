using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>The names in the lower tree's directory at <paramref name="rel"/>; empty if there is none, null if they are not known.</summary>
internal delegate IReadOnlyCollection<byte[]>? LowerNames(ReadOnlySpan<byte> rel);

/// <summary>
/// Marks that go along with a rename in the upper tree: the records of a name and of what is below it move, whiteouts below it go. What the lower tree has at the new name stays
/// hidden: a directory of marks that gets records names everything there. That directory is prepared before the rename and put in place by one rename after it.
/// </summary>
internal sealed partial class SourceMarks
{
    private static ReadOnlySpan<byte> FromFolderName => "/from"u8;

    private static ReadOnlySpan<byte> ToFolderName => "/to"u8;

    /// <summary>
    /// Call it before the rename, then rename, and have the marks follow by <see cref="FinishMove"/>. Whiteouts of directories in the way of records are expanded here by
    /// <paramref name="lowerNames"/> (null from that: ENOTDIR); nothing becomes visible by it. <paramref name="noted"/> is null if nothing has to follow.
    /// </summary>
    public Errno BeginMove(in MoveNote move, LowerNames lowerNames, out MoveNote? noted)
    {
        noted = null;
        if (!anyAttributes)
            return Errno.None;
        var note = move with { FromRecord = RecordInode(move.From), ToRecord = RecordInode(move.To) };
        var error = PrepareFolder(move.From, move.To, ToFolderName, note.FromRecord != 0, lowerNames, out var toFolder);
        ulong fromFolder = 0;
        if (error == Errno.None && move.Exchange)
            error = PrepareFolder(move.To, move.From, FromFolderName, note.ToRecord != 0, lowerNames, out fromFolder);
        note = note with { ToFolder = toFolder, FromFolder = fromFolder };
        if (error == Errno.None)
            error = WriteNote(note);
        if (error == Errno.None)
            noted = note;
        else
            RemovePrepared(note);
        return error;
    }

    /// <summary>After the rename, or when it failed (<paramref name="renamed"/> is false).</summary>
    public Errno FinishMove(in MoveNote note, bool renamed)
    {
        var folder = temporary.Fd();
        var error = renamed ? Follow(note, folder) : Errno.None;
        // Marks that could not follow stay noted for the next run.
        if (error != Errno.None)
            return error;
        RemoveNote(folder);
        if (!renamed)
            RemovePrepared(note);
        return Errno.None;
    }

    /// <summary>Takes those steps after a rename that were not taken; what was prepared is in <paramref name="folder"/>.</summary>
    private Errno Follow(in MoveNote note, long folder)
    {
        var error = Settle(folder, ToFolderName, note.ToFolder, note.To, (note.Kind & MoveKind.HidingTo) != 0);
        if (error == Errno.None)
            error = note.Exchange ? ExchangeAttributes(note) : MoveAttributes(note);
        return error == Errno.None ? Settle(folder, FromFolderName, note.FromFolder, note.From, (note.Kind & MoveKind.HidingFrom) != 0) : error;
    }

    /// <summary>What is marked at and below a name from now on: what was prepared, or nothing but perhaps that it is hidden. A whiteout that was there stays.</summary>
    private Errno Settle(long folder, ReadOnlySpan<byte> prepared, ulong inode, ReadOnlySpan<byte> rel, bool hide)
    {
        if (inode == 0)
            return hide ? Whiteout(rel) : DropFolder(rel);
        Span<byte> buffer = stackalloc byte[MarkName.Capacity], nameBuffer = stackalloc byte[MarkName.Capacity];
        var ready = MarkName.Of(prepared, buffer);
        if (Files.Stat(ready, out var stat, At.SymlinkNoFollow, (int)folder) != 0 || stat.Ino != inode)
            return Errno.None;
        var name = MarkName.Of(rel, nameBuffer);
        var error = Exchange(folder, ready, name);
        if (error == Errno.ENOENT)
            return MoveIn(folder, ready, name);
        // What another run had prepared goes with its folder.
        if (error == Errno.None && folder == temporary.Fd())
            Discard(ready);
        return error;
    }

    /// <summary>The record of the old name goes to the new one, in the place of what was recorded of that.</summary>
    private Errno MoveAttributes(in MoveNote note)
    {
        if (note.FromRecord != 0)
            return RecordInode(note.From) == note.FromRecord ? MoveRecord(note.From, note.To) : Errno.None;
        return note.ToRecord != 0 && RecordInode(note.To) == note.ToRecord ? DropAttributes(note.To) : Errno.None;
    }

    /// <summary>Two names were exchanged: so are their records, if they are still where they were.</summary>
    private Errno ExchangeAttributes(in MoveNote note)
    {
        byte[] one = note.From, other = note.To;
        if (RecordInode(one) != note.FromRecord || RecordInode(other) != note.ToRecord)
            return Errno.None;
        if (note.FromRecord == 0 || note.ToRecord == 0)
            return note.FromRecord != 0 ? MoveRecord(one, other) : note.ToRecord != 0 ? MoveRecord(other, one) : Errno.None;
        Span<byte> left = stackalloc byte[MarkName.Capacity], right = stackalloc byte[MarkName.Capacity];
        var error = Sys.Error(FileChanges.Rename(MarksFd, MarkName.Record(one, left), MarksFd, MarkName.Record(other, right), RenameFlag.Exchange));
        if (error is not (Errno.EINVAL or Errno.ENOSYS))
            return error;
        TryReadAttributes(one, out var ofOne);
        TryReadAttributes(other, out var ofOther);
        error = WriteAttributes(one, ofOther);
        return error == Errno.None ? WriteAttributes(other, ofOne) : error;
    }

    /// <summary>
    /// Prepares the directory of marks for <paramref name="to"/>, where the records below <paramref name="from"/> are to be: hard links of them, and a whiteout of each name that the
    /// lower tree has there. <paramref name="inode"/> is 0 if there are none.
    /// </summary>
    private Errno PrepareFolder(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, ReadOnlySpan<byte> name, bool hasRecord, LowerNames lowerNames, out ulong inode)
    {
        inode = 0;
        var records = new List<byte[]>();
        RecordsBelow(from, records);
        var error = hasRecord || records.Count > 0 ? ExpandAbove(to, lowerNames) : Errno.None;
        if (error != Errno.None || records.Count == 0)
            return error;
        var folder = temporary.Fd();
        if (folder < 0)
            return Sys.Error(folder);
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        // One that could not be put in its place.
        temporary.Remove(MarkName.Of(name, buffer));
        error = MakeFolders(folder, records, to, name, lowerNames);
        foreach (var record in records)
        {
            if (error == Errno.None)
                error = LinkRecord(Concatenate(from, record), folder, Concatenate(name, record));
        }

        KernelStat stat = default;
        var prepared = MarkName.Of(name, buffer);
        if (error == Errno.None)
            error = Sys.Error(Files.Stat(prepared, out stat, At.SymlinkNoFollow, (int)folder));
        if (error == Errno.None)
            inode = stat.Ino;
        else
            temporary.Remove(prepared);
        return error;
    }

    private static Errno MakeFolders(long folder, List<byte[]> records, ReadOnlySpan<byte> to, ReadOnlySpan<byte> name, LowerNames lowerNames)
    {
        var made = new HashSet<byte[]>(BytePathComparer.Instance);
        foreach (var record in records)
        {
            for (var parent = BytePath.Parent(record); made.Add(parent.ToArray()) && !parent.IsEmpty;)
                parent = BytePath.Parent(parent);
        }

        var path = new byte[MarkName.Capacity];
        foreach (var directory in made.OrderBy(static d => d.Length))
        {
            if (lowerNames(Concatenate(to, directory)) is not { } names)
                return Errno.ENOTDIR;
            var target = MarkName.Of(Concatenate(name, directory), path);
            var error = Sys.Error(FileChanges.MakeDirectory(folder, target, FolderMode));
            if (error == Errno.None)
                error = Fill(folder, target, [.. names.Where(n => !made.Contains([.. directory, (byte)'/', .. n]))]);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    /// <summary>Another name for a record, in the folder of temporaries; a copy where the file system has no hard links.</summary>
    private Errno LinkRecord(ReadOnlySpan<byte> rel, long folder, ReadOnlySpan<byte> name)
    {
        Span<byte> buffer = stackalloc byte[MarkName.Capacity], nameBuffer = stackalloc byte[MarkName.Capacity];
        var target = MarkName.Record(name, nameBuffer);
        var error = Sys.Error(FileChanges.Link(MarksFd, MarkName.Record(rel, buffer), folder, target));
        if (error is not (Errno.EPERM or Errno.EOPNOTSUPP or Errno.EMLINK))
            return error;
        TryReadAttributes(rel, out var attributes);
        error = Prepare(buffer[..attributes.Format(buffer)], out var prepared);
        return error == Errno.None ? Sys.Error(FileChanges.Rename(folder, prepared, folder, target)) : error;
    }

    private void RemovePrepared(in MoveNote note)
    {
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        if (note.ToFolder != 0)
            temporary.Remove(MarkName.Of(ToFolderName, buffer));
        if (note.FromFolder != 0)
            temporary.Remove(MarkName.Of(FromFolderName, buffer));
    }

    /// <summary>The objects below a path that have a record, relative to it.</summary>
    private void RecordsBelow(ReadOnlySpan<byte> rel, List<byte[]> found)
    {
        var waiting = new Stack<byte[]>();
        waiting.Push([]);
        var buffer = new byte[32768];
        while (waiting.TryPop(out var below))
        {
            var fd = OpenBelow(Concatenate(rel, below), buffer);
            if (fd < 0)
                continue;
            var entries = new DirectoryEntries(fd, buffer);
            while (entries.MoveNext())
            {
                if (Examine(fd, entries, out var record))
                {
                    if (record && entries.Name.Length > 1)
                        found.Add([.. below, (byte)'/', .. entries.Name[..^1]]);
                }
                else if (entries.Type == 0 || entries.Type == FileType.Entry(FileType.Directory))
                {
                    waiting.Push([.. below, (byte)'/', .. entries.Name]);
                }
            }

            Files.Close(fd);
        }
    }

    /// <summary>Expands each whiteout of a directory that <paramref name="rel"/> is in.</summary>
    public Errno ExpandAbove(ReadOnlySpan<byte> rel, LowerNames lowerNames)
    {
        var parent = BytePath.Parent(rel);
        for (var length = WhiteoutLength(parent); length > 0; length = WhiteoutLength(parent))
        {
            var error = lowerNames(parent[..length]) is { } names ? ExpandWhiteout(parent[..length], names) : Errno.ENOTDIR;
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    private Errno MoveRecord(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        Span<byte> source = stackalloc byte[MarkName.Capacity], target = stackalloc byte[MarkName.Capacity];
        var old = MarkName.Record(from, source);
        var error = MoveIn(MarksFd, old, MarkName.Record(to, target));
        if (error != Errno.None)
            return error;
        // Hard links of one record: rename(2) did nothing, the old name goes here. Else it is gone already, and perhaps was the last in its directory.
        error = Remove(old);
        Prune(old);
        return error;
    }

    /// <summary>The inode number of the record of a name, or 0.</summary>
    private ulong RecordInode(ReadOnlySpan<byte> rel)
    {
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        return Files.Stat(MarkName.Record(rel, buffer), out var stat, At.SymlinkNoFollow, (int)MarksFd) == 0 && stat is { IsRegular: true, Size: > 0 } ? stat.Ino : 0;
    }

    /// <summary>Removes a directory of marks, if there is one. A whiteout stays.</summary>
    private Errno DropFolder(ReadOnlySpan<byte> rel)
    {
        if (!any || rel.IsEmpty)
            return Errno.None;
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        var name = MarkName.Of(rel, buffer);
        if (Files.Stat(name, out var stat, At.SymlinkNoFollow, (int)MarksFd) != 0 || !stat.IsDirectory)
            return Errno.None;
        if (temporary.Fd() is < 0 and var failed)
            return Sys.Error(failed);
        var aside = temporary.NewName();
        var error = Sys.Error(FileChanges.Rename(MarksFd, name, temporary.Fd(), aside));
        if (error != Errno.None)
            return error;
        Discard(aside);
        Prune(name);
        Refresh();
        return Errno.None;
    }

    private static byte[] Concatenate(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => [.. first, .. second];
}
