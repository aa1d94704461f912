using System.Text;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls;

/// <summary>Whether a layer is in use, so that umount gives EBUSY as the kernel would: mounts on or behind it, working directories, roots, programs, open files, mappings.</summary>
internal sealed class MountUsage(PublishedView view, Func<IEnumerable<GuestProcess>> guests)
{
    private readonly PathBuffer path = new();
    private readonly byte[] link = new byte[4096];

    /// <summary>One sentence on who uses the layer, or null.</summary>
    public string? WhoUses(Mount mount)
    {
        foreach (var other in view.Table.Mounts)
        {
            if (other.Epoch > mount.Epoch && !other.Detached && other.Shows && other.Target.Length > mount.Target.Length
                && BytePath.IsAtOrBelow(other.Target, mount.Target))
                return $"{BytePath.Display(other.Target)} is mounted on it";
        }

        foreach (var process in guests())
        {
            if (mount.Virtual is not null ? process.Fs.Within?.Layer == mount.Virtual : Inside(mount, process.Fs.Cwd))
                return $"it holds the working directory of process {process.Pid}";
            if (process.Fs.Root.Length > 0 && Inside(mount, process.Fs.Root))
                return $"it holds the root of process {process.Pid}";
            if (Inside(mount, process.Exe))
                return $"process {process.Pid} runs a program from it";
            if (mount.Virtual is not null ? HoldsVirtual(mount, process) : !process.Names.IsEmpty && HoldsFile(mount, process))
                return $"process {process.Pid} has a file of it open";
        }

        return null;
    }

    /// <summary>Whether a newer layer's source goes through this one.</summary>
    public bool IsDependedOn(Mount mount)
    {
        foreach (var other in view.Table.Mounts)
        {
            if (other.Epoch <= mount.Epoch || other.Source is null)
                continue;
            path.Set(other.Source);
            for (var next = view.Table.Find(path.Span, other.Epoch); next?.Source is not null; next = view.Table.Find(path.Span, next.Epoch))
            {
                if (next.Epoch == mount.Epoch)
                    return true;
                path.ReplacePrefix(next.Target.Length, next.Source);
            }
        }

        return false;
    }

    /// <summary>The layer goes although it is used: working directories inside it are known by their host names from now on.</summary>
    public void Release(Mount mount)
    {
        foreach (var process in guests())
        {
            if (Inside(mount, process.Fs.Cwd) && view.Table.Translate(process.Fs.Cwd, path, out _))
                process.Fs.Enter(path.Span.ToArray());
        }
    }

    /// <summary>A descriptor or mapping of the process is an object that stands for a file of the layer.</summary>
    private bool HoldsVirtual(Mount mount, GuestProcess process)
    {
        if (view.Opened.IsEmpty)
            return false;
        return ProcDescriptors.Any(process.Pid, IsOfLayer, line => MapLine.TryParse(line, out var map) && view.Opened.Find(map.Device, map.Inode)?.Layer == mount.Virtual);

        bool IsOfLayer(string entry)
        {
            path.Set(Encoding.ASCII.GetBytes(entry));
            return Files.Stat(path.ForKernel(), out var stat) == 0 && view.Opened.Find(stat.Dev, stat.Ino)?.Layer == mount.Virtual;
        }
    }

    private bool Inside(Mount mount, byte[]? name) => name is not null && view.Table.Find(name)?.Epoch == mount.Epoch;

    private bool HoldsFile(Mount mount, GuestProcess process)
    {
        return ProcDescriptors.Any(process.Pid, IsInside, line => line.IndexOf('/') is > 0 and var slash && Inside(mount, process.Names.Exact(Encoding.UTF8.GetBytes(line[slash..]))));

        bool IsInside(string entry)
        {
            path.Set(Encoding.ASCII.GetBytes(entry));
            var n = Files.ReadLink(path.ForKernel(), link);
            return n > 0 && Inside(mount, process.Names.Exact(link.AsSpan(0, (int)n)));
        }
    }
}
