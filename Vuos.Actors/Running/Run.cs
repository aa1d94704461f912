using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Hosting.Logging;
using Serilog;
using Serilog.Extensions.Logging;
using Vuos.Actors.Actors;
using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Actors.Modules;
using Vuos.Actors.Modules.Fuse;
using Vuos.Actors.Tracing;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Running;

/// <summary>One run on the tracer thread: puts the pieces together, starts the first guest, lets the actor system come up behind it, and loops.</summary>
internal sealed class Run : IDisposable
{
    /// <summary>How long servers may take to end once their layers have.</summary>
    private static readonly TimeSpan ServerEndLimit = TimeSpan.FromSeconds(30);

    private readonly RunOptions options;
    private readonly RunSettings settings;
    private readonly RunLog log;
    private readonly ILogger logger;
    private readonly TracerQueue queue = new();
    private readonly Tracer tracer;
    private readonly PublishedView view = new();
    private readonly PathResolver resolver;
    private readonly MountCalls mounts;
    private readonly ModuleControl control;
    private readonly List<(LoadedModule Module, Mount Mount)> early = [];
    private Task<ActorSystem>? actors;
    private IDisposable? signals;

    public Run(RunOptions options, RunSettings settings, IEventSource source, RunLog log, ILogger logger)
    {
        this.options = options;
        this.settings = settings;
        this.log = log;
        this.logger = logger;
        queue.Bind(source.Wake);
        var tracerOptions = new TracerOptions
        {
            Notify = settings.Transport != TransportKind.Ptrace && source is RingEventSource && KernelOffers.SyncNotifications(),
            KillOnExit = options.KillOnExit,
            Timed = options.Stats,
            InGuestAfter = settings.InGuestAfter,
            IgnoredSignals = SignalSetup.Inherited,
            NoNewPrivileges = !KernelOffers.FiltersWithoutNoNewPrivileges(),
        };
        tracer = new Tracer(source, tracerOptions, log, queue);
        var tags = new DebugTags { Active = options.DebugTags.Length == 0 ? "" : DebugTags.Switch("", options.DebugTags, on: true) };
        tags.SetColours(options.DebugColours);
        tracer.Debug = new DebugOutput(tags, log, LogSetup.IsTerminal(settings));
        tracer.DecideInGuests(view);
        view.Name = options.ViewName;
        view.Virtual.Configure(settings.Config);
        view.Table = RoutingTable.Start(options.NoNesting);
        resolver = new PathResolver(view, tracer.FindProcess);
        control = new ModuleControl(tracer, view) { Needed = StartActors };
        var handlers = CallHandlers.Create(view, resolver, control, tracer.FindNamedProcess, tracer.NamedProcesses, tracer.Debug, tags, options.Seal);
        mounts = handlers.Mounts;
        tracer.Attach(new CallRouter(handlers, view, control, options.Seal));
    }

    /// <summary>Runs the rc files, then the command, until no guest is left. Returns the command's shell status.</summary>
    public int ToTheEnd()
    {
        if (LoadModules() is { } problem)
        {
            Hypervisor.Complain(problem);
            return Hypervisor.Failed;
        }

        var environment = GuestEnvironment.Read(options.GuestCommands);
        view.Virtual.Programs = new ServerPrograms(tracer, resolver, view, log, environment);
        tracer.ServersAlone = EndServers;
        tracer.HoldsMounted = FuseSessions.AreHeldBy;
        List<IReadOnlyList<string>> commands = [.. options.RcFiles.Select(static f => (string[])[f]), .. options.Mounts.Where(IsServed).Select(MountCommand), options.Command];
        for (var i = 0; i < commands.Count; i++)
        {
            var last = i == commands.Count - 1;
            var command = commands[i];
            if (Start(command, environment, first: i == 0) is var failure && failure != 0)
                return failure;
            signals ??= SignalSetup.Forward(tracer.SignalMain, () => queue.Post(tracer.KillAll));
            var status = tracer.Loop(toTheEnd: last);
            if (tracer.StartError != Errno.None)
            {
                Hypervisor.Complain($"{command[0]}: {ErrnoText.Of(tracer.StartError)}");
                return tracer.StartError == Errno.ENOENT ? 127 : 126;
            }

            if (last)
                return status;
            // What vumount has to say it said.
            if (status != 0 && i >= options.RcFiles.Count)
                return Hypervisor.Failed;
            if (status >= 128)
            {
                Hypervisor.Complain($"{command[0]}: rc file killed by signal {status - 128}");
                return 2;
            }
        }

        return Hypervisor.Failed;
    }

