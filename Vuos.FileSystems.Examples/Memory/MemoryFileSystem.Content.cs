using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>Open files and directories. An open file holds its node; there is nothing else to remember of it, so its handle is the node's id.</summary>
public sealed partial class MemoryFileSystem
{
    /// <summary>lseek(2): include/uapi/linux/fs.h.</summary>
    private const int SeekData = 3;

    /// <summary>fallocate(2): include/uapi/linux/falloc.h.</summary>
    private const uint KeepSize = 1, PunchHole = 2, ZeroRange = 16;

    /// <summary>Entries in one answer: enough that a message is small beside them.</summary>
    private const int ListingPiece = 512;

    public async ValueTask<Answer<OpenResult>> OpenAsync(ulong node, int flags, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            if (nodes[node] is not { } found)
                return Errno.ESTALE;
            if (found.Content is null)
                return found.Directory is null ? Errno.ENXIO : Errno.EISDIR;
            nodes.Hold(node);
            return new OpenResult(node, OpenTraits.KeepCache);
        }
    }

    public async ValueTask<Answer<CreateResult>> CreateAsync(ulong parent, byte[] name, uint mode, int flags, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            var made = Make(parent, name, new MemoryNode(FileType.Regular | (mode & ~FileType.Mask), caller) { Content = new SparseContent(budget) });
            if (made.Error == Errno.EEXIST && (flags & OpenFlag.Excl) == 0)
            {
                // Somebody else was faster: it is opened as it is.
                var there = nodes[parent]!.Directory![name]!;
                if (there.Content is null)
                    return there.Directory is not null ? Errno.EISDIR : there.Target is not null ? Errno.ELOOP : Errno.ENXIO;
                made = Entry(there);
            }

            if (made.Failed)
                return made.Error;
            nodes.Hold(made.Value.Node);
            return new CreateResult(made.Value, new OpenResult(made.Value.Node, OpenTraits.KeepCache));
        }
    }

    public async ValueTask<Answer<CreateResult>> CreateTemporaryAsync(ulong parent, uint mode, int flags, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            var error = Directory(parent, [], out var directory);
            if (error != Errno.None)
                return error;
            if (directory.Links == 0)
                return Errno.ENOENT;
            var node = new MemoryNode(FileType.Regular | (mode & ~FileType.Mask), caller)
            {
                Content = new SparseContent(budget),
                Linkable = (flags & OpenFlag.Excl) == 0,
                Links = 0,
            };
            Inherit(node, directory);
            // The table's first hold is that of the open file: there is no name.
            node.Id = nodes.Add(node);
            return new CreateResult(Entry(node), new OpenResult(node.Id, OpenTraits.KeepCache));
        }
    }

    public async ValueTask<Answer<int>> ReadAsync(ulong node, ulong handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel)
    {
        lock (gate)
            return nodes[node]?.Content is { } content ? content.Read(offset, buffer.Span) : Errno.EBADF;
    }

    public async ValueTask<Answer<int>> WriteAsync(ulong node, ulong handle, long offset, ReadOnlyMemory<byte> data, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            if (nodes[node] is not { Content: { } content } found)
                return Errno.EBADF;
            if (data.Length == 0)
                return 0;
            if (offset > long.MaxValue - data.Length)
                return Errno.EFBIG;
            var written = content.Write(offset, data.Span);
            if (written == 0)
                return Errno.ENOSPC;
            found.Modified();
            if (caller.Uid != 0)
                found.DropPrivileges();
            return written;
        }
    }

    public async ValueTask<Errno> ReleaseAsync(ulong node, ulong handle, int flags)
    {
        lock (gate)
            nodes.Drop(node);
        return Errno.None;
    }

    public async ValueTask<Errno> AllocateAsync(ulong node, ulong handle, long offset, long length, uint mode, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            if (nodes[node] is not { Content: { } content } found)
                return Errno.EBADF;
            if (offset < 0 || length <= 0)
                return Errno.EINVAL;
            if (offset > long.MaxValue - length)
                return Errno.EFBIG;
            switch (mode & ~KeepSize)
            {
                case 0:
                    break;
                case PunchHole when (mode & KeepSize) != 0:
                    content.Punch(offset, length);
                    found.Modified();
                    return Errno.None;
                case ZeroRange:
                    content.Punch(offset, length);
                    break;
                default:
                    return Errno.EOPNOTSUPP;
            }

            if ((length - 1) / SparseContent.BlockSize > budget.Limit || !content.Reserve(offset, length))
                return Errno.ENOSPC;
            if ((mode & KeepSize) == 0 && offset + length > content.Size)
                content.SetSize(offset + length);
            found.Modified();
            return Errno.None;
        }
    }

    public async ValueTask<Answer<long>> SeekAsync(ulong node, ulong handle, long offset, int whence, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            if (nodes[node]?.Content is not { } content)
                return Errno.EBADF;
            if (offset < 0 || offset >= content.Size)
                return Errno.ENXIO;
            if (whence != SeekData)
                return content.NextHole(offset);
            return content.NextData(offset) is { } data ? data : Errno.ENXIO;
        }
    }

    public async ValueTask<Answer<OpenResult>> OpenDirectoryAsync(ulong node, int flags, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            var error = Directory(node, [], out _);
            if (error != Errno.None)
                return error;
            nodes.Hold(node);
            return new OpenResult(node);
        }
    }

    public async ValueTask<Answer<IReadOnlyList<DirectoryEntry>>> ReadDirectoryAsync(ulong node, ulong handle, long offset, bool plus, Caller caller, CancellationToken cancel)
    {
        lock (gate)
        {
            var error = Directory(node, [], out var directory);
            if (error != Errno.None)
                return error;
            // As the kernel says of a removed directory (iterate_dir, fs/readdir.c).
            if (directory.Links == 0)
                return Errno.ENOENT;
            var entries = new List<DirectoryEntry>();
            if (offset < MemoryDirectory.Self)
                entries.Add(new DirectoryEntry("."u8.ToArray(), node, FileType.Directory, MemoryDirectory.Self));
            if (offset < MemoryDirectory.Up)
                entries.Add(new DirectoryEntry(".."u8.ToArray(), directory.Directory!.Parent.Id, FileType.Directory, MemoryDirectory.Up));
            foreach (var (name, child, number) in directory.Directory!.After(offset, ListingPiece))
                entries.Add(new DirectoryEntry(name, child.Id, child.Mode & FileType.Mask, number, plus ? Entry(child) : null));
            return entries;
        }
    }

    public async ValueTask<Errno> ReleaseDirectoryAsync(ulong node, ulong handle)
    {
        lock (gate)
            nodes.Drop(node);
        return Errno.None;
    }
}
