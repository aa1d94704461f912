using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>
/// A rename in the upper tree and that of its records are several steps. Before the first, what is to be done is noted in the folder of temporaries; a run that finds the note of
/// one that was killed takes the last steps. It may be killed in its turn: each step can be told from one that was not taken.
/// </summary>
internal sealed partial class SourceMarks
{
    private static ReadOnlySpan<byte> NoteName => "move\0"u8;

    /// <summary>Takes the steps that a killed run had still to take. Call it with the lock held, before what it left is removed.</summary>
    private void FinishNoted()
    {
        foreach (var name in TemporaryFolder.List(MarksFd))
        {
            var folder = Files.Open(name, OpenFlag.Directory | OpenFlag.NoFollow | OpenFlag.CloExec, dirFd: (int)MarksFd);
            if (folder < 0)
                continue;
            if (ReadNote(folder, out var note) == Errno.None && Finish(note, folder) == Errno.None)
                RemoveNote(folder);
            Files.Close(folder);
        }
    }

    private Errno Finish(in MoveNote note, long folder)
    {
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        var renamed = Files.Stat(MarkName.Of(note.To, buffer), out var stat, At.SymlinkNoFollow, (int)SourceFd) == 0 && stat.Ino == note.Inode;
        if (!renamed)
            return Errno.None;
        any = anyAttributes = true;
        return Follow(note, folder);
    }

    private Errno WriteNote(in MoveNote note)
    {
        var error = Prepare(note.Format(), out var prepared);
        if (error != Errno.None)
            return error;
        error = Sys.Error(FileChanges.Rename(temporary.Fd(), prepared, temporary.Fd(), NoteName));
        if (error != Errno.None)
            temporary.Remove(prepared);
        return error;
    }

    private static Errno ReadNote(long folder, out MoveNote note)
    {
        note = default;
        var fd = Files.Open(NoteName, OpenFlag.NoFollow | OpenFlag.NonBlock | OpenFlag.CloExec, dirFd: (int)folder);
        if (fd < 0)
            return Sys.Error(fd);
        var buffer = new byte[MoveNote.Capacity];
        var length = Files.ReadAll(fd, buffer);
        Files.Close(fd);
        return length < 0 ? Sys.Error(length) : MoveNote.Parse(buffer[..(int)length], out note);
    }

    private static void RemoveNote(long folder) => FileChanges.Unlink(folder, NoteName);
}
