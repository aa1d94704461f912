using System.Buffers.Binary;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>
/// A rename in the upper tree and that of its records are several steps. Before the first, what is to be done is noted in the folder of temporaries; a run that finds the note of
/// one that was killed takes the last steps.
/// </summary>
internal sealed partial class SourceMarks
{
    /// <summary>Of the inode and of those of the two records, the kind, and the length of the first path.</summary>
    private const int InodeAt = 0, FromRecordAt = 8, ToRecordAt = 16, KindAt = 24, LengthAt = 28, PathsAt = 32;

    /// <summary>The note's name, and what it is called when the records that the target had are gone.</summary>
    private static ReadOnlySpan<byte> NoteName => "note\0"u8;

    private static ReadOnlySpan<byte> LaterName => "note-2\0"u8;

    private enum MoveKind
    {
        Plain,
        HidingFrom,
        Exchange,
    }

    /// <summary>
    /// Call it before <paramref name="from"/>, whose inode is <paramref name="inode"/>, is renamed to <paramref name="to"/>, then rename, and have the marks follow by
    /// <see cref="FinishMove"/>. Whiteouts of directories in the way of records are expanded here. The parameters are those of MoveMarks.
    /// </summary>
    public Errno BeginMove(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool whiteoutFrom, bool exchange, ulong inode, LowerNames lowerNames)
    {
        if (!anyAttributes)
            return Errno.None;
        var error = ExpandFor(from, to, lowerNames);
        if (exchange && error == Errno.None)
            error = ExpandFor(to, from, lowerNames);
        if (error != Errno.None)
            return error;
        var note = new byte[PathsAt + from.Length + to.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(note.AsSpan(InodeAt), inode);
        BinaryPrimitives.WriteUInt64LittleEndian(note.AsSpan(FromRecordAt), RecordInode(from));
        BinaryPrimitives.WriteUInt64LittleEndian(note.AsSpan(ToRecordAt), RecordInode(to));
        note[KindAt] = (byte)(exchange ? MoveKind.Exchange : whiteoutFrom ? MoveKind.HidingFrom : MoveKind.Plain);
        BinaryPrimitives.WriteInt32LittleEndian(note.AsSpan(LengthAt), from.Length);
        from.CopyTo(note.AsSpan(PathsAt));
        to.CopyTo(note.AsSpan(PathsAt + from.Length));
        return WriteNote(note);
    }

    /// <summary>After the rename, or when it failed (<paramref name="renamed"/> is false).</summary>
    public Errno FinishMove(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool whiteoutFrom, bool exchange, bool renamed, LowerNames lowerNames)
    {
        var error = !renamed || !any ? Errno.None : exchange ? ExchangeAttributes(from, to) : MoveMarks(from, to, whiteoutFrom, lowerNames);
        // Marks that could not follow stay noted for the next run.
        if (anyAttributes && error == Errno.None)
            RemoveNote(temporary.Fd());
        return error;
    }

    /// <summary>Two names were exchanged: so are their records.</summary>
    private Errno ExchangeAttributes(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other)
    {
        bool first = TryReadAttributes(one, out _), second = TryReadAttributes(other, out _);
        if (!first || !second)
            return first ? MoveRecord(one, other) : second ? MoveRecord(other, one) : Errno.None;
        Span<byte> left = stackalloc byte[MarkName.Capacity], right = stackalloc byte[MarkName.Capacity];
        var error = Sys.Error(FileChanges.Rename(MarksFd, MarkName.Record(one, left), MarksFd, MarkName.Record(other, right), RenameFlag.Exchange));
        if (error is not (Errno.EINVAL or Errno.ENOSYS))
            return error;
        TryReadAttributes(one, out var ofOne);
        TryReadAttributes(other, out var ofOther);
        error = WriteAttributes(one, ofOther);
        return error == Errno.None ? WriteAttributes(other, ofOne) : error;
    }

    /// <summary>Takes the steps that a killed run had still to take. Call it with the lock held, before what it left is removed.</summary>
    private void FinishNoted()
    {
        var folders = new List<byte[]>();
        var entries = new DirectoryEntries(MarksFd, new byte[32768]);
        while (entries.MoveNext())
        {
            if (TemporaryFolder.IsTemporary(MarksFd, entries))
                folders.Add(entries.NameForKernel.ToArray());
        }

        foreach (var name in folders)
        {
            var folder = Files.Open(name, OpenFlag.Directory | OpenFlag.NoFollow | OpenFlag.CloExec, dirFd: (int)MarksFd);
            if (folder < 0)
                continue;
            var later = ReadNote(folder, LaterName);
            if ((later ?? ReadNote(folder, NoteName)) is { } note && Finish(note, later is not null) == Errno.None)
                RemoveNote(folder);
            Files.Close(folder);
        }
    }

    private Errno Finish(byte[] note, bool targetIsClean)
    {
        var length = note.Length < PathsAt ? -1 : BinaryPrimitives.ReadInt32LittleEndian(note.AsSpan(LengthAt));
        if (length < 0 || length > note.Length - PathsAt)
            return Errno.None;
        ReadOnlySpan<byte> from = note.AsSpan(PathsAt, length), to = note.AsSpan(PathsAt + length);
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        var renamed = Files.Stat(MarkName.Of(to, buffer), out var stat, At.SymlinkNoFollow, (int)SourceFd) == 0
            && stat.Ino == BinaryPrimitives.ReadUInt64LittleEndian(note.AsSpan(InodeAt));
        if (!renamed)
            return Errno.None;
        any = anyAttributes = true;
        var kind = (MoveKind)note[KindAt];
        if (kind == MoveKind.Exchange)
        {
            // Only if they are still where they were.
            return RecordInode(from) == BinaryPrimitives.ReadUInt64LittleEndian(note.AsSpan(FromRecordAt))
                && RecordInode(to) == BinaryPrimitives.ReadUInt64LittleEndian(note.AsSpan(ToRecordAt))
                ? ExchangeAttributes(from, to)
                : Errno.None;
        }

        var error = MoveRecords(from, to, static _ => null, targetIsClean);
        return error != Errno.None ? error : kind == MoveKind.HidingFrom ? Whiteout(from) : DropFolder(from);
    }

    private Errno WriteNote(byte[] note)
    {
        var error = Prepare(note, out var prepared);
        if (error != Errno.None)
            return error;
        error = Sys.Error(FileChanges.Rename(temporary.Fd(), prepared, temporary.Fd(), NoteName));
        if (error != Errno.None)
            temporary.Remove(prepared);
        return error;
    }

    /// <summary>The records of the target are gone: whoever goes on must not take those that came since for them.</summary>
    private void NoteTargetIsClean()
    {
        if (temporary.IsOpen)
            FileChanges.Rename(temporary.Fd(), NoteName, temporary.Fd(), LaterName);
    }

    private static byte[]? ReadNote(long folder, ReadOnlySpan<byte> name)
    {
        var fd = Files.Open(name, OpenFlag.NoFollow | OpenFlag.NonBlock | OpenFlag.CloExec, dirFd: (int)folder);
        if (fd < 0)
            return null;
        var buffer = new byte[PathsAt + (2 * MarkName.Capacity)];
        var length = Files.ReadAll(fd, buffer);
        Files.Close(fd);
        return length < 0 ? null : buffer[..(int)length];
    }

    private static void RemoveNote(long folder)
    {
        // There is one or the other.
        if (FileChanges.Unlink(folder, LaterName) < 0)
            FileChanges.Unlink(folder, NoteName);
    }

    private ulong RecordInode(ReadOnlySpan<byte> rel)
    {
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        return Files.Stat(MarkName.Record(rel, buffer), out var stat, At.SymlinkNoFollow, (int)MarksFd) == 0 ? stat.Ino : 0;
    }

    private Errno ExpandFor(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, LowerNames lowerNames)
    {
        var moving = new List<byte[]>();
        Records(from, moving);
        foreach (var record in moving)
        {
            var error = ExpandAbove(Concatenate(to, record), lowerNames);
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }
}
