using Vuos.Actors.Modules.Vufs.Store;

namespace Vuos.Actors.Modules.Vufs;

/// <summary>
/// The last listings of a union's directories: made by the layer's actor, read by the tracer thread. A reader that starts gets a new one; one that goes on may continue in any, since
/// positions depend on names alone. So losing one costs time and nothing else.
/// </summary>
internal sealed class ListingCache
{
    private const int Kept = 16;

    private Entry[] entries = [];

    /// <summary>Keeps the listing that <paramref name="tid"/> asked for. One writer.</summary>
    public void Put(byte[] rel, MergedListing listing, int tid)
    {
        var old = Volatile.Read(ref entries);
        var others = old.Where(e => !e.Rel.AsSpan().SequenceEqual(rel)).Take(Kept - 1);
        Volatile.Write(ref entries, [new Entry(rel, listing, tid), .. others]);
    }

    /// <summary>The listing to go on in; at the start only the one made for this reader just now, which is then used up.</summary>
    public MergedListing? Find(ReadOnlySpan<byte> rel, int tid, bool start)
    {
        foreach (var entry in Volatile.Read(ref entries))
        {
            if (!entry.Rel.AsSpan().SequenceEqual(rel))
                continue;
            if (!start)
                return entry.Listing;
            if (entry.FreshFor != tid)
                return null;
            entry.FreshFor = 0;
            return entry.Listing;
        }

        return null;
    }

    private sealed class Entry(byte[] rel, MergedListing listing, int freshFor)
    {
        public byte[] Rel => rel;

        public MergedListing Listing => listing;

        public int FreshFor { get; set; } = freshFor;
    }
}
