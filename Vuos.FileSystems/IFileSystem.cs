using Vuos.Native;

namespace Vuos.FileSystems;

/// <summary>
/// A file system served by .NET code: what the kernel's VFS asks of a file system, by node. The operations are those of FUSE's low level (include/uapi/linux/fuse.h;
/// libfuse's fuse_lowlevel.h), so a FUSE server, a device and a class of a user's own are all this interface to the hypervisor.
/// </summary>
/// <remarks>
/// <para>To write one: a public class with <see cref="FileSystemAttribute"/> and a constructor without parameters. <see cref="ReadOnlyTree{T}"/> is the short way for what only
/// shows something; <see cref="NodeTable{T}"/> counts look-ups. In an <c>async</c> method <c>return Errno.ENOENT;</c> and <c>return entry;</c> both do.</para>
/// <para>Operations may run at the same time, on any thread. One that is cancelled (the guest got a signal, or the layer is unmounted by force) should answer EINTR soon.</para>
/// <para>An operation that is not implemented answers ENOSYS; where the kernel has a default for a server that lacks the operation, the hypervisor uses the same.
/// An exception is answered with EIO, logged, and counts as a failure of the layer.</para>
/// <para>Names are bytes, without a slash and NUL, at most 255. Offsets and sizes are bytes. Buffers are the hypervisor's, valid until the operation ends.</para>
/// </remarks>
public interface IFileSystem : IAsyncDisposable
{
    /// <summary>Called once before everything else. An error refuses the mount.</summary>
    ValueTask<Answer<FileSystemTraits>> StartAsync(MountRequest request, CancellationToken cancel) => (Answer<FileSystemTraits>)new FileSystemTraits();

