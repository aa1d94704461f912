using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Vufs;

/// <summary>Directories made of two.</summary>
internal sealed partial class UnionOperations
{
    private const byte TypeUnknown = 0;

    private Errno List(byte[] rel, int tid)
    {
        var entries = new List<DirectoryEntry>();
        var host = new PathBuffer(512);
        var error = Merged(rel, entries);
        if (error != Errno.None)
            return error;
        Locate(rel, host);
        Shown(host, out var self);
        var parent = self;
        if (!rel.AsSpan().IsEmpty)
        {
            Locate(BytePath.Parent(rel), host);
            Shown(host, out parent);
        }
        else
        {
            // Above the root of the layer lies whatever the guest has there.
            host.Set(BytePath.Parent(mount.Target));
            if (table.Translate(host.Span, host, out _))
                Shown(host, out parent);
        }

        union.Listings.Put(rel, MergedListing.Build(entries, self.Ino, parent.Ino), tid);
        return Errno.None;
    }

    /// <summary>What stat shows of a host path; zeros if it is gone.</summary>
    private void Shown(PathBuffer host, out KernelStat stat)
    {
        if (Files.Stat(host.ForKernel(), out stat, At.SymlinkNoFollow) == 0)
            table.ShowOrigin(ref stat);
    }

    private Errno IsEmpty(byte[] rel)
    {
        var entries = new List<DirectoryEntry>();
        var error = Merged(rel, entries);
        return error == Errno.None && entries.Count > 0 ? Errno.ENOTEMPTY : error;
    }

    /// <summary>Names of the source, then those of the target that are not whited out. Only the source's directory of marks is left out.</summary>
    private Errno Merged(ReadOnlySpan<byte> rel, List<DirectoryEntry> entries)
    {
        var inUpper = union.ProbeUpper(rel) == Errno.None;
        if (inUpper && MergedListing.ReadHost(Upper(rel).Span, entries) is var error && error != Errno.None)
            return error;
        if (union.Origins.Any)
            ShowOrigins(rel, entries);
        if (rel.IsEmpty)
            entries.RemoveAll(static e => e.Name.AsSpan().SequenceEqual(".-"u8));
        var typed = new HashSet<byte[]>(BytePathComparer.Instance);
        var whiteouts = new HashSet<byte[]>(BytePathComparer.Instance);
        if (Marks.Any)
            Marks.CollectMarks(rel, whiteouts, typed);
        var lower = new PathBuffer(512);
        if (ShinesThrough(rel, lower) && Files.Stat(lower.ForKernel(), out var stat, At.SymlinkNoFollow) == 0 && stat.IsDirectory)
        {
            var seen = new HashSet<byte[]>(BytePathComparer.Instance);
            foreach (var entry in entries)
                seen.Add(entry.Name);
            var below = new List<DirectoryEntry>();
            if ((error = ListLower(rel, below)) != Errno.None && !inUpper)
                return error;
            foreach (var entry in below)
            {
                if (!whiteouts.Contains(entry.Name) && !seen.Contains(entry.Name))
                    entries.Add(entry);
            }
        }

        // Of a recorded type only stat tells.
        for (var i = 0; i < entries.Count && typed.Count > 0; i++)
        {
            if (typed.Contains(entries[i].Name))
                entries[i] = entries[i] with { Type = TypeUnknown };
        }

        return Errno.None;
    }

    /// <summary>Copies are listed under their originals' inode numbers, as stat shows them.</summary>
    private void ShowOrigins(ReadOnlySpan<byte> rel, List<DirectoryEntry> entries)
    {
        if (Files.Stat(Upper(rel).ForKernel(), out var folder) < 0)
            return;
        var path = new PathBuffer(512);
        for (var i = 0; i < entries.Count; i++)
        {
            if (!union.Origins.Knows(folder.Dev, entries[i].Inode))
                continue;
            path.Set(union.UpperHost);
            path.Append(rel);
            path.Push(entries[i].Name);
            Shown(path, out var stat);
            entries[i] = entries[i] with { Inode = stat.Ino };
        }
    }

    private List<byte[]> LowerNames(ReadOnlySpan<byte> rel)
    {
        var entries = new List<DirectoryEntry>();
        ListLower(rel, entries);
        return entries.ConvertAll(static e => e.Name);
    }

    /// <summary>The target's directory as older layers show it: an older union lists it itself.</summary>
    private Errno ListLower(ReadOnlySpan<byte> rel, List<DirectoryEntry> entries)
    {
        var host = new PathBuffer(512);
        host.Set(mount.Target);
        host.Append(rel);
        var hit = new UnionHit();
        if (!table.TranslateBelow(mount, host, hit, walked: true, out _))
            return Errno.ENOENT;
        return hit.Layer is { } older
            ? new UnionOperations(table, older).Merged(hit.Rel.Span, entries)
            : MergedListing.ReadHost(host.Span, entries);
    }
}
