using System.Buffers.Binary;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>
/// sendfile, splice and copy_file_range from or to a file of which only a part is in memory: the ranges are brought there, then the kernel does the call, with no more bytes than were brought. Who
/// asks for more is told how many it were, as these calls may always say. Tracer thread only.
/// </summary>
internal sealed class VirtualMoves(PathResolver resolver, VirtualFetch fetch)
{
    /// <summary>Bytes of one call.</summary>
    public const int MostAtOnce = 4 << 20;

    /// <summary>Null: neither side is such a file.</summary>
    public Verdict? Serve(Call call)
    {
        // sendfile(out, in, *offset, count); the others (in, *offset, out, *offset, length, flags).
        var (source, sourceAt, target, targetAt, count) = call.Number == Nr.Sendfile
            ? (call.Args[1], call.Args[2], call.Args[0], 0L, 3)
            : (call.Args[0], call.Args[1], call.Args[2], call.Args[3], 4);
        var (from, to) = (Partial(call, source), Partial(call, target));
        if (from is null && to is null)
            return null;
        call.Thread.EndUse();
        var asked = (long)Math.Min((ulong)call.Args[count], long.MaxValue);
        var length = Math.Min(asked, MostAtOnce);
        var uses = new List<PartialUse>(2);
        if (from is not null)
        {
            var offset = OffsetOf(call, source, sourceAt);
            length = Math.Min(length, from.Content.MemorySize - offset);
            uses.Add(new PartialUse(from, offset, Writes: false));
        }

        if (to is not null)
            uses.Add(new PartialUse(to, OffsetOf(call, target, targetAt), Writes: true));
        // Nothing to move, or not what it says: the kernel knows the errno.
        if (length <= 0 || uses.Exists(static use => use.Offset < 0))
            return Verdict.Continue;
        var ready = uses.TakeWhile(use => use.File.Content.TryEnsure(use.Offset, length)).Count();
        if (ready < uses.Count)
        {
            Done(uses.Take(ready), length);
            return Bring(call, uses, length);
        }

        foreach (var use in uses)
            call.Thread.BeginUse(use.File, use.Offset, length, use.Writes);
        if (length == asked)
            return Verdict.Continue;
        call.Thread.Pending.Begin(call.Number);
        call.Thread.Pending.Replace(count, length);
        return Verdict.Rewrite;
    }

    private Verdict Bring(Call call, List<PartialUse> uses, long length)
    {
        var who = GuestCaller.Of(call.Thread);
        if (uses.Exists(use => resolver.Table.MountOf(use.File.Layer) is null))
            return Verdict.Fail(Errno.ENOTCONN);
        return fetch.Ask(call, resolver.Table.MountOf(uses[0].File.Layer)!, async cancel =>
        {
            var brought = 0;
            var error = Errno.None;
            // Each stays until all are there: they may be parts of one file, which keeps only so much.
            for (; brought < uses.Count && error == Errno.None; brought += error == Errno.None ? 1 : 0)
                error = await uses[brought].File.Content.EnsureAsync(uses[brought].Offset, length, 0, who.Plain(), cancel).ConfigureAwait(false);
            // Decided again, the call takes the ranges anew.
            Done(uses.Take(brought), length);
            return error == Errno.None ? VirtualAnswer.Retry : VirtualAnswer.Fail(error);
        });
    }

    private static void Done(IEnumerable<PartialUse> uses, long length)
    {
        foreach (var use in uses)
            use.File.Content.Done(use.Offset, length);
    }

    private OpenFile? Partial(Call call, long fd) => (int)fd >= 0 && resolver.FindOpen(call.Thread.Tid, fd) is OpenFile { Content.IsPartial: true } file ? file : null;

    /// <summary>Where the call begins in a file: what the pointer says, or the position (none of these calls writes to who appends); negative: that cannot be told.</summary>
    private static long OffsetOf(Call call, long fd, long pointer)
    {
        if (pointer == 0)
            return GuestDescriptor.NextOffset(call.Thread.Process.Pid, fd, writes: false);
        Span<byte> offset = stackalloc byte[8];
        return GuestMemory.Read(call.Thread.Tid, pointer, offset) == Errno.None ? BinaryPrimitives.ReadInt64LittleEndian(offset) : -1;
    }

    /// <summary>What of a file a call uses.</summary>
    private readonly record struct PartialUse(OpenFile File, long Offset, bool Writes);
}
