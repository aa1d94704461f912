using Vuos.Actors.Views;
using Vuos.Native.InGuest;

namespace Vuos.Actors.Tracing;

/// <summary>What the code in guests is told of the view: the names at which a mount may be met, and where the simple ones lead; made anew when the table has changed.</summary>
internal sealed class InGuestNames(PublishedView view)
{
    /// <summary>Files of /proc whose content is the view's, in whatever directory they are named (<see cref="Calls.ProcView"/>).</summary>
    private static readonly byte[][] ProcFiles = [.. "mounts mountinfo mountstats maps smaps".Split(' ').Select(System.Text.Encoding.ASCII.GetBytes)];

    private RoutingTable? table;

    /// <summary>The table all this is made of.</summary>
    public RoutingTable Table => table ?? RoutingTable.Empty;

    public NameSet Names { get; private set; } = new(0);

    /// <summary>Where names below some mount points lead, and the places where they lead to: those lead to themselves, so that what is opened there is logged, too.</summary>
    public PlaceTable Places { get; private set; } = new();

    /// <summary>Absolute paths can be told apart by <see cref="Names"/>.</summary>
    public bool IsPlain { get; private set; }

    /// <summary>
    /// Some layer is or was more than a translation of names: a descriptor, or a working directory, may stand for what the kernel does not know.
    /// </summary>
    public bool AnyBeyond { get; private set; }

    /// <summary>Whether the published table has changed since.</summary>
    public bool IsOld => !ReferenceEquals(view.Table, table);

    /// <summary>Takes over the published table.</summary>
    public void Update()
    {
        table = view.Table;
        IsPlain = table.IsPlain;
        AnyBeyond |= table.AnyUnion || table.AnyVirtual;
        var entries = ProcFiles.Length + 2;
        foreach (var mount in table.Mounts)
            entries += 4 + mount.Target.AsSpan().Count((byte)'/') + (mount.Source ?? []).AsSpan().Count((byte)'/');
        Names = new NameSet(entries);
        Places = new PlaceTable();
        Names.AddMount("/proc"u8);
        foreach (var file in ProcFiles)
            Names.AddName(file);
        foreach (var mount in table.Mounts)
            Names.AddMount(mount.Target);
        foreach (var mount in table.Mounts)
        {
            if (Places.Count < PlaceTable.Most && IsTranslation(mount))
                Places.TryAdd(mount.Target, mount.Source);
        }

        foreach (var mount in table.Mounts)
        {
            // A file of a layer may be known by both names.
            if (Places.Count < PlaceTable.Most && mount.Source is { Length: > 0 } source && !Places.TryFind(source, out _) && !IsBelowProc(source) && table.Find(source) is null
                && Places.TryAdd(source, source))
                Names.AddMount(source);
        }
    }

    /// <summary>
    /// Whether all names below the mount point (but those below newer mount points) lead straight to the same names below the source, and nothing else is special about them. Before sources are added to the names.
    /// </summary>
    private bool IsTranslation(Mount mount) =>
        mount is { Source: not null, Union: null, Virtual: null, HasSubdevices: false, ReadOnly: false, NoExec: false, Except.Length: 0 }
        && !IsBelowProc(mount.Source) && ReferenceEquals(Table.Find(mount.Target), mount) && Table.Find(mount.Source, mount.Epoch) is null
        && (mount.Source.Length == 0 ? ReferenceEquals(Table.Mounts[0], mount) : !Names.MayLeadToMount(mount.Source));

    private static bool IsBelowProc(ReadOnlySpan<byte> path) => BytePath.IsAtOrBelow(path, "/proc"u8);
}
