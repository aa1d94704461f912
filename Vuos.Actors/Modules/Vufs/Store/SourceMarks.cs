using System.Runtime.CompilerServices;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>
/// The directory <c>SOURCE/.-</c>, in umvu's form. An empty regular file <c>.-/PATH</c> is a whiteout: it hides PATH and what is below it in the lower tree. A file
/// <c>.-/PATH&lt;0x7f&gt;</c> holds attributes of PATH (<see cref="RecordedAttributes"/>). Directories in it mean nothing by themselves.
/// <para>
/// One thread changes marks; another, the tracer thread, looks things up meanwhile. Each change therefore appears by one system call. Methods that say "for look-ups"
/// allocate nothing. After <see cref="Dispose"/> another run may have the source; descriptors stay open as long as a look-up may still use them.
/// </para>
/// <para>
/// umvu's form has one ambiguity: the whiteout of a file whose own name ends in DEL and the attribute file of its namesake are the same file. An empty one counts as the
/// whiteout, and creating one where the other is gives EEXIST.
/// </para>
/// </summary>
internal sealed partial class SourceMarks : IDisposable
{
    private readonly TemporaryFolder temporary;
    private volatile bool any;
    private volatile bool anyAttributes;

    /// <summary>Counts up after a directory of marks was replaced and before it is emptied: who was in it meanwhile, and found nothing, looks again.</summary>
    private volatile int replaced;

    private SourceMarks(long source, long marks)
    {
        SourceFd = source;
        MarksFd = marks;
        temporary = new TemporaryFolder(marks);
    }

    /// <summary>An O_PATH descriptor of SOURCE.</summary>
    internal long SourceFd { get; }

    /// <summary>A descriptor of <c>.-</c>, or -1: there is none, and nothing is written.</summary>
    internal long MarksFd { get; }

    internal TemporaryFolder Temporary => temporary;

    /// <summary>Whether there is any whiteout or attribute file. For look-ups.</summary>
    public bool Any => any;

    /// <summary>Whether there may be an attribute file. For look-ups.</summary>
    public bool AnyAttributes => anyAttributes;

    /// <summary>
    /// Whether the lower tree's object at <paramref name="rel"/> is hidden, by a whiteout of its own or of a directory it is in. For look-ups. What cannot be examined
    /// (EACCES) counts as not hidden.
    /// </summary>
    [SkipLocalsInit]
    public bool IsWhitedOut(ReadOnlySpan<byte> rel)
    {
        if (!any || rel.IsEmpty)
            return false;
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        var name = MarkName.Of(rel, buffer);
        while (true)
        {
            var before = replaced;
            var error = Sys.Error(Files.Stat(name, out var stat, At.SymlinkNoFollow, (int)MarksFd));
            if (error == Errno.None)
                return IsWhiteout(stat, rel);
            if (error != Errno.ENOENT || before == replaced)
                return error == Errno.ENOTDIR && WhiteoutLength(rel) > 0;
        }
    }

    /// <summary>
    /// How much of <paramref name="rel"/> is the path of a whiteout: its whole length if it is whited out itself, the length of the path of the directory whose whiteout
    /// hides it, or 0.
    /// </summary>
    [SkipLocalsInit]
    public int WhiteoutLength(ReadOnlySpan<byte> rel)
    {
        if (!any)
            return 0;
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        var (before, inFolder) = (replaced, true);
        for (var length = NextEnd(rel, 0); length > 0; length = NextEnd(rel, length))
        {
            var error = Sys.Error(Files.Stat(MarkName.Of(rel[..length], buffer), out var stat, At.SymlinkNoFollow, (int)MarksFd));
            if ((error == Errno.ENOENT && before != replaced) || (error == Errno.ENOTDIR && inFolder))
            {
                // What was a directory a moment ago is replaced.
                before = replaced;
                length = 0;
                continue;
            }

            if (error != Errno.None)
                return 0;
            if (IsWhiteout(stat, rel[..length]))
                return length;
            inFolder = stat.IsDirectory;
        }

        return 0;
    }