    public void Dispose()
    {
        signals?.Dispose();
        if (options.Stats)
            Files.WriteAll(2, System.Text.Encoding.UTF8.GetBytes(StatisticsText.Render(tracer.Statistics)));
        if (view.Table.AnyVirtual)
        {
            var closed = EndLayersAsync();
            while (!closed.IsCompleted)
            {
                queue.Drain();
                closed.Wait(1);
            }
        }

        view.Virtual.Places.Dispose();
        // Layers with state flush when they stop; binds have none, so nothing is waited for unless the system is up already.
        if (actors is { IsCompletedSuccessfully: true } && !view.Table.IsEmpty)
        {
            var stopped = actors.Result.Terminate();
            while (!stopped.IsCompleted)
            {
                queue.Drain();
                stopped.Wait(1);
            }
        }
    }

    private string? LoadModules()
    {
        foreach (var name in options.Modules.Concat(options.Mounts.Select(static m => m.Type)))
        {
            var module = KnownModules.Find(name) ?? (options.Modules.Contains(name) ? null : FindByPrefix(name));
            if (module is null)
                return $"module {name}: there is no such module";
            foreach (var next in KnownModules.WithRequired(module.Name).Where(next => !view.Modules.Any(m => m.Module == next)))
            {
                var loaded = new LoadedModule(next, Permanent: false);
                view.Modules = view.Modules.Add(loaded);
                if (next.OwnLayer(view.NextEpoch, view.Virtual) is { } own)
                    Adopt(loaded, own);
            }
        }

        return null;
    }

    private static IModule? FindByPrefix(string type) =>
        KnownModules.Names.Where(n => type.StartsWith(n, StringComparison.Ordinal)).Select(KnownModules.Find).FirstOrDefault();

    /// <summary>Spawns the stub, makes the mounts of the command line as it sees them, and has it execute the command. 0, or an exit status.</summary>
    private int Start(IReadOnlyList<string> command, List<byte[]> environment, bool first)
    {
        var stages = FilterStage.Control | (options.Mounts.Count > 0 ? FilterStage.Naming : 0)
            | (options.Mounts.Any(static m => Asks(m, "ro")) ? FilterStage.Descriptors : 0)
            | (options.Mounts.Any(static m => Asks(m, "merge", "cow", "mincow")) ? FilterStage.Descriptors | FilterStage.Unions : 0)
            | RouterActor.Needs(view.Table);
        var error = tracer.Spawn(stages, out var thread, out var refused);
        if (error != Errno.None)
        {
            Hypervisor.Complain(StartRefusal.Explain(refused, error));
            return Hypervisor.Failed;
        }

        if (first && MakeMounts(thread!) is { } problem)
        {
            tracer.KillAll();
            Hypervisor.Complain(problem);
            return Hypervisor.Failed;
        }

        DescriptorLimit.Restore(thread!.Tid);
        // A path of an rc file is no argument of ours.
        List<byte[]> arguments = ReferenceEquals(command, options.Command) ? GuestEnvironment.Arguments(command) : [.. command.Select(GuestEnvironment.Bytes)];
        var program = CommandSearch.Find(resolver, thread!, arguments[0], environment, out var why);
        if (program is null)
        {
            tracer.KillAll();
            Hypervisor.Complain($"{command[0]}: {ErrnoText.Of(why)}");
            return why == Errno.ENOENT ? 127 : 126;
        }

        error = tracer.Execute(thread!, program, arguments, environment);
        if (error == Errno.None)
            return 0;
        Hypervisor.Complain($"{command[0]}: {ErrnoText.Of(error)}");
        return 126;
    }

