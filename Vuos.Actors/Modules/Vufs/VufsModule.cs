using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs;

/// <summary>
/// vufs, file system patchworking: shows a file or a tree at another place (bind, move), or two trees as one (merge, cow, mincow). A bind is a pure translation of names: the tracer applies it in
/// place, the guest opens the real file.
/// </summary>
internal sealed class VufsModule : IModule
{
    public string Name => "vufs";

    public string Description => "vu filesystem patchworking";

    public ValueTask<LayerResult> CreateAsync(MountSpecification request, VirtualRun run, CancellationToken cancel) => ValueTask.FromResult(Create(request));

    internal static LayerResult Create(MountSpecification request)
    {
        if (VufsOptions.Parse(request.Data, out var options) is { } complaint)
            return LayerResult.Refuse(Errno.EINVAL, complaint);
        if (request.SourceView is null || request.SourceHost is null)
            return LayerResult.Refuse(request.SourceError, "vufs: the source does not resolve");
        var error = Kind(request.SourceHost, out var sourceIsDirectory);
        if (error != Errno.None)
            return LayerResult.Refuse(error, error == Errno.ENOENT ? "vufs: the source does not exist" : "vufs: the source cannot be reached");
        if (CheckTarget(request, options, sourceIsDirectory) is { } refusal)
            return refusal;
        var move = options.Mode == VufsMode.Move || (request.Flags & MountFlag.Move) != 0;
        if (move && BytePath.IsAtOrBelow(request.TargetView, request.SourceView))
            return LayerResult.Refuse(Errno.ELOOP, "vufs: a tree cannot be moved into itself");
        Union? union = null;
        if (options.Mode is VufsMode.Merge or VufsMode.Cow or VufsMode.Mincow
            && UnionSource.Open(request, options, out union, out var why) is var refused && refused != Errno.None)
            return LayerResult.Refuse(refused, why);
        return new LayerResult(
            new Mount
            {
                Epoch = request.Epoch,
                Target = request.TargetView,
                Source = request.SourceView,
                Union = union,
                Type = request.Type,
                Shown = request.Source,
                ReadOnly = options.ReadOnly || (request.Flags & MountFlag.ReadOnly) != 0,
                NoExec = options.NoExec || (request.Flags & MountFlag.NoExec) != 0,
                Permanent = options.Permanent,
                HidesSource = move,
                Except = options.Except,
                Options = options.Shown(move),
            },
            Errno.None,
            "");
    }

    /// <summary>Null, or what is wrong with the mount point. Its last component need not exist on the host; if it does, a directory covers a directory and a file a file (mount(2)).</summary>
    private static LayerResult? CheckTarget(MountSpecification request, VufsOptions options, bool sourceIsDirectory)
    {
        if (request.TargetNode is not null && options.Mode is VufsMode.Merge or VufsMode.Cow or VufsMode.Mincow)
            return LayerResult.Refuse(Errno.EINVAL, $"vufs: the target of {options.Mode.ToString().ToLowerInvariant()} cannot lie in a virtual file system");
        if (VirtualMounts.Kind(request.TargetNode, request.TargetHost) is (true, var targetIsDirectory) && targetIsDirectory != sourceIsDirectory)
            return LayerResult.Refuse(Errno.ENOTDIR, "vufs: source and target must both be directories, or neither");
        if (request.TargetNode is not null)
            return null;
        if (Kind(BytePath.Parent(request.TargetHost), out var hasDirectory) is var parent && parent != Errno.None)
            return LayerResult.Refuse(parent, "vufs: the directory of the mount point does not exist");
        return hasDirectory ? null : LayerResult.Refuse(Errno.ENOTDIR, "vufs: the mount point does not lie in a directory");
    }

    private static Errno Kind(ReadOnlySpan<byte> path, out bool directory)
    {
        var buffer = new PathBuffer(path.Length + 2);
        buffer.Set(path);
        var error = Sys.Error(Files.Stat(buffer.ForKernel(), out var stat));
        directory = error == Errno.None && stat.IsDirectory;
        return error;
    }
}
