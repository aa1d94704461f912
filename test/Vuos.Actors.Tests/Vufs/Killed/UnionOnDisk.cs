using System.Diagnostics.CodeAnalysis;
using Vuos.Actors.Modules.Vufs;
using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Vufs.Killed;

/// <summary>
/// A cow union in a directory, without actors and guests: one run of it at a time is open, and its state is what look-ups find. Whoever calls must own the source.
/// </summary>
internal sealed class UnionOnDisk(string lower, string source) : IDisposable
{
    private SourceMarks? marks;
    private Mount? mount;
    private RoutingTable? table;

    private Union Union => mount!.Union!;

    [MemberNotNull(nameof(mount), nameof(table))]
    public void Open()
    {
        var error = SourceMarks.Open(Make.Bytes(source), writable: true, out marks, out var sentence);
        Assert.True(error == Errno.None, sentence);
        mount = Make.Mount(1, source, lower) with { Union = new Union(VufsMode.Cow, marks!, marks!.SourceFd, Make.Bytes(source)) };
        table = Make.Table(mount);
    }

    /// <summary>Ends the run. One whose changes all fail by now leaves what a killed one leaves.</summary>
    public void Dispose() => marks?.Dispose();

    public Errno Run(UnionRequest request) => new UnionOperations(table!, mount!).Run(request).Error;

    public void Do(params UnionRequest[] requests)
    {
        foreach (var request in requests)
            Assert.Equal((UnionRequestText.Of(request), Errno.None), (UnionRequestText.Of(request), Run(request)));
    }

    /// <summary>open(2) with O_CREAT and mkdir(2), of which the kernel does the last step.</summary>
    public void MakeFile(string rel, string content)
    {
        Do(new PrepareName(Make.Bytes(rel)));
        File.WriteAllText(source + rel, content);
    }

    public void MakeDirectory(string rel)
    {
        Do(new PrepareName(Make.Bytes(rel)));
        Directory.CreateDirectory(source + rel);
    }

    /// <summary>Every name below the root in the order of names, with what stat(2) and the file tell but for times. The order of a listing is that of its hashes, so only its length is compared.</summary>
    public string[] View()
    {
        var lines = new List<string>();
        Add("", lines);
        return [.. lines];
    }

    /// <summary>The folders of temporaries.</summary>
    public string[] Temporaries() => Directory.GetDirectories(source + "/.-", ".vuos-*");

    /// <summary>Whether there is a note of steps to be taken.</summary>
    public bool IsNoted() => Temporaries().Any(static f => File.Exists(f + "/move"));

    public string Marks() => string.Join('\n', Store.Layer.Tree(source + "/.-"));

    private void Add(string rel, List<string> lines)
    {
        Assert.True(Find(rel, out var host, out _), $"{rel} cannot be found");
        Assert.Equal(Errno.None, Run(new ReadNames(Make.Bytes(rel), 1)));
        var names = Names(source + rel).Union(Names(lower + rel)).Where(name => !(rel.Length == 0 && name == ".-")).Where(name => Find($"{rel}/{name}", out _, out _))
            .Order(StringComparer.Ordinal).ToArray();
        Assert.True(Union.Listings.Find(Make.Bytes(rel), 1, start: true)!.Count == names.Length + 2, $"{host} is not listed as it is found");
        foreach (var name in names)
        {
            Find($"{rel}/{name}", out var at, out var stat);
            var content = stat.IsLink ? File.ResolveLinkTarget(at, returnFinalTarget: false)!.Name : stat.IsRegular ? File.ReadAllText(at) : "";
            lines.Add($"{rel}/{name} {Convert.ToString(stat.Mode, 8)} {stat.Uid}:{stat.Gid} {content}");
            if (stat.IsDirectory)
                Add($"{rel}/{name}", lines);
        }
    }

    private bool Find(string rel, out string found, out KernelStat stat)
    {
        stat = default;
        found = "";
        var host = new PathBuffer();
        host.Set(Make.Bytes(lower + rel));
        if (Union.Locate(table!, mount!, host, walked: true) is not (Place.Upper or Place.Lower) || Files.Stat(host.ForKernel(), out stat, At.SymlinkNoFollow) < 0)
            return false;
        if (Union.Marks.TryReadAttributes(Make.Bytes(rel), out var record))
            record.Apply(ref stat);
        found = BytePath.Display(host.Span);
        return true;
    }

    private static IEnumerable<string> Names(string directory) =>
        Directory.Exists(directory) ? Directory.GetFileSystemEntries(directory).Select(static p => Path.GetFileName(p)) : [];
}
