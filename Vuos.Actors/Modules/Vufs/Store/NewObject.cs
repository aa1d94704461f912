using System.Buffers.Text;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>
/// An object of the upper tree that nobody sees yet: a file without a name (O_TMPFILE), or one in the <see cref="TemporaryFolder"/>. It appears whole by
/// <see cref="Publish"/>, or not at all.
/// </summary>
internal sealed class NewObject : IDisposable
{
    private const uint PrivateMode = 0x180, PrivateFolder = 0x1C0;

    private readonly TemporaryFolder temporary;
    private readonly byte[] self = new byte[32];
    private byte[]? name;

    private NewObject(TemporaryFolder temporary, byte[]? name, long fd, bool isDirectory)
    {
        this.temporary = temporary;
        this.name = name;
        Fd = fd;
        IsDirectory = isDirectory;
        WriteProcPath(fd, self);
    }

    /// <summary>For a regular file one that writes, else an O_PATH descriptor.</summary>
    public long Fd { get; }

    public bool IsDirectory { get; }

    /// <summary>The object's name in /proc/self/fd, with a NUL.</summary>
    public ReadOnlySpan<byte> Path => self;

    /// <summary>Writes <c>/proc/self/fd/N</c> and a NUL into 32 bytes.</summary>
    public static void WriteProcPath(long fd, Span<byte> into)
    {
        "/proc/self/fd/"u8.CopyTo(into);
        Utf8Formatter.TryFormat(fd, into[14..], out var length);
        into[14 + length] = 0;
    }

    /// <summary>An empty regular file, in the file system of the directory it is to appear in.</summary>
    public static Errno File(TemporaryFolder temporary, long parent, out NewObject? made)
    {
        made = null;
        var fd = Files.Open(".\0"u8, OpenFlag.TmpFile | OpenFlag.RdWr | OpenFlag.CloExec, (int)PrivateMode, (int)parent);
        byte[]? name = null;
        // EISDIR from kernels or file systems that do not know the flag (open(2)).
        if (Sys.Error(fd) is Errno.EOPNOTSUPP or Errno.EISDIR or Errno.EINVAL or Errno.ENOSYS)
        {
            var folder = temporary.Fd();
            if (folder < 0)
                return Sys.Error(folder);
            name = temporary.NewName();
            fd = Files.Open(name, OpenFlag.Creat | OpenFlag.Excl | OpenFlag.RdWr | OpenFlag.CloExec, (int)PrivateMode, (int)folder);
        }

        if (fd < 0)
            return Sys.Error(fd);
        made = new NewObject(temporary, name, fd, isDirectory: false);
        return Errno.None;
    }

    /// <summary>A directory, a link to <paramref name="target"/>, or a node, by the type bits of <paramref name="mode"/>.</summary>
    public static Errno Node(TemporaryFolder temporary, uint mode, ulong device, ReadOnlySpan<byte> target, out NewObject? made)
    {
        made = null;
        var folder = temporary.Fd();
        if (folder < 0)
            return Sys.Error(folder);
        var name = temporary.NewName();
        var type = mode & FileType.Mask;
        var error = Sys.Error(type switch
        {
            FileType.Directory => FileChanges.MakeDirectory(folder, name, PrivateFolder),
            FileType.Link => FileChanges.MakeLink(target, folder, name),
            _ => FileChanges.MakeNode(folder, name, type | PrivateMode, device),
        });
        if (error != Errno.None)
            return error;
        var fd = Files.Open(name, OpenFlag.Path | OpenFlag.NoFollow | OpenFlag.CloExec, dirFd: (int)folder);
        if (fd < 0)
        {
            temporary.Remove(name);
            return Sys.Error(fd);
        }

        made = new NewObject(temporary, name, fd, type == FileType.Directory);
        return Errno.None;
    }

    /// <summary>Gives it its name; EEXIST if that is taken.</summary>
    public Errno Publish(long parent, ReadOnlySpan<byte> newName)
    {
        if (name is null)
            return Sys.Error(FileChanges.Link(At.FdCwd, self, parent, newName, At.SymlinkFollow));
        var folder = temporary.Fd();
        var error = Sys.Error(FileChanges.Rename(folder, name, parent, newName, RenameFlag.NoReplace));
        if (error is Errno.EINVAL or Errno.ENOSYS)
        {
            if (!IsDirectory)
                return Sys.Error(FileChanges.Link(folder, name, parent, newName));
            // At worst this replaces an empty directory.
            error = Files.Stat(newName, out _, At.SymlinkNoFollow, (int)parent) == 0
                ? Errno.EEXIST
                : Sys.Error(FileChanges.Rename(folder, name, parent, newName));
        }

        if (error == Errno.None)
            name = null;
        return error;
    }

    public void Dispose()
    {
        Files.Close(Fd);
        if (name is not null)
            temporary.Remove(name);
    }
}
