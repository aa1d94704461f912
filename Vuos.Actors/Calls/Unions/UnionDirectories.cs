using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls.Unions;

/// <summary>
/// getdents and getdents64 on directories made of two. The position is kept where the kernel keeps it, in the open file description, so lseek, dup and fork need no help: the descriptor
/// is borrowed (pidfd_getfd(2)), its offset read and set. Positions of ours have bit 42 set; a directory that the kernel began to read is read on by the kernel. Tracer thread only.
/// </summary>
internal sealed class UnionDirectories(UnionDescriptors descriptors, UnionPlanner planner)
{
    private const int MostAtOnce = 65536;

    private readonly Resolution found = new();
    private readonly byte[] buffer = new byte[MostAtOnce];

    public Verdict Read(Call call)
    {
        if (!descriptors.TryFind(call.Thread.Process, call.Thread.Tid, call.Args[0], found))
            return Verdict.Continue;
        var fd = GuestDescriptor.Borrow(call.Thread.Process.Pid, call.Args[0]);
        if (fd < 0)
            return Verdict.Continue;
        var verdict = Read(call, fd);
        Files.Close(fd);
        return verdict;
    }

    private Verdict Read(Call call, long fd)
    {
        var position = GuestDescriptor.Position(fd);
        var ours = Modules.Vufs.Store.MergedListing.IsPosition(position);
        if (position < 0 || (position != 0 && !ours) || (!ours && !IsMadeOfTwo(found.Hit)))
            return Verdict.Continue;
        if (found.Hit.Place is not (Place.Upper or Place.Lower))
            return Verdict.Fail(Errno.ENOENT);
        var listing = found.Hit.Layer!.Union!.Listings.Find(found.Hit.Rel.Span, call.Thread.Tid, start: position == 0);
        if (listing is null)
            return planner.Ask(call, found.Hit.Layer, new ReadNames(found.Hit.Rel.Span.ToArray(), call.Thread.Tid));
        var length = listing.Fill(buffer.AsSpan(0, (int)Math.Min((uint)call.Args[2], MostAtOnce)), ref position, call.Number == Nr.Getdents);
        if (length <= 0)
            return Verdict.Answer(length);
        if (GuestMemory.Write(call.Thread.Tid, call.Args[1], buffer.AsSpan(0, length)) != Errno.None)
            return Verdict.Fail(Errno.EFAULT);
        var moved = GuestDescriptor.MoveTo(fd, position);
        return Verdict.Answer(moved < 0 ? moved : length);
    }

    /// <summary>Whether the kernel's own listing of the directory would say too much or too little.</summary>
    private bool IsMadeOfTwo(UnionHit hit)
    {
        var union = hit.Layer!.Union!;
        if (hit.Place is not (Place.Upper or Place.Lower))
            return hit.Place is Place.Deleted;
        if (hit.Rel.Length == 0 || union.Marks.HasMarksBelow(hit.Rel.Span) || IsBelowMadeOfTwo(hit))
            return true;
        if (hit.Place == Place.Lower || union.Marks.IsWhitedOut(hit.Rel.Span))
            return false;
        var lower = PathBuffer.Rent();
        var both = descriptors.IsInLower(hit, lower);
        PathBuffer.Return(lower);
        return both;
    }

    private bool IsBelowMadeOfTwo(UnionHit hit)
    {
        if (hit.Place != Place.Lower || !descriptors.TryBelow(hit, out var below))
            return false;
        return IsMadeOfTwo(below);
    }
}
