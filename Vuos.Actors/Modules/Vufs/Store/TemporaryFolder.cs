using System.Buffers.Text;
using System.Text;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>
/// Where things are prepared before they appear: the directory <c>.vuos-PID-N</c> inside <c>.-</c>, made when first needed. It is a directory so that no reader of
/// <c>.-</c> takes it for a whiteout; its names mean nothing. What a killed run left is removed by <see cref="RemoveStale"/>.
/// </summary>
internal sealed class TemporaryFolder(long marksFd) : IDisposable
{
    private static readonly byte[] Prefix = ".vuos-"u8.ToArray();
    private static int counter;

    private byte[] own = [];
    private long fd = -1;
    private long names;

    /// <summary>Whether something may be in it.</summary>
    public bool IsOpen => fd >= 0;

    /// <summary>The directory's descriptor, or a negated errno.</summary>
    public long Fd()
    {
        if (fd >= 0)
            return fd;
        long made;
        do
        {
            // Taken: a killed run had our process number (they come again soon in a container). What it left is not ours.
            own = Encoding.ASCII.GetBytes($".vuos-{Environment.ProcessId}-{Interlocked.Increment(ref counter)}\0");
            made = FileChanges.MakeDirectory(marksFd, own, 0x1C0);
        }
        while (Sys.Error(made) == Errno.EEXIST);
        if (made < 0)
            return made;
        return fd = Files.Open(own, OpenFlag.Directory | OpenFlag.NoFollow | OpenFlag.CloExec, dirFd: (int)marksFd);
    }

    /// <summary>A name, with its NUL, that is not in use.</summary>
    public byte[] NewName()
    {
        var name = new byte[24];
        Utf8Formatter.TryFormat(names++, name, out var length);
        return name[..(length + 1)];
    }

    /// <summary>Removes a file or a whole tree in this folder. What cannot be removed stays for a later run.</summary>
    public void Remove(ReadOnlySpan<byte> name)
    {
        var error = Sys.Error(FileChanges.Unlink(fd, name));
        // EISDIR from Linux, EPERM from POSIX (unlink(2)).
        if (error is Errno.EISDIR or Errno.EPERM)
            RemoveTree(name.ToArray());
    }

    /// <summary>
    /// Removes what runs that were killed left in <c>.-</c>. Call it only with the lock held: nobody's folder is then in use but our own, which may be there already.
    /// </summary>
    public void RemoveStale()
    {
        foreach (var name in List(marksFd))
        {
            if (name.AsSpan().SequenceEqual(own))
                continue;
            // An empty one, the usual case, needs no folder of ours.
            if (FileChanges.RemoveDirectory(marksFd, name) == 0 || Fd() < 0)
                continue;
            var here = NewName();
            if (FileChanges.Rename(marksFd, name, fd, here) == 0)
                RemoveTree(here);
        }
    }

    /// <summary>All such folders in <c>.-</c>, with their NUL.</summary>
    public static List<byte[]> List(long marksFd)
    {
        var folders = new List<byte[]>();
        Sys.Call(Nr.Lseek, marksFd, 0, 0);
        var entries = new DirectoryEntries(marksFd, new byte[32768]);
        while (entries.MoveNext())
        {
            if (IsTemporary(marksFd, entries))
                folders.Add(entries.NameForKernel.ToArray());
        }

        return folders;
    }

    /// <summary>Whether an entry of <c>.-</c> is such a folder: a directory <c>.vuos-</c> digits <c>-</c> digits. A file of that name is a whiteout.</summary>
    public static bool IsTemporary(long marksFd, in DirectoryEntries entry)
    {
        if (!HasNameOfOne(entry.Name))
            return false;
        if (entry.Type != 0)
            return entry.Type == FileType.Entry(FileType.Directory);
        return Files.Stat(entry.NameForKernel, out var stat, At.SymlinkNoFollow, (int)marksFd) == 0 && stat.IsDirectory;
    }

    private static bool HasNameOfOne(ReadOnlySpan<byte> name)
    {
        if (!name.StartsWith(Prefix))
            return false;
        var numbers = name[Prefix.Length..];
        var dash = numbers.IndexOf((byte)'-');
        return dash > 0 && dash < numbers.Length - 1 && !numbers[..dash].ContainsAnyExceptInRange((byte)'0', (byte)'9')
            && !numbers[(dash + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    public void Dispose()
    {
        if (fd < 0)
            return;
        Files.Close(fd);
        fd = -1;
        FileChanges.RemoveDirectory(marksFd, own);
    }

    /// <summary>
    /// Directories are moved up beside their parent instead of being entered, so a tree of any depth takes no stack and one descriptor. A mount point in it cannot be
    /// moved (EBUSY), so nothing of another file system is touched.
    /// </summary>
    private void RemoveTree(byte[] name)
    {
        var waiting = new Stack<byte[]>();
        waiting.Push(name);
        var buffer = new byte[32768];
        while (waiting.TryPop(out var next))
        {
            var directory = Files.Open(next, OpenFlag.Directory | OpenFlag.NoFollow | OpenFlag.CloExec, dirFd: (int)fd);
            if (directory < 0)
                continue;
            bool removed;
            do
            {
                // Removing while reading may make a file system skip entries: read again until a pass removes nothing.
                removed = Empty(directory, buffer, waiting);
                Sys.Call(Nr.Lseek, directory, 0, 0);
            }
            while (removed);
            Files.Close(directory);
            FileChanges.RemoveDirectory(fd, next);
        }
    }

    private bool Empty(long directory, byte[] buffer, Stack<byte[]> waiting)
    {
        var removed = false;
        var entries = new DirectoryEntries(directory, buffer);
        while (entries.MoveNext())
        {
            // A directory that we may not write can be removed when it is empty, but not moved.
            if (FileChanges.Unlink(directory, entries.NameForKernel) == 0 || FileChanges.RemoveDirectory(directory, entries.NameForKernel) == 0)
            {
                removed = true;
                continue;
            }

            var here = NewName();
            if (FileChanges.Rename(directory, entries.NameForKernel, fd, here) < 0)
                continue;
            removed = true;
            waiting.Push(here);
        }

        return removed;
    }
}
