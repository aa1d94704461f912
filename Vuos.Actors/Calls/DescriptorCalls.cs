using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls;

/// <summary>Calls on descriptors that change the file's attributes: EROFS when the file was reached through a read-only layer.</summary>
internal sealed class DescriptorCalls(PathResolver resolver)
{
    private readonly PathBuffer path = new();
    private readonly byte[] link = new byte[4096];

    public Verdict Decide(Call call, long fd) => IsReadOnly(call.Thread.Process, call.Thread.Tid, fd) ? Verdict.Fail(Errno.EROFS) : Verdict.Continue;

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
