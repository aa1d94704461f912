using Akka.Configuration;
using Vuos.Actors.Calls;
using Vuos.Actors.Calls.Virtual;
using Vuos.Actors.Guests;
using Vuos.Actors.Modules;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Tests.Virtual.Content;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Virtual;

/// <summary>A file of a virtual file system that this process has open as a guest has, and calls on it as the tracer decides them.</summary>
internal sealed class OpenedFile : IAsyncDisposable
{
    private readonly PublishedView view = new();
    private readonly Control control = new();
    private readonly VirtualLayer layer;
    private readonly Mount mount;
    private readonly List<int> descriptors = [];

    private OpenedFile(ServerDouble server)
    {
        Server = server;
        view.Virtual.Configure(static () => ConfigurationFactory.ParseString("vuos.virtual { whole-file-limit = 5000, partial-bytes = 50000 }"));
        layer = new VirtualLayer(_ => server, new MountRequest { Type = "double", Source = "none" }, view.Virtual);
        mount = new Mount { Epoch = 1, Target = "/m"u8.ToArray(), Source = null, Type = "double", Shown = [], Virtual = layer };
        view.Table = view.Table.With(mount);
        Resolver = new PathResolver(view, _ => null);
        Fetch = new VirtualFetch(control);
    }

    public ServerDouble Server { get; }

    public PathResolver Resolver { get; }

    public VirtualFetch Fetch { get; }

    public PublishedView View => view;

    public int Descriptor => descriptors[0];

    public OpenNode Open { get; private set; } = null!;

    private VirtualNode Node { get; set; } = null!;

    /// <param name="server">What serves it.</param>
    /// <param name="size">Bytes of its content.</param>
    /// <param name="flags">As of open(2).</param>
    public static async Task<OpenedFile> MakeAsync(ServerDouble server, int size, int flags = OpenFlag.RdWr)
    {
        server.Content = ContentRig.Bytes(size);
        var file = new OpenedFile(server);
        Assert.Equal(Errno.None, await file.layer.StartAsync());
        file.Node = file.layer.LearnNameless(new NodeEntry(ServerDouble.Node, 0, server.Attributes, TimeSpan.Zero, TimeSpan.Zero));
        file.Node.IsUnlinked = false;
        file.Open = await file.OpenAsync(flags);
        return file;
    }

    /// <summary>Opens it again.</summary>
    public async Task<OpenNode> OpenAsync(int flags)
    {
        var open = await layer.Files.OpenAsync(ServerDouble.Node, flags, ContentRig.Guest, default);
        var answer = await layer.OpenContentAsync(Node, open.Value, flags, ContentRig.Guest, default);
        Assert.True(answer.Descriptor >= 0, $"{answer}");
        descriptors.Add(answer.Descriptor);
        Files.Stat(answer.Descriptor, out var stat);
        return view.Opened.Find(stat.Dev, stat.Ino)!;
    }

    /// <summary>A call whose first argument is a descriptor; what the layer answers, or what the kernel does if it is to.</summary>
    /// <param name="decide">The part that decides it.</param>
    /// <param name="number">The call.</param>
    /// <param name="arguments">Its arguments.</param>
    public long Do(Func<Call, Mount, Verdict> decide, int number, params ReadOnlySpan<long> arguments)
    {
        var call = new Call { Thread = Make.Self(), Number = number };
        for (var i = 0; i < arguments.Length; i++)
            call.Args[i] = arguments[i];
        for (var round = 0; round < 10; round++)
        {
            var verdict = decide(call, mount);
            if (verdict.Kind == VerdictKind.WaitHere)
            {
                var answer = control.Answer!;
                if (!answer.Again)
                    return answer.Result;
                continue;
            }

            if (verdict.Kind == VerdictKind.Answer)
                return verdict.Value;
            foreach (var change in verdict.Kind == VerdictKind.Rewrite ? call.Thread.Pending.Changes : [])
                call.Args[change.Index] = change.Value;
            var result = Sys.Call(number, call.Args[0], call.Args[1], call.Args[2], call.Args[3], call.Args[4], call.Args[5]);
            call.Thread.EndUse();
            return result;
        }

        throw new InvalidOperationException("the call goes round for ever");
    }

    public async ValueTask DisposeAsync()
    {
        descriptors.ForEach(static fd => Files.Close(fd));
        Assert.Equal(Errno.None, await layer.CloseAsync(default));
        Assert.Equal(0, Server.Defects);
    }

    /// <summary>Does at once what a layer's actor would.</summary>
    private sealed class Control : IModuleControl
    {
        public VirtualAnswer? Answer { get; private set; }

        public void Ask(GuestThread caller, Mount layer, Func<CancellationToken, ValueTask<VirtualAnswer>> work, bool brief) => Answer = work(default).AsTask().GetAwaiter().GetResult();

        public void Load(GuestThread caller, string name, bool permanent) => throw new NotSupportedException();

        public void Unload(GuestThread caller, string name) => throw new NotSupportedException();

        public void Mount(GuestThread caller, LoadedModule module, MountSpecification request) => throw new NotSupportedException();

        public void Unmount(GuestThread caller, Mount mount, bool detach, bool force) => throw new NotSupportedException();

        public void Detach(GuestThread caller, Mount mount, Func<bool> isUsed) => throw new NotSupportedException();

        public void Replace(GuestThread caller, Mount mount) => throw new NotSupportedException();

        public void Ask(GuestThread caller, Mount layer, UnionRequest request) => throw new NotSupportedException();
    }
}
