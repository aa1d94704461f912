using System.Diagnostics.CodeAnalysis;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>Opening and locking.</summary>
internal sealed partial class SourceMarks
{
    /// <summary>flock(2) operations.</summary>
    private const int LockExclusive = 2, LockNonBlocking = 4, Unlock = 8;

    /// <summary>Directories in each other that are searched for attribute files at the opening; below that some are taken for granted.</summary>
    private const int ScanDepth = 128;

    /// <summary>
    /// Opens the marks of a source. Writable: <c>.-</c> is made if need be and locked until <see cref="Dispose"/>, for one writer at a time; EBUSY if another has it.
    /// Not writable: marks that are there count, none are needed. <paramref name="sentence"/> says what is wrong.
    /// </summary>
    public static Errno Open(ReadOnlySpan<byte> sourceHost, bool writable, out SourceMarks? marks, out string sentence)
    {
        marks = null;
        sentence = "";
        var path = new PathBuffer(sourceHost.Length + 2);
        path.Set(sourceHost);
        var source = Files.Open(path.ForKernel(), OpenFlag.Path | OpenFlag.Directory | OpenFlag.CloExec);
        if (source < 0)
            return Refuse(Sys.Error(source), sourceHost, "", out sentence);
        var error = OpenFolder((int)source, writable, out var folder);
        if (error == Errno.None && writable)
            error = Sys.Error(Sys.Call(Nr.Flock, folder, LockExclusive | LockNonBlocking));
        if (error != Errno.None)
        {
            if (folder >= 0 && error == Errno.EAGAIN && Files.Stat(folder, out var stat) == 0)
            {
                error = Errno.EBUSY;
                sentence = $"vufs: {BytePath.Display(sourceHost)} is in use by {LockHolder.Describe(stat)}";
            }
            else
            {
                Refuse(error, sourceHost, "/.-", out sentence);
            }

            if (folder >= 0)
                Files.Close(folder);
            Files.Close(source);
            return error;
        }

        marks = new SourceMarks(source, folder);
        if (writable)
        {
            marks.FinishNoted();
            marks.temporary.RemoveStale();
        }

        if (folder >= 0)
        {
            marks.Refresh();
            marks.anyAttributes = marks.any && HasRecords(folder, "."u8, 0);
        }

        return Errno.None;
    }

    private static Errno Refuse(Errno error, ReadOnlySpan<byte> sourceHost, string below, out string sentence)
    {
        sentence = $"vufs: {BytePath.Display(sourceHost)}{below}: {ErrnoText.Of(error)}";
        return error;
    }

    private static Errno OpenFolder(int source, bool writable, out long folder)
    {
        folder = -1;
        var made = writable ? FileChanges.MakeDirectory(source, ".-\0"u8, 0x1FF) : -(long)Errno.EEXIST;
        folder = Files.Open(".-\0"u8, OpenFlag.Directory | OpenFlag.NoFollow | OpenFlag.CloExec, dirFd: source);
        if (folder < 0)
        {
            var error = Sys.Error(folder);
            if (!writable)
                return error is Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP ? Errno.None : error;
            // Why it could not be made says more than that it is not there.
            return error == Errno.ENOENT && made < 0 ? Sys.Error(made) : error;
        }

        // mkdir(2) obeyed the umask; other users of the source are to write here too.
        return made == 0 ? Sys.Error(Sys.Call(Nr.Fchmod, folder, 0x1FF)) : Errno.None;
    }

    /// <summary>Whether there is an attribute file in a directory or below it; what cannot be read may hold one.</summary>
    private static bool HasRecords(long parent, ReadOnlySpan<byte> name, int depth)
    {
        Span<byte> terminated = stackalloc byte[256];
        name.CopyTo(terminated);
        terminated[name.Length] = 0;
        var fd = Files.Open(terminated[..(name.Length + 1)], OpenFlag.Directory | OpenFlag.NoFollow | OpenFlag.CloExec, dirFd: (int)parent);
        if (fd < 0)
            return Sys.Error(fd) != Errno.ENOTDIR;
        var found = depth >= ScanDepth;
        Span<byte> buffer = stackalloc byte[4096];
        var entries = new DirectoryEntries(fd, buffer);
        while (!found && entries.MoveNext())
        {
            found = entries.Name[^1] == MarkName.RecordEnd
                || (entries.Type is 0 or 4 && !(depth == 0 && TemporaryFolder.IsTemporary(fd, entries)) && HasRecords(fd, entries.Name, depth + 1));
        }

        found |= entries.Error != Errno.None;
        Files.Close(fd);
        return found;
    }

    /// <summary>Looks whether there is still anything but temporaries in <c>.-</c>.</summary>
    private void Refresh()
    {
        var found = false;
        Sys.Call(Nr.Lseek, MarksFd, 0, 0);
        var entries = new DirectoryEntries(MarksFd, stackalloc byte[4096]);
        while (!found && entries.MoveNext())
            found = !TemporaryFolder.IsTemporary(MarksFd, entries);
        found |= entries.Error != Errno.None;
        any = found;
        if (!found)
            anyAttributes = false;
    }
}
