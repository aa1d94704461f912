using Vuos.Actors.Running;
using Vuos.Actors.Views;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs;

/// <summary>
/// A file that a call is about to cut needs no more copied than will be left. But were the call refused after that copy, the rest would be lost, so only a call that cannot fail
/// is trusted; for any other the whole file is copied.
/// </summary>
internal sealed partial class UnionOperations
{
    private const uint OwnerWrites = 0x80;

    private bool WillBeCut(CopyUpName request)
    {
        // Who has ids or restrictions of his own (landlock(7)) is judged by the kernel alone.
        if (request.Length == long.MaxValue || request.Who is not null)
            return false;
        var host = new PathBuffer(512);
        // The copy may belong to us where the original did not: then its owner's bits count.
        return Locate(request.Rel, host) == Place.Lower && Files.Access(host.ForKernel(), 2, At.EAccess) == 0
            && Files.Stat(host.ForKernel(), out var stat, At.SymlinkNoFollow) == 0 && (stat.Mode & OwnerWrites) != 0
            && DescriptorLimit.HasFree(request.Tid);
    }
}
