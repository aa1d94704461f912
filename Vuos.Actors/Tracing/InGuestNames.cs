using Vuos.Actors.Views;
using Vuos.Native.InGuest;

namespace Vuos.Actors.Tracing;

/// <summary>What the code in guests is told of the view: the names at which a mount may be met, made anew when the table has changed.</summary>
internal sealed class InGuestNames(PublishedView view)
{
    /// <summary>Files of /proc whose content is the view's, in whatever directory they are named (<see cref="Calls.ProcView"/>).</summary>
    private static readonly byte[][] ProcFiles = [.. "mounts mountinfo mountstats maps smaps".Split(' ').Select(System.Text.Encoding.ASCII.GetBytes)];

    private RoutingTable? seen;

    public NameSet Names { get; private set; } = new(0);

    /// <summary>Absolute paths can be told apart by <see cref="Names"/>.</summary>
    public bool IsPlain { get; private set; }

    /// <summary>
    /// Some layer is or was more than a translation of names: a descriptor, or a working directory, may stand for what the kernel does not know.
    /// </summary>
    public bool AnyBeyond { get; private set; }

    /// <summary>Looks at the published table; true: it has changed since.</summary>
    public bool Update()
    {
        var table = view.Table;
        if (ReferenceEquals(table, seen))
            return false;
        seen = table;
        IsPlain = table.IsPlain;
        AnyBeyond |= table.AnyUnion || table.AnyVirtual;
        var entries = ProcFiles.Length + 2;
        foreach (var mount in table.Mounts)
            entries += 2 + mount.Target.AsSpan().Count((byte)'/');
        Names = new NameSet(entries);
        Names.AddMount("/proc"u8);
        foreach (var file in ProcFiles)
            Names.AddName(file);
        foreach (var mount in table.Mounts)
            Names.AddMount(mount.Target);
        return true;
    }
}
