using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs;

/// <summary>Opening the source of a merge, cow or mincow mount: both sides are directories, and a source that is written belongs to one run at a time.</summary>
internal static class UnionSource
{
    public static Errno Open(MountSpecification request, VufsOptions options, out Union? union, out string sentence)
    {
        union = null;
        KernelStat below = default;
        var error = Kind(request.SourceHost!, "source", out var source, out sentence);
        if (error == Errno.None)
            error = Kind(request.TargetHost, "target", out below, out sentence);
        if (error != Errno.None)
            return error;
        var writable = options.Mode != VufsMode.Merge;
        error = SourceMarks.Open(request.SourceHost!, writable, out var marks, out sentence);
        if (error != Errno.None)
            return error;
        union = new Union(options.Mode, marks!, marks!.SourceFd, request.SourceHost!)
        {
            HasLower = source.Dev != below.Dev || source.Ino != below.Ino,
            NoCopyOnChange = options.NoCopyOnChange,
        };
        return Errno.None;
    }

    private static Errno Kind(byte[] path, string side, out KernelStat stat, out string sentence)
    {
        sentence = "";
        var buffer = new PathBuffer(path.Length + 2);
        buffer.Set(path);
        var error = Sys.Error(Files.Stat(buffer.ForKernel(), out stat));
        if (error == Errno.None && !stat.IsDirectory)
            error = Errno.ENOTDIR;
        if (error != Errno.None)
            sentence = $"vufs: the {side} {(error == Errno.ENOENT ? "does not exist" : error == Errno.ENOTDIR ? "is no directory" : "cannot be reached")}";
        return error;
    }
}