    /// <summary>Looks a name up. ENOENT: there is none.</summary>
    ValueTask<Answer<NodeEntry>> LookupAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel) => (Answer<NodeEntry>)Errno.ENOSYS;

    /// <summary>
    /// The hypervisor forgot that many look-ups of a node; when none is left and it has no name, it may be freed. Never answered. Comes when no operation on the node runs any
    /// more and no file of it is open.
    /// </summary>
    void Forget(ulong node, ulong lookups)
    {
    }

    /// <summary>stat(2); <paramref name="handle"/>: of an open file.</summary>
    ValueTask<Answer<TimedAttributes>> GetAttributesAsync(ulong node, ulong? handle, Caller caller, CancellationToken cancel) => (Answer<TimedAttributes>)Errno.ENOSYS;

    /// <summary>chmod, chown, truncate, utimensat.</summary>
    ValueTask<Answer<TimedAttributes>> SetAttributesAsync(ulong node, ulong? handle, AttributeChange change, Caller caller, CancellationToken cancel) => (Answer<TimedAttributes>)Errno.ENOSYS;

    /// <summary>Target of a symbolic link.</summary>
    ValueTask<Answer<byte[]>> ReadLinkAsync(ulong node, Caller caller, CancellationToken cancel) => (Answer<byte[]>)Errno.ENOSYS;

    /// <summary>mknod(2): a regular file, fifo, socket or device node. <paramref name="mode"/> has the type, and the umask applied unless <see cref="FileSystemTraits.AppliesUmask"/>.</summary>
    ValueTask<Answer<NodeEntry>> MakeNodeAsync(ulong parent, byte[] name, uint mode, uint device, Caller caller, CancellationToken cancel) => (Answer<NodeEntry>)Errno.ENOSYS;

    /// <summary>mkdir(2).</summary>
    ValueTask<Answer<NodeEntry>> MakeDirectoryAsync(ulong parent, byte[] name, uint mode, Caller caller, CancellationToken cancel) => (Answer<NodeEntry>)Errno.ENOSYS;

    /// <summary>symlink(2).</summary>
    ValueTask<Answer<NodeEntry>> MakeLinkAsync(ulong parent, byte[] name, byte[] target, Caller caller, CancellationToken cancel) => (Answer<NodeEntry>)Errno.ENOSYS;

    /// <summary>link(2).</summary>
    ValueTask<Answer<NodeEntry>> LinkAsync(ulong node, ulong newParent, byte[] newName, Caller caller, CancellationToken cancel) => (Answer<NodeEntry>)Errno.ENOSYS;

    /// <summary>unlink(2). An open file must stay usable until it is released.</summary>
    ValueTask<Errno> UnlinkAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.ENOSYS);

    /// <summary>rmdir(2): ENOTEMPTY.</summary>
    ValueTask<Errno> RemoveDirectoryAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.ENOSYS);

    /// <summary>renameat2(2) with its flags.</summary>
    ValueTask<Errno> RenameAsync(ulong parent, byte[] name, ulong newParent, byte[] newName, uint flags, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.ENOSYS);

    /// <summary>Opens a regular file or device; <paramref name="flags"/> as of open(2), without O_CREAT, O_EXCL, O_NOCTTY (and O_TRUNC, unless <see cref="FileSystemTraits.AtomicTruncate"/>).</summary>
    ValueTask<Answer<OpenResult>> OpenAsync(ulong node, int flags, Caller caller, CancellationToken cancel) => (Answer<OpenResult>)Errno.ENOSYS;

    /// <summary>Makes and opens a regular file. ENOSYS: <see cref="MakeNodeAsync"/> and <see cref="OpenAsync"/> are used.</summary>
    ValueTask<Answer<CreateResult>> CreateAsync(ulong parent, byte[] name, uint mode, int flags, Caller caller, CancellationToken cancel) => (Answer<CreateResult>)Errno.ENOSYS;

    /// <summary>O_TMPFILE. ENOSYS is told to the guest as EOPNOTSUPP.</summary>
    ValueTask<Answer<CreateResult>> CreateTemporaryAsync(ulong parent, uint mode, int flags, Caller caller, CancellationToken cancel) => (Answer<CreateResult>)Errno.ENOSYS;

    /// <summary>Bytes read; fewer than asked for only at the end of the file, unless the file is direct.</summary>
    ValueTask<Answer<int>> ReadAsync(ulong node, ulong handle, long offset, Memory<byte> buffer, Caller caller, CancellationToken cancel) => (Answer<int>)Errno.ENOSYS;

    /// <summary>Bytes written.</summary>
    ValueTask<Answer<int>> WriteAsync(ulong node, ulong handle, long offset, ReadOnlyMemory<byte> data, Caller caller, CancellationToken cancel) => (Answer<int>)Errno.ENOSYS;

    /// <summary>A descriptor of the open file is closed; errors of delayed writes are told here. ENOSYS: no flush is ever needed.</summary>
    ValueTask<Errno> FlushAsync(ulong node, ulong handle, ulong owner, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.ENOSYS);

    /// <summary>The last descriptor of an open file is closed.</summary>
    ValueTask<Errno> ReleaseAsync(ulong node, ulong handle, int flags) => ValueTask.FromResult(Errno.None);

    /// <summary>fsync(2), or fdatasync(2) with <paramref name="dataOnly"/>: what was written is on stable storage when this answers. ENOSYS counts as success.</summary>
    ValueTask<Errno> SyncAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.ENOSYS);

    /// <summary>Opens a directory. ENOSYS: handle 0.</summary>
    ValueTask<Answer<OpenResult>> OpenDirectoryAsync(ulong node, int flags, Caller caller, CancellationToken cancel) => (Answer<OpenResult>)Errno.ENOSYS;

    /// <summary>The names from <paramref name="offset"/> (0: the first) on, as many as it likes; an empty list is the end. <paramref name="plus"/>: with entries, where that is cheap.</summary>
    ValueTask<Answer<IReadOnlyList<DirectoryEntry>>> ReadDirectoryAsync(ulong node, ulong handle, long offset, bool plus, Caller caller, CancellationToken cancel) =>
        (Answer<IReadOnlyList<DirectoryEntry>>)Errno.ENOSYS;

    /// <summary>The last descriptor of an open directory is closed.</summary>
    ValueTask<Errno> ReleaseDirectoryAsync(ulong node, ulong handle) => ValueTask.FromResult(Errno.None);

    /// <summary>fsync(2) of a directory. ENOSYS counts as success.</summary>
    ValueTask<Errno> SyncDirectoryAsync(ulong node, ulong handle, bool dataOnly, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.ENOSYS);

    /// <summary>statfs(2).</summary>
    ValueTask<Answer<FileSystemStatus>> StatusAsync(ulong node, Caller caller, CancellationToken cancel) => (Answer<FileSystemStatus>)Errno.ENOSYS;

    /// <summary>access(2): ENOSYS means allowed. Not called with <see cref="FileSystemTraits.DefaultPermissions"/>.</summary>
    ValueTask<Errno> AccessAsync(ulong node, uint mask, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.ENOSYS);

    /// <summary>getxattr(2). ENODATA: there is none of that name.</summary>
    ValueTask<Answer<byte[]>> GetExtendedAsync(ulong node, byte[] name, Caller caller, CancellationToken cancel) => (Answer<byte[]>)Errno.ENOSYS;

    /// <summary>setxattr(2); <paramref name="flags"/>: XATTR_CREATE (1), XATTR_REPLACE (2).</summary>
    ValueTask<Errno> SetExtendedAsync(ulong node, byte[] name, ReadOnlyMemory<byte> value, uint flags, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.ENOSYS);

    /// <summary>listxattr(2): names, each with its NUL.</summary>
    ValueTask<Answer<byte[]>> ListExtendedAsync(ulong node, Caller caller, CancellationToken cancel) => (Answer<byte[]>)Errno.ENOSYS;

    /// <summary>removexattr(2).</summary>
    ValueTask<Errno> RemoveExtendedAsync(ulong node, byte[] name, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.ENOSYS);

    /// <summary>fallocate(2) with its mode.</summary>
    ValueTask<Errno> AllocateAsync(ulong node, ulong handle, long offset, long length, uint mode, Caller caller, CancellationToken cancel) => ValueTask.FromResult(Errno.ENOSYS);

    /// <summary>lseek(2) with SEEK_DATA (3) or SEEK_HOLE (4). ENOSYS: the file is all data.</summary>
    ValueTask<Answer<long>> SeekAsync(ulong node, ulong handle, long offset, int whence, Caller caller, CancellationToken cancel) => (Answer<long>)Errno.ENOSYS;

    /// <summary>
    /// ioctl(2) with its argument as the request encodes it: <paramref name="input"/> holds _IOC_SIZE bytes when the request writes, <paramref name="output"/> as many when it reads.
    /// The answer is the call's result. Requests that are not encoded so are listed by <see cref="IoctlShape"/>. ENOSYS is told to the guest as ENOTTY.
    /// </summary>
    ValueTask<Answer<int>> ControlAsync(ulong node, ulong handle, uint request, long argument, ReadOnlyMemory<byte> input, Memory<byte> output, Caller caller, CancellationToken cancel) =>
        (Answer<int>)Errno.ENOSYS;

    /// <summary>
    /// Sizes of the memory behind the argument of an ioctl request whose number does not encode them (HDIO_GETGEO, BLKRRPART, BLKGETSIZE, …): bytes read from and written to the guest. Null: as encoded.
    /// </summary>
    (int Input, int Output)? IoctlShape(uint request) => null;

    /// <summary>
    /// For ioctl requests whose argument's memory holds a pointer to more of it (BLKPG): where in it that pointer of 8 bytes is, and how many bytes it points to. They are read from the guest
    /// and follow the argument's own in the input of <see cref="ControlAsync"/>. Null: there is none.
    /// </summary>
    (int Offset, int Length)? IoctlPointer(uint request) => null;

    /// <summary>poll(2): the events that are ready (POLLIN, …). ENOSYS: always readable and writable.</summary>
    ValueTask<Answer<uint>> PollAsync(ulong node, ulong handle, uint events, Caller caller, CancellationToken cancel) => (Answer<uint>)Errno.ENOSYS;

    /// <summary>
    /// A descriptor of the hypervisor's that a guest can be given for an open file of this node instead of content served by reads and writes (a RAM disk's memfd, a socket).
    /// The caller closes it. ENOSYS: there is none.
    /// </summary>
    ValueTask<Answer<int>> DescriptorAsync(ulong node, ulong handle, int flags, Caller caller, CancellationToken cancel) => (Answer<int>)Errno.ENOSYS;

    /// <summary>syncfs(2) and unmounting: everything written is on stable storage when this answers. ENOSYS counts as success.</summary>
    ValueTask<Errno> SyncAllAsync(CancellationToken cancel) => ValueTask.FromResult(Errno.ENOSYS);
}

/// <summary>Told by a file system when what the hypervisor remembers is no longer true (FUSE_NOTIFY_INVAL_*).</summary>
public interface IInvalidation
{
    /// <summary>Attributes of a node, and its content in a range (<paramref name="length"/> 0: to the end; <paramref name="offset"/> negative: attributes only).</summary>
    void Node(ulong node, long offset, long length);

    /// <summary>A name of a directory.</summary>
    void Entry(ulong parent, ReadOnlySpan<byte> name);

    /// <summary>All names (FUSE_NOTIFY_INC_EPOCH); attributes and content stay valid.</summary>
    void Names()
    {
    }

    /// <summary>What <see cref="IFileSystem.PollAsync"/> answered for an open file may be different now (FUSE_NOTIFY_POLL); told once an answer.</summary>
    void Readiness(ulong node, ulong handle)
    {
    }
}
