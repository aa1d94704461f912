using System.Text;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>
/// fuse: a virtual /dev/fuse, and the mounts that programs make with it. The hypervisor is the kernel's side of the protocol, so neither the host's device nor a setuid fusermount is needed.
/// </summary>
internal sealed class FuseModule : IModule
{
    public string Name => "fuse";

    public string Description => "virtual /dev/fuse: file systems of programs";

    /// <summary>mount(2) as libfuse calls it: types <c>fuse</c>, <c>fuse.NAME</c>, <c>fuseblk</c>, <c>fuseblk.NAME</c>. It does not wait for the server, which is usually who calls.</summary>
    public ValueTask<LayerResult> CreateAsync(MountSpecification request, VirtualRun run, CancellationToken cancel) => ValueTask.FromResult(Create(request, run));

    public Mount? OwnLayer(Func<long> nextEpoch, VirtualRun run)
    {
        var device = new FuseDevice(run);
        return new Mount
        {
            Epoch = nextEpoch(),
            Target = "/dev/fuse"u8.ToArray(),
            Source = null,
            Virtual = new VirtualLayer(_ => device, new MountRequest { Type = Name, Source = Name }, run),
            Type = Name,
            Shown = "fuse"u8.ToArray(),
            OfModule = true,
        };
    }

    private static LayerResult Create(MountSpecification specification, VirtualRun run)
    {
        var block = specification.Type.StartsWith("fuseblk", StringComparison.Ordinal);
        if (FuseMountOptions.Parse(specification.Data, block, out var options) is var error && error != Errno.None)
            return LayerResult.Refuse(error, $"fuse: the options are not those of a FUSE server: {specification.Data}");
        var path = Encoding.ASCII.GetBytes($"/proc/{specification.Pid}/fd/{options.Descriptor}\0");
        if (Files.Stat(path, out var stat) < 0 || FuseSessions.Find(stat.Ino) is not { State: FuseSessionState.Open } session)
            return LayerResult.Refuse(Errno.EINVAL, $"fuse: descriptor {options.Descriptor} is no open /dev/fuse, or is mounted already");
        // What a server of a layer mounts is that layer; who mounts it says where and how.
        if (run.Awaited.TryRemove(specification.ViewEpoch, out var awaited))
            return awaited.TrySetResult(new AwaitedServer(session, options)) ? LayerResult.Taken : LayerResult.Refuse(Errno.EIO, "fuse: the mount was given up");
        var mounts = new VirtualMounts(specification with { Data = options.ReadOnly ? "ro" : "" });
        if (mounts.CheckTarget((options.RootMode & FileType.Mask) == FileType.Directory) is { } wrong)
            return wrong;
        session.Served = new ServedMount(specification.TargetView, specification.Epoch);
        var layer = new VirtualLayer(layer => new FuseFileSystem(session, options, layer), mounts.Request, run);
        run.Programs?.HasMounted(specification.Pid);
        _ = layer.StartAsync().ContinueWith(_ => run.Programs?.HasStarted(), TaskScheduler.Default);
        return mounts.Made(layer, shown: options.Traits(session.MaxTransfer).Shown);
    }
}
