using System.Runtime.CompilerServices;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>What stands in <c>.-</c> for one name.</summary>
internal sealed partial class SourceMarks
{
    /// <summary>Whether anything is marked below a name: there is a directory for it. For look-ups.</summary>
    [SkipLocalsInit]
    public bool HasMarksBelow(ReadOnlySpan<byte> rel)
    {
        if (!any)
            return false;
        if (rel.IsEmpty)
            return true;
        Span<byte> buffer = stackalloc byte[MarkName.Capacity];
        return Files.Stat(MarkName.Of(rel, buffer), out var stat, At.SymlinkNoFollow, (int)MarksFd) == 0 && stat.IsDirectory;
    }
}
