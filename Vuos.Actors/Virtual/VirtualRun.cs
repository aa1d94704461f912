using Vuos.Actors.Virtual.Content;

namespace Vuos.Actors.Virtual;

/// <summary>What the virtual file systems of a run share: settings, the register of open files, the watcher of closes. Nothing is started before the first is mounted.</summary>
internal sealed class VirtualRun
{
    private readonly Lazy<ContentWatcher> watcher;
    private int devices;

    public VirtualRun() => watcher = new(() => new ContentWatcher(Contents));

    public OpenNodes Opened { get; } = new();

    public ContentWatcher Watcher => watcher.Value;

    public VirtualSettings Settings { get; set; } = new();

    public ContentSettings Contents { get; set; } = new();

    public int NextDevice() => Interlocked.Increment(ref devices);
}

/// <summary><c>vuos.virtual</c> of the settings.</summary>
internal sealed record VirtualSettings
{
    /// <summary>Nodes remembered of a layer before those are dropped whose time is over.</summary>
    public int MostNodes { get; init; } = 100_000;
}
