using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>The names in the lower tree's directory at <paramref name="rel"/>; empty if there is none, null if they are not known.</summary>
internal delegate IReadOnlyCollection<byte[]>? LowerNames(ReadOnlySpan<byte> rel);

/// <summary>Marks that go along with a rename in the upper tree.</summary>
internal sealed partial class SourceMarks
{
    /// <summary>
    /// As <see cref="MoveMarks(ReadOnlySpan{byte}, ReadOnlySpan{byte}, bool, LowerNames)"/>, where only the whiteout of <paramref name="to"/> itself can be in the way
    /// of attributes; ENOTDIR, and nothing changed, if one of another directory is.
    /// </summary>
    public Errno MoveMarks(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool whiteoutFrom, IReadOnlyCollection<byte[]> lowerNamesOfTo)
    {
        var only = to.ToArray();
        return MoveMarks(from, to, whiteoutFrom, rel => rel.SequenceEqual(only) ? lowerNamesOfTo : null);
    }

    /// <summary>
    /// After <paramref name="from"/> was renamed to <paramref name="to"/> in the upper tree: the record of <paramref name="from"/> and those of what is below it move along,
    /// whiteouts below it go, and records that <paramref name="to"/> had go. Whiteouts at and below <paramref name="to"/> stay: they hide what the lower tree has there;
    /// where a record must be put below one, it is expanded by <paramref name="lowerNames"/> (null from that: ENOTDIR). <paramref name="whiteoutFrom"/>: the lower
    /// tree has a <paramref name="from"/> that is to be hidden from now on.
    /// </summary>
    public Errno MoveMarks(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, bool whiteoutFrom, LowerNames lowerNames)
    {
        if (from.SequenceEqual(to))
            return Errno.None;
        var error = any ? MoveRecords(from, to, lowerNames, targetIsClean: false) : Errno.None;
        if (error != Errno.None)
            return error;
        return whiteoutFrom ? Whiteout(from) : DropFolder(from);
    }

    private Errno MoveRecords(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, LowerNames lowerNames, bool targetIsClean)
    {
        var moving = new List<byte[]>();
        var stale = new List<byte[]>();
        if (anyAttributes)
        {
            Records(from, moving);
            if (!targetIsClean)
                Records(to, stale);
        }

        // What can be refused comes first, while it still changes nothing that can be seen.
        foreach (var record in moving)
        {
            var error = ExpandAbove(Concatenate(to, record), lowerNames);
            if (error != Errno.None)
                return error;
        }

        foreach (var record in stale)
        {
            var error = moving.Exists(m => m.AsSpan().SequenceEqual(record)) ? Errno.None : DropAttributes(Concatenate(to, record));
            if (error != Errno.None)
                return error;
        }

        NoteTargetIsClean();
        foreach (var record in moving)
        {
            var error = MoveRecord(Concatenate(from, record), Concatenate(to, record));
            if (error != Errno.None)
                return error;
        }

        return Errno.None;
    }

    /// <summary>
    /// After two names were exchanged in the upper tree: so are the records at and below them. <paramref name="hideOne"/>, <paramref name="hideOther"/>: the lower tree has
    /// something there that is to be hidden.
    /// </summary>
    public Errno ExchangeMarks(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other, bool hideOne, bool hideOther, LowerNames lowerNames)
    {
        List<(byte[] Name, RecordedAttributes Record)> first = Take(one), second = Take(other);
        var error = hideOne ? WhiteoutExpanding(one, lowerNames) : Errno.None;
        if (error == Errno.None && hideOther)
            error = WhiteoutExpanding(other, lowerNames);
        return error == Errno.None && (error = Put(other, first, lowerNames)) == Errno.None ? Put(one, second, lowerNames) : error;
    }

    private Errno WhiteoutExpanding(ReadOnlySpan<byte> rel, LowerNames lowerNames) =>
        ExpandAbove(rel, lowerNames) is var error && error != Errno.None ? error : Whiteout(rel);

    private List<(byte[] Name, RecordedAttributes Record)> Take(ReadOnlySpan<byte> rel)
    {
        var names = new List<byte[]>();
        Records(rel, names);
        var taken = new List<(byte[] Name, RecordedAttributes Record)>(names.Count);
        foreach (var name in names)
        {
            var path = Concatenate(rel, name);
            if (TryReadAttributes(path, out var record) && DropAttributes(path) == Errno.None)
                taken.Add((name, record));
        }

        return taken;
    }

    private Errno Put(ReadOnlySpan<byte> rel, List<(byte[] Name, RecordedAttributes Record)> records, LowerNames lowerNames)
    {
        foreach (var (name, record) in records)
        {
            var path = Concatenate(rel, name);
            if ((ExpandAbove(path, lowerNames) is var error && error != Errno.None) || (error = WriteAttributes(path, record)) != Errno.None)
                return error;
        }

        return Errno.None;
    }

    /// <summary>The objects at and below a path that have a record, relative to it.</summary>
    private void Records(ReadOnlySpan<byte> rel, List<byte[]> found)
    {
        if (TryReadAttributes(rel, out _))
            found.Add([]);
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
        var name = MarkName.Record(to, target);
        var error = Sys.Error(FileChanges.Rename(MarksFd, old, MarksFd, name));
        if (error == Errno.ENOENT)
        {
            error = MakeParents(name);
            if (error == Errno.None)
                error = Sys.Error(FileChanges.Rename(MarksFd, old, MarksFd, name));
        }

        if (error != Errno.None)
            return error;
        // Hard links of one record: rename(2) did nothing, the old name goes here. Else it is gone already, and perhaps was the last in its directory.
        error = Remove(old);
        Prune(old);
        return error;
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
