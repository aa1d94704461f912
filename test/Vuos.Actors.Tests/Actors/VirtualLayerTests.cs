using Akka.Actor;
using Vuos.Actors.Actors;
using Vuos.Actors.Calls;
using Vuos.Actors.Modules;
using Vuos.Actors.Tests.Fuse;
using Vuos.Actors.Tests.Fuse.Real;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Actors;

/// <summary>
/// The actor of a layer is killed, and nothing else, while guests write and sync files of an image that fuse2fs serves: who waits is answered, what fsync acknowledged is in the image, and the
/// image is clean.
/// </summary>
public sealed class VirtualLayerTests : ActorTest
{
    private const int Writers = 3, Before = 20, RecordSize = 8;

    private readonly TempDirectory folder = new();
    private readonly VirtualRun run = new();
    private readonly PublishedView view = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource warm = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int[] acknowledged = new int[Writers];
    private int total;

    [ServersFact]
    public async Task A_killed_actor_is_restarted_and_nobody_notices()
    {
        await using var server = await MountAsync();
        var guests = Guests(server.Layer);
        await warm.Task.WaitAsync(Soon);
        await EventFilter.Exception<ActorKilledException>().ExpectAsync(2, Soon, () =>
        {
            server.Layer.Actor!.Tell(Kill.Instance);
            server.Layer.Actor!.Tell(Kill.Instance);
            return Task.CompletedTask;
        });
        var seen = Volatile.Read(ref total);
        AwaitCondition(() => Volatile.Read(ref total) > seen + Before, Soon);
        Assert.NotNull(view.Table.At("/m"u8));
        server.Module.Tell(new UnmountLayer(server.Mount, Detached: false, CreateTestProbe()));
        await CheckAsync(server, guests);
    }

