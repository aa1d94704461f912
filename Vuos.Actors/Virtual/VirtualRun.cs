using System.Collections.Concurrent;
using Akka.Configuration;
using Vuos.Actors.Modules.Fuse;
using Vuos.Actors.Tracing;
using Vuos.Actors.Virtual.Content;

namespace Vuos.Actors.Virtual;

/// <summary>What the virtual file systems of a run share: settings, the register of open files, the watcher of closes. Nothing is started before the first is mounted.</summary>
internal sealed class VirtualRun
{
    private readonly Lazy<ContentWatcher> watcher;
    private readonly Lazy<ContentSettings> contents;
    private readonly Lazy<VirtualSettings> settings;
    private Lazy<Config> config = new(static () => ConfigurationFactory.Empty);
    private int devices;

    public VirtualRun()
    {
        watcher = new(() => new ContentWatcher(Contents));
        Places = new Places(Opened);
        contents = new(() => ContentSettings.From(Config));
        settings = new(() => VirtualSettings.From(Config));
    }

    public OpenNodes Opened { get; } = new();

    public Places Places { get; }

    public ContentWatcher Watcher => watcher.Value;

    /// <summary>Layers whose server was started and has not mounted yet, by their epochs.</summary>
    public ConcurrentDictionary<long, TaskCompletionSource<AwaitedServer>> Awaited { get; } = new();

    /// <summary>Starts programs of layers as guests.</summary>
    public ServerPrograms? Programs { get; set; }

    /// <summary>The settings of the run; parsed when first asked for.</summary>
    public Config Config => config.Value;

    public VirtualSettings Settings => settings.Value;

    public ContentSettings Contents => contents.Value;

    /// <summary>Where <see cref="Config"/> comes from.</summary>
    public void Configure(Func<Config> source) => config = new(source);

    public int NextDevice() => Interlocked.Increment(ref devices);
}

/// <summary>A server that a layer started has mounted.</summary>
internal sealed record AwaitedServer(FuseSession Session, FuseMountOptions Options);

/// <summary><c>vuos.virtual</c> of the settings.</summary>
internal sealed record VirtualSettings
{
    /// <summary>Nodes remembered of a layer before those are dropped whose time is over.</summary>
    public int MostNodes { get; init; } = 100_000;

    /// <summary>Names of a directory that are looked up ahead of a guest, at most; 0: none.</summary>
    public int NamesAhead { get; init; } = 64;

    public static VirtualSettings From(Config config)
    {
        var otherwise = new VirtualSettings();
        return otherwise with { NamesAhead = config.GetInt("vuos.virtual.names-ahead", otherwise.NamesAhead) };
    }
}