    private static bool Asks(MountRequest mount, params ReadOnlySpan<string> words) => mount.Options.Split(',').AsSpan().ContainsAny(words);

    private string? MakeMounts(GuestThread thread)
    {
        foreach (var request in options.Mounts.Where(m => !IsServed(m)))
        {
            var module = view.Claims(request.Type)!;
            var made = mounts.TrySpecify(thread, request.Type, GuestEnvironment.Bytes(request.Source), GuestEnvironment.Bytes(request.Target), 0,
                request.Options, out var specification, out var error)
                ? module.Module.CreateAsync(specification!, view.Virtual, CancellationToken.None).AsTask().GetAwaiter().GetResult()
                : LayerResult.Refuse(error, $"the mount point: {ErrnoText.Of(error)}");
            if (made.Mount is null)
                return $"{request.Origin}: {(made.Sentence.Length > 0 ? made.Sentence : ErrnoText.Of(made.Error))}";
            Adopt(module, made.Mount);
        }

        return null;
    }

    /// <summary>A layer from before there are actors.</summary>
    private void Adopt(LoadedModule module, Mount mount)
    {
        view.Table = RouterActor.Added(view.Table, mount);
        early.Add((module, mount));
    }

    /// <summary>Of the command line's mounts those whose layer a guest serves: made by a guest, too.</summary>
    private bool IsServed(MountRequest mount) => view.Claims(mount.Type) is { Module.NeedsGuests: true };

    private static IReadOnlyList<string> MountCommand(MountRequest mount) =>
        ["vumount", "-t", mount.Type, .. mount.Options.Length > 0 ? ["-o", mount.Options] : Array.Empty<string>(), mount.Source, mount.Target];

    /// <summary>Only servers are left: their layers are unmounted, which ends them. Those that were started by hand may have something to do then.</summary>
    private void EndServers() => Task.Run(async () =>
    {
        await EndLayersAsync().ConfigureAwait(false);
        queue.Post(tracer.LayersEnded);
        // A limit, waited for by nobody: when the last server has ended the run has, and the process with it.
        await Task.Delay(ServerEndLimit).ConfigureAwait(false);
        queue.Post(tracer.KillAll);
    });

    /// <summary>Unmounts what is mounted of virtual file systems, the newest first; what could not be written is told.</summary>
    private async Task EndLayersAsync()
    {
        foreach (var mount in view.Table.Mounts.Reverse())
        {
            if (mount.Virtual is not { } layer)
                continue;
            try
            {
                if (await layer.CloseAsync(CancellationToken.None).ConfigureAwait(false) is var error && error != Errno.None)
                    Hypervisor.Complain($"{BytePath.Display(mount.Target)}: not everything could be written: {ErrnoText.Of(error)}");
            }
            catch (Exception e)
            {
                log.Error(e, $"unmounting {BytePath.Display(mount.Target)}");
            }
        }
    }

    /// <summary>The actor system is built on another thread, and not before a guest asks for something that only an actor does: until then it would cost guests a processor.</summary>
    private void StartActors()
    {
        if (actors is not null)
            return;
        actors = Task.Run(() =>
        {
            var setup = ActorSystemSetup.Create(
                BootstrapSetup.Create().WithConfig(settings.Config().WithFallback("akka.loggers = [\"Akka.Hosting.Logging.LoggerFactoryLogger, Akka.Hosting\"]")),
                new LoggerFactorySetup(new SerilogLoggerFactory(logger)),
                new TracerSetup(queue));
            var system = ActorSystem.Create("vuos", setup);
            var hypervisor = system.ActorOf(Props.Create(() => new HypervisorActor(tracer, view, control)), "hypervisor");
            foreach (var (module, mount) in early)
                hypervisor.Tell(new AdoptLayer(module.Module.Name, mount));
            return system;
        });
        actors.ContinueWith(
            failed =>
            {
                log.Error(failed.Exception!, "the actor system did not start; the run ends");
                queue.Post(tracer.KillAll);
            },
            TaskContinuationOptions.OnlyOnFaulted);
    }
}
