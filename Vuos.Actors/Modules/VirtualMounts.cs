using System.Text;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules;

/// <summary>What the modules of virtual file systems have in common: options every layer knows, checks of the mount point, the layer itself.</summary>
internal sealed class VirtualMounts
{
    private readonly MountSpecification specification;
    private readonly bool noExec;
    private readonly bool permanent;
    private string said = "";

    public VirtualMounts(MountSpecification specification)
    {
        this.specification = specification;
        var own = new Dictionary<string, string>();
        var readOnly = (specification.Flags & MountFlag.ReadOnly) != 0;
        noExec = (specification.Flags & MountFlag.NoExec) != 0;
        foreach (var (name, value) in OptionList.Parse(specification.Data))
        {
            if (value is null && name == "ro")
                readOnly = true;
            else if (value is null && name == "noexec")
                noExec = true;
            else if (value is null && name == "permanent")
                permanent = true;
            else if (value is not null || !OptionList.IsIdle(name))
                own[name] = value ?? "";
        }

        Request = new MountRequest
        {
            Type = specification.Type,
            Source = Encoding.UTF8.GetString(specification.Source),
            SourcePath = specification.SourceNode is null && specification.SourceHost is { } host ? Encoding.UTF8.GetString(host) : null,
            Options = own,
            ReadOnly = readOnly,
            Caller = specification.Caller,
            Say = sentence => said = sentence,
        };
    }

    public MountRequest Request { get; }

    /// <summary>Null, or what is wrong with the mount point: a directory needs a directory (ENOTDIR), a device covers no directory (EISDIR), and its own directory must exist.</summary>
    public LayerResult? CheckTarget(bool directory)
    {
        var (exists, isDirectory) = Kind(specification.TargetNode, specification.TargetHost);
        if (directory && !exists)
            return LayerResult.Refuse(Errno.ENOENT, $"{specification.Type}: the mount point does not exist");
        if (exists && isDirectory != directory)
        {
            return directory
                ? LayerResult.Refuse(Errno.ENOTDIR, $"{specification.Type}: the mount point is not a directory")
                : LayerResult.Refuse(Errno.EISDIR, $"{specification.Type}: the mount point of a device cannot be a directory");
        }

        return !exists && specification.TargetNode is null && Kind(null, BytePath.Parent(specification.TargetHost)) is not (true, true)
            ? LayerResult.Refuse(Errno.ENOENT, $"{specification.Type}: the directory of the mount point does not exist")
            : null;
    }

    /// <summary>Starts the file system and makes the layer of it. If it does not start it is disposed, and what it said is the sentence.</summary>
    public async ValueTask<LayerResult> StartAsync(IFileSystem files, VirtualRun run, bool hasSubdevices = false)
    {
        var layer = new VirtualLayer(_ => files, Request, run);
        var error = await layer.StartAsync().ConfigureAwait(false);
        if (error == Errno.None)
            return Made(layer, hasSubdevices);
        await files.DisposeAsync().ConfigureAwait(false);
        return LayerResult.Refuse(error, said.Length > 0 ? said : $"{specification.Type}: {ErrnoText.Of(error)}");
    }

    /// <summary>The layer of a file system that has started, or will when it is first used.</summary>
    public LayerResult Made(VirtualLayer layer, bool hasSubdevices = false, string shown = "", bool readOnly = false) => new(
        new Mount
        {
            Epoch = specification.Epoch,
            Target = specification.TargetView,
            Source = null,
            Virtual = layer,
            HasSubdevices = hasSubdevices,
            Type = specification.Type,
            Shown = specification.Source,
            ReadOnly = Request.ReadOnly || readOnly || (layer.IsStarted && layer.Traits.ReadOnly),
            NoExec = noExec,
            Permanent = permanent,
            Options = layer.IsStarted && shown.Length == 0 ? layer.Traits.Shown : shown,
        },
        Errno.None,
        said);

    /// <summary>What a source or a mount point is, on the host or in a virtual file system.</summary>
    public static (bool Exists, bool Directory) Kind(VirtualNode? node, ReadOnlySpan<byte> host)
    {
        if (node is not null)
            return (true, node.IsDirectory);
        var path = new PathBuffer(host.Length + 2);
        path.Set(host);
        return Files.Stat(path.ForKernel(), out var stat) == 0 ? (true, stat.IsDirectory) : (false, false);
    }
}
