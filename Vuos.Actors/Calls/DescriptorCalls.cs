using Vuos.Actors.Calls.Unions;
using Vuos.Actors.Calls.Virtual;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Calls;

/// <summary>Calls on descriptors that a layer has a say in: EROFS when the file was reached through a read-only layer, and what unions do.</summary>
internal sealed class DescriptorCalls(PathResolver resolver, UnionDescriptors unions, UnionDirectories directories, VirtualDescriptors virtuals)
{
    private readonly PathBuffer path = new();
    private readonly byte[] link = new byte[4096];

    public Verdict Decide(Call call, long fd) => virtuals.Decides(call, fd, out var verdict) ? verdict : call.Number switch
    {
        Nr.Getdents or Nr.Getdents64 => directories.Read(call),
        Nr.Fstat => unions.Status(call),
        // Trapped for virtual file systems alone.
        Nr.Lseek or Nr.Mmap or Nr.Msync or Nr.Sendfile or Nr.Splice or Nr.CopyFileRange or Nr.Close or Nr.Dup2 or Nr.Dup3 or Nr.Fsync or Nr.Fdatasync or Nr.Syncfs or Nr.SyncFileRange or Nr.Fstatfs or Nr.Fgetxattr or Nr.Flistxattr => Verdict.Continue,
        var transfer when ByteTransfer.Is(transfer) => Verdict.Continue,
        _ => IsReadOnly(call.Thread.Process, call.Thread.Tid, fd) ? Verdict.Fail(Errno.EROFS) : unions.Change(call, fd),
    };

    /// <summary>
    /// Whether the call may wait for as long as another one likes: it moves bytes and is no file's, or is splice(2), which has a pipe on one side. A signal ends that wait with EINTR; it
    /// never does for the others, of which close(2) least of all.
    /// </summary>
    public bool MayBlock(Call call) => call.Number switch
    {
        Nr.Splice => true,
        var number => (number == Nr.Sendfile || ByteTransfer.Is(number))
            && Files.Stat(resolver.ProcDescriptor(call.Thread.Tid, call.Args[0]), out var stat) == 0 && !stat.IsRegular && !stat.IsDirectory,
    };

    /// <summary>exit_group: closes all descriptors.</summary>
    public Verdict EndProcess(Call call) => virtuals.EndProcess(call);

    /// <summary>A call with an empty path on a descriptor of a virtual file system.</summary>
    public bool DecidesVirtual(Call call, long fd, out Verdict verdict)
    {
        verdict = default;
        return resolver.Table.AnyVirtual && virtuals.Decides(call, fd, out verdict);
    }

    /// <summary>Whether a descriptor of a process was opened through a read-only layer.</summary>
    public bool IsReadOnly(GuestProcess process, int tid, long fd)
    {
        if (!resolver.Table.AnyReadOnly || process.Names.IsEmpty)
            return false;
        path.Set(System.Text.Encoding.ASCII.GetBytes($"/proc/{tid}/fd/{(int)fd}"));
        var n = Files.ReadLink(path.ForKernel(), link);
        if (n <= 0 || link[0] != (byte)'/')
            return false;
        process.Names.DirectoryName(link.AsSpan(0, (int)n), path);
        return resolver.Table.Find(path.Span) is { ReadOnly: true } && !path.Span.SequenceEqual(link.AsSpan(0, (int)n));
    }
}
