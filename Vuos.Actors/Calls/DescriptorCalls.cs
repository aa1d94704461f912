using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls;

/// <summary>Calls on descriptors that change the file's attributes: EROFS when the file was reached through a read-only layer.</summary>
internal sealed class DescriptorCalls(PathResolver resolver)
{
    private readonly PathBuffer path = new();
    private readonly byte[] link = new byte[4096];

    public Verdict Decide(Call call)
    {
        var process = call.Thread.Process;
        if (!resolver.Table.AnyReadOnly || process.Names.IsEmpty)
            return Verdict.Continue;
        path.Set(System.Text.Encoding.ASCII.GetBytes($"/proc/{call.Thread.Tid}/fd/{(int)call.Args[0]}"));
        var n = Files.ReadLink(path.ForKernel(), link);
        if (n <= 0 || link[0] != (byte)'/')
            return Verdict.Continue;
        process.Names.DirectoryName(link.AsSpan(0, (int)n), path);
        return resolver.Table.Find(path.Span) is { ReadOnly: true } && !path.Span.SequenceEqual(link.AsSpan(0, (int)n))
            ? Verdict.Fail(Errno.EROFS)
            : Verdict.Continue;
    }
}
