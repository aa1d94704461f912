using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual;

/// <summary>
/// A directory that guests have open. What they hold is a real directory, made for it and removed at once: read(2) gives EISDIR, and its position is the kernel's; what is in it is
/// told by us. Pinned by a descriptor of ours as long as anyone may have it open.
/// </summary>
internal sealed class OpenDirectory : OpenNode, IContentWatch
{
    private static int made;

    private readonly VirtualRun run;
    private readonly long pin;
    private int watch;

    private readonly Lock gate = new();

    /// <summary>A handle that the file system gave to an open, for the first who reads.</summary>
    private ulong? kept;

    /// <summary>Descriptions given out whose close was not told.</summary>
    private int descriptions;

    private volatile MergedListing? listing;
    private int freshFor;

    private OpenDirectory(VirtualLayer layer, VirtualNode node, VirtualRun run, long pin, in KernelStat stat)
        : base(layer, node)
    {
        (this.run, this.pin) = (run, pin);
        (Device, Inode) = (stat.Dev, stat.Ino);
    }

    public ulong Device { get; }

    public ulong Inode { get; }

    /// <summary>EACCES, ENOSPC: no place for temporary directories.</summary>
    public static Answer<OpenDirectory> Make(VirtualLayer layer, VirtualNode node, VirtualRun run)
    {
        var path = Encoding.UTF8.GetBytes(Path.Combine(Path.GetTempPath(),
            string.Create(CultureInfo.InvariantCulture, $".vuos-{Environment.ProcessId}-{Interlocked.Increment(ref made)}")) + '\0');
        if (FileChanges.MakeDirectory(At.FdCwd, path, 0x1C0) is var failed && failed < 0)
            return Sys.Error(failed);
        var pin = Files.Open(path, OpenFlag.Directory | OpenFlag.Path | OpenFlag.CloExec);
        FileChanges.RemoveDirectory(At.FdCwd, path);
        if (pin < 0)
            return Sys.Error(pin);
        Files.Stat(pin, out var stat);
        var directory = new OpenDirectory(layer, node, run, pin, stat);
        run.Opened.Add(stat.Dev, stat.Ino, directory);
        directory.watch = run.Watcher.Watch($"/proc/self/fd/{pin}", directory);
        return directory;
    }

    /// <summary>Keeps what the file system gave to an open, for who reads first. The one before is the caller's to give back.</summary>
    public ulong? Keep(ulong? handle)
    {
        lock (gate)
        {
            (var old, kept) = (kept, handle);
            return old;
        }
    }

    /// <summary>A new description of it, at its beginning.</summary>
    public Answer<int> Describe()
    {
        var fd = Files.Open(Encoding.ASCII.GetBytes($"/proc/self/fd/{pin}\0"), OpenFlag.Directory | OpenFlag.CloExec);
        if (fd < 0)
            return Sys.Error(fd);
        Interlocked.Increment(ref descriptions);
        return (int)fd;
    }

    /// <summary>
    /// A description is gone. The kernel merges equal events that follow each other, so the count may stay too high, and the directory pinned until the layer is unmounted; never too low.
    /// </summary>
    void IContentWatch.DescriptionClosed(bool writing)
    {
        if (Interlocked.Decrement(ref descriptions) == 0)
            _ = ReleaseAsync();
    }

    void IContentWatch.Recheck()
    {
    }

    private async Task ReleaseAsync()
    {
        await Node.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref descriptions) > 0 || Node.Open != this)
                return;
            Node.Open = null;
            run.Opened.Remove(Device, Inode);
            run.Watcher.Unwatch(watch, this);
            Files.Close(pin);
            Layer.ReleaseDirectory(Node, Keep(null));
        }
        finally
        {
            Node.Gate.Release();
        }

        Layer.ForgetIfUnused(Node);
    }

    /// <summary>The listing to go on in; at the start only one made for this reader just now, which is then used up (as <see cref="Modules.Vufs.ListingCache"/>).</summary>
    public MergedListing? Listing(int tid, bool start)
    {
        if (!start)
            return listing;
        return Interlocked.CompareExchange(ref freshFor, 0, tid) == tid ? listing : null;
    }

    /// <summary>Reads the whole directory for a reader that starts, or that goes on when no listing is left.</summary>
    public async ValueTask<VirtualAnswer> ReadAsync(GuestCaller who, bool start, CancellationToken cancel)
    {
        var caller = who.Plain();
        var files = Layer.Files;
        var handle = start ? Keep(null) : null;
        if (handle is null)
        {
            var opened = await Layer.OpenDirectoryAsync(Node, OpenFlag.Directory, caller, cancel).ConfigureAwait(false);
            if (opened.Failed)
                return VirtualAnswer.Fail(opened.Error);
            handle = opened.Value;
        }

        var entries = new List<Modules.Vufs.Store.DirectoryEntry>();
        var seen = new HashSet<byte[]>(Views.BytePathComparer.Instance);
        var error = Errno.None;
        for (long offset = 0; ;)
        {
            var asked = Stopwatch.GetTimestamp();
            var read = await files.ReadDirectoryAsync(Node.Id, handle ?? 0, offset, plus: true, caller, cancel).ConfigureAwait(false);
            if (read.Failed)
            {
                error = read.Error;
                break;
            }

            if (read.Value.Count == 0)
                break;
            foreach (var entry in read.Value)
            {
                // Known for the stat that will follow; it counts as a look-up even for names that are left out here.
                if (entry.Entry is { Node: not 0 } found && entry.Name is not ([(byte)'.'] or [(byte)'.', (byte)'.']))
                    Layer.Learn(Node, entry.Name, found, asked);
                if (entry.Name is not ([(byte)'.'] or [(byte)'.', (byte)'.']) && seen.Add(entry.Name))
                    entries.Add(new(entry.Name, entry.Inode, FileType.Entry(entry.Mode)));
            }

            if (read.Value[^1].Offset == offset)
            {
                error = Errno.EIO;
                break;
            }

            offset = read.Value[^1].Offset;
        }

        Layer.ReleaseDirectory(Node, handle);
        if (error != Errno.None)
            return VirtualAnswer.Fail(error);
        var parent = (Node.Parent ?? Node).Attributes?.Value.Inode ?? 1;
        listing = MergedListing.Build(entries, Node.Attributes?.Value.Inode ?? 1, parent);
        Layer.Ahead(Node)?.Listed(listing.Names);
        if (start)
            freshFor = who.Tid;
        return VirtualAnswer.Retry;
    }
}
