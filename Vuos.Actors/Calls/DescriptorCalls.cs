using Vuos.Actors.Calls.Unions;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls;

/// <summary>Calls on descriptors that a layer has a say in: EROFS when the file was reached through a read-only layer, and what unions do.</summary>
internal sealed class DescriptorCalls(PathResolver resolver, UnionDescriptors unions, UnionDirectories directories)
{
    private readonly PathBuffer path = new();
    private readonly byte[] link = new byte[4096];

    public Verdict Decide(Call call, long fd) => call.Number switch
    {
        Nr.Getdents or Nr.Getdents64 => directories.Read(call),
        Nr.Fstat => unions.Status(call),
        _ => IsReadOnly(call.Thread.Process, call.Thread.Tid, fd) ? Verdict.Fail(Errno.EROFS) : unions.Change(call, fd),
    };

    /// <summary>A path that ends in a descriptor of the guest's own, in /proc; see <see cref="UnionDescriptors.StandsFor"/>.</summary>
    public Errno StandsFor(Call call, Resolution found, bool changes = true) =>
        ProcLinks.Parse(found.Host.Span, out var pid, out var fd) == ProcEntry.Fd && (pid == call.Thread.Process.Pid || pid == call.Thread.Tid)
            ? unions.StandsFor(call, fd, changes, found) : Errno.None;

    /// <summary>An empty path, which means the descriptor.</summary>
    public Errno StandsFor(Call call, long fd, Resolution found) => unions.StandsFor(call, fd, changes: true, found);

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