    [ServersTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_actor_that_ends_for_good_takes_nothing_with_it(bool byFailures)
    {
        await using var server = await MountAsync();
        var guests = Guests(server.Layer);
        // Written and never synced: as good as what a program leaves to close(2).
        var fd = await OpenAsync(server, "unsynced");
        Assert.Equal(0, FileChanges.WriteAllAt(fd, "not synced"u8, 0));
        await warm.Task.WaitAsync(Soon);
        await EventFilter.Error(contains: "kept failing and is unmounted").ExpectOneAsync(Soon, () =>
        {
            for (var i = 0; i < (byFailures ? 4 : 1); i++)
                server.Layer.Actor!.Tell(byFailures ? new VirtualFailed(new InvalidOperationException("a defect")) : PoisonPill.Instance);
            return Task.CompletedTask;
        });
        await CheckAsync(server, guests);
        Files.Close(fd);
        Assert.Null(view.Table.At("/m"u8));
        Assert.Equal("not synced"u8.ToArray(), Content("unsynced"));
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        folder.Dispose();
    }

    private async Task<Served> MountAsync()
    {
        using (var image = File.Create(folder.At("image")))
            image.SetLength(16 << 20);
        Tool("mke2fs", "-q", "-F", "-t", "ext4", folder.At("image"));
        VirtualLayer layer = null!;
        var server = await RealServer.StartAsync(
            files =>
            {
                layer = new VirtualLayer(_ => files, ScriptedServer.Request, run);
                return layer.StartAsync();
            },
            "fuse2fs", "-f", "-o", "rw", folder.At("image"), folder.Folder("m"));
        layer.Ended = () =>
        {
            ended.SetResult();
            return ValueTask.CompletedTask;
        };
        var mount = new Mount { Epoch = 1, Target = "/m"u8.ToArray(), Source = null, Type = "image", Shown = [], Virtual = layer };
        var router = Sys.ActorOf(Props.Create(() => new RouterActor(view, TestActor)));
        var module = Sys.ActorOf(Props.Create(() => new ModuleActor(new OneLayer(mount), run, router)));
        module.Tell(new MountLayer("image", new MountSpecification { Epoch = 1, Type = "image", Source = [], TargetView = mount.Target, TargetHost = mount.Target }, CreateTestProbe()));
        ExpectMsg<TableChanged>(Soon);
        return new Served(server, layer, mount, module);
    }

    private Task[] Guests(VirtualLayer layer) => [.. Enumerable.Range(0, Writers).Select(i => Task.Run(() => GuestAsync(layer, i)))];

    /// <summary>Writes a record, syncs it, and so on until a call fails.</summary>
    private async Task GuestAsync(VirtualLayer layer, int number)
    {
        var opened = (VirtualAnswer)await AskAsync(layer, cancel => Create(layer, $"f{number}", cancel));
        var fd = opened.Descriptor;
        Vuos.Native.Kernel.Files.Stat(fd, out var stat);
        var file = run.Opened.Find(stat.Dev, stat.Ino)!;
        for (var record = 0; ; record++)
        {
            Assert.Equal(0, FileChanges.WriteAllAt(fd, BitConverter.GetBytes((long)record), (long)record * RecordSize));
            var answer = await AskAsync(layer, async cancel => VirtualAnswer.Of(await file.SyncAsync(false, FuseTestCaller, cancel)));
            if (answer is not VirtualAnswer { Result: 0 })
            {
                Assert.True(answer is ControlAnswer { Error: Errno.EIO } or VirtualAnswer { Result: -(long)Errno.ENOTCONN }, $"{answer}");
                break;
            }

            acknowledged[number] = record + 1;
            if (Interlocked.Increment(ref total) == Before)
                warm.SetResult();
        }

        Files.Close(fd);
    }

    /// <summary>What the door of the tracer does (<see cref="ModuleControl"/>); an answer always comes.</summary>
    private static Task<object> AskAsync(VirtualLayer layer, Func<CancellationToken, ValueTask<VirtualAnswer>> work) => layer.Actor is { } actor
        ? actor.Ask<object>(self => new AskVirtual(layer, work, layer.Gone.Token, self), Soon, default)
        : Task.FromResult<object>(VirtualAnswer.Fail(Errno.ENOTCONN));

    private static ValueTask<VirtualAnswer> Create(VirtualLayer layer, string name, CancellationToken cancel) => new NodeOpens(layer).OpenAsync(
        new OpenRequest(null, layer.Root, Make.Bytes(name), OpenFlag.RdWr | OpenFlag.Creat, 0b110_100_100, MustBeDirectory: false, ReadOnly: false), new GuestCaller(Environment.ProcessId, false), cancel);

    private static readonly Vuos.FileSystems.Caller FuseTestCaller = new GuestCaller(Environment.ProcessId, false).Plain();

    private async Task<int> OpenAsync(Served server, string name) => ((VirtualAnswer)await AskAsync(server.Layer, cancel => Create(server.Layer, name, cancel))).Descriptor;

    private async Task CheckAsync(Served server, Task[] guests)
    {
        await Task.WhenAll(guests).WaitAsync(Soon);
        await ended.Task.WaitAsync(Soon);
        await server.DisposeAsync();
        Tool("e2fsck", "-fn", folder.At("image"));
        for (var i = 0; i < Writers; i++)
        {
            Assert.True(acknowledged[i] > 0, "every guest had its turn");
            var content = Content($"f{i}");
            Assert.True(content.Length >= acknowledged[i] * RecordSize, $"{content.Length} bytes, acknowledged {acknowledged[i]} records");
            for (var record = 0; record < acknowledged[i]; record++)
                Assert.Equal(record, BitConverter.ToInt64(content, record * RecordSize));
        }
    }

    private byte[] Content(string name)
    {
        Tool("debugfs", "-R", $"dump {name} {folder.At("out")}", folder.At("image"));
        return File.ReadAllBytes(folder.At("out"));
    }

    private static void Tool(string program, params string[] arguments)
    {
        var outcome = ChildProcess.Run("/usr/bin/env", ["PATH=/sbin:/usr/sbin:/bin:/usr/bin", program, .. arguments]);
        Assert.True(outcome.Status == 0, $"{program}: {outcome.Output}{outcome.Errors}");
    }

    private sealed class ServersFactAttribute() : NeedsFactAttribute("gcc", "fuse2fs", "mke2fs", "e2fsck", "debugfs");

    private sealed class ServersTheoryAttribute() : NeedsTheoryAttribute("gcc", "fuse2fs", "mke2fs", "e2fsck", "debugfs");

    private sealed record Served(RealServer Server, VirtualLayer Layer, Mount Mount, IActorRef Module) : IAsyncDisposable
    {
        private int disposed;

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref disposed, 1) == 0)
                await Server.DisposeAsync();
        }
    }

    /// <summary>A module of one layer that is there already.</summary>
    private sealed class OneLayer(Mount mount) : IModule
    {
        public string Name => "image";

        public string Description => "for tests";

        public ValueTask<LayerResult> CreateAsync(MountSpecification request, VirtualRun run, CancellationToken cancel) => ValueTask.FromResult(new LayerResult(mount, Errno.None, ""));
    }
}
