using System.Collections.Immutable;
using Vuos.Actors.Modules;
using Vuos.Actors.Virtual;

namespace Vuos.Actors.Views;

/// <summary>A loaded module.</summary>
internal sealed record LoadedModule(IModule Module, bool Permanent);

/// <summary>What the router and the hypervisor publish for the tracer thread: values, replaced whole, read with one volatile load.</summary>
internal sealed class PublishedView
{
    private RoutingTable table = RoutingTable.Empty;
    private ImmutableArray<LoadedModule> modules = [];
    private string name = "";
    private long lastEpoch;

    public RoutingTable Table
    {
        get => Volatile.Read(ref table);
        set => Volatile.Write(ref table, value);
    }

    /// <summary>What guests' descriptors of virtual files are.</summary>
    public OpenNodes Opened => Virtual.Opened;

    /// <summary>What the virtual file systems of the run share.</summary>
    public VirtualRun Virtual { get; } = new();

    /// <summary>A new epoch, from any thread; steps of two leave one for the hidden source of a move.</summary>
    public long NextEpoch() => Interlocked.Add(ref lastEpoch, 2);

    /// <summary>In the order of their loading.</summary>
    public ImmutableArray<LoadedModule> Modules
    {
        get => modules;
        set => ImmutableInterlocked.InterlockedExchange(ref modules, value);
    }

    /// <summary>The view's name (vuname); set and read on the tracer thread.</summary>
    public string Name
    {
        get => name;
        set => name = value;
    }

    /// <summary>The newest loaded module whose name is a prefix of the mount type, or null: the kernel's business.</summary>
    public LoadedModule? Claims(string type)
    {
        for (var i = modules.Length - 1; i >= 0; i--)
        {
            if (type.StartsWith(modules[i].Module.Name, StringComparison.Ordinal))
                return modules[i];
        }

        return null;
    }
}