    /// <summary>The attributes recorded for <paramref name="rel"/>; false if there are none. For look-ups.</summary>
    [SkipLocalsInit]
    public bool TryReadAttributes(ReadOnlySpan<byte> rel, out RecordedAttributes attributes)
    {
        attributes = default;
        if (!anyAttributes)
            return false;
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        // NONBLOCK: a fifo put there by hand must not hold up the tracer.
        var fd = Files.Open(MarkName.Record(rel, buffer), OpenFlag.NoFollow | OpenFlag.NonBlock | OpenFlag.CloExec, dirFd: (int)MarksFd);
        if (fd < 0)
            return false;
        var length = Files.ReadAll(fd, buffer[..RecordedAttributes.MaxText]);
        Files.Close(fd);
        return length > 0 && RecordedAttributes.TryParse(buffer[..(int)length], out attributes);
    }

    /// <summary>Whether names directly below <paramref name="rel"/> are hidden: some of them, or all as it is whited out itself. For look-ups.</summary>
    [SkipLocalsInit]
    public bool WhitesOutBelow(ReadOnlySpan<byte> rel)
    {
        if (!any)
            return false;
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        var fd = OpenBelow(rel, buffer);
        if (fd < 0)
            return Sys.Error(fd) == Errno.ENOTDIR && IsWhitedOut(rel);
        var found = false;
        var entries = new DirectoryEntries(fd, buffer);
        while (!found && entries.MoveNext())
            found = Examine(fd, entries, out var typed) && !typed;
        Files.Close(fd);
        return found;
    }

    /// <summary>The names directly below <paramref name="rel"/> that are whited out, and those that have attributes recorded.</summary>
    public void CollectMarks(ReadOnlySpan<byte> rel, HashSet<byte[]> whiteouts, HashSet<byte[]> typed)
    {
        if (!any)
            return;
        var buffer = new byte[32768];
        var fd = OpenBelow(rel, buffer);
        if (fd < 0)
            return;
        var entries = new DirectoryEntries(fd, buffer);
        while (entries.MoveNext())
        {
            if (!Examine(fd, entries, out var isRecord))
                continue;
            if (!isRecord)
                whiteouts.Add(entries.Name.ToArray());
            else if (entries.Name.Length > 1)
                typed.Add(entries.Name[..^1].ToArray());
        }

        Files.Close(fd);
    }

    /// <summary>Closes the descriptors when nobody can look anything up any more.</summary>
    ~SourceMarks()
    {
        if (MarksFd >= 0)
            Files.Close(MarksFd);
        Files.Close(SourceFd);
    }

    /// <summary>Gives the lock up (flock(2) LOCK_UN).</summary>
    public void Dispose()
    {
        temporary.Dispose();
        if (MarksFd >= 0)
            Sys.Call(Nr.Flock, MarksFd, Unlock);
    }

    /// <summary>Whether an entry of a directory in <c>.-</c> is a mark, and whether that is an attribute file.</summary>
    private static bool Examine(long directory, in DirectoryEntries entries, out bool record)
    {
        record = false;
        var maybeRecord = entries.Name[^1] == MarkName.RecordEnd;
        if (!maybeRecord && entries.Type != 0)
            return entries.Type == FileType.Entry(FileType.Regular);
        if (Files.Stat(entries.NameForKernel, out var stat, At.SymlinkNoFollow, (int)directory) != 0 || !stat.IsRegular)
            return false;
        record = maybeRecord && stat.Size > 0;
        return true;
    }

    private static bool IsWhiteout(in KernelStat stat, ReadOnlySpan<byte> rel) => stat.IsRegular && (stat.Size == 0 || rel[^1] != MarkName.RecordEnd);

    /// <summary>The end of the component that begins at <paramref name="from"/>, or 0 behind the last.</summary>
    private static int NextEnd(ReadOnlySpan<byte> rel, int from)
    {
        if (from >= rel.Length)
            return 0;
        var slash = rel[(from + 1)..].IndexOf((byte)'/');
        return slash < 0 ? rel.Length : from + 1 + slash;
    }

    private long OpenBelow(ReadOnlySpan<byte> rel, Span<byte> buffer) =>
        Files.Open(MarkName.Of(rel, buffer), OpenFlag.Directory | OpenFlag.NoFollow | OpenFlag.CloExec, dirFd: (int)MarksFd);
}
