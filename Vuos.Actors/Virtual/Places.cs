using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual;

/// <summary>
/// Where the kernel's objects behind fifos and AF_UNIX sockets of virtual file systems are: one file a node, in a directory of the run, which guests open, bind and connect to themselves. So pipes and
/// sockets are the kernel's, and who waits at one is woken by it. Names are not to be guessed, and every user may make one, as guests do who bind; permissions are the node's. Tracer thread, but for
/// <see cref="Drop"/>.
/// </summary>
internal sealed class Places(OpenNodes opened) : IDisposable
{
    /// <summary>rw-rw-rw-; and of the directory: rwx-wx-wx, sticky.</summary>
    private const uint ForEverybody = 0x1B6, DropBox = 0x3DB;

    private readonly List<(ulong Device, ulong Inode, long Pin)> pinned = [];
    private string? directory;

    /// <summary>Path of the fifo that a node stands for, without NUL. Errors of mkdir(2) and mknod(2) in the directory of temporary files.</summary>
    public Answer<byte[]> Fifo(VirtualLayer layer, VirtualNode node)
    {
        if (node.Place is { } known)
            return known;
        var place = New();
        if (place.Failed)
            return place;
        byte[] path = [.. place.Value, 0];
        if (FileChanges.MakeNode(At.FdCwd, path, FileType.Fifo | ForEverybody) is var failed && failed < 0)
            return Sys.Error(failed);
        FileChanges.SetMode(path, ForEverybody);
        // Its number must not become another file's as long as it stands for the node.
        var pin = Files.Open(path, OpenFlag.Path | OpenFlag.CloExec);
        if (pin < 0 || Files.Stat(pin, out var stat) < 0)
            return Sys.Error(Math.Min(pin, -(long)Errno.EIO));
        pinned.Add((stat.Dev, stat.Ino, pin));
        opened.Add(stat.Dev, stat.Ino, new OpenPlace(layer, node));
        node.Place = place.Value;
        return place;
    }

    /// <summary>Path under which the socket that a node stands for is bound, or is to be.</summary>
    public Answer<byte[]> Socket(VirtualNode node)
    {
        if (node.Place is { } known)
            return known;
        var place = New();
        if (!place.Failed)
            node.Place = place.Value;
        return place;
    }

    /// <summary>The node has no name any more: nobody comes to the place, who is there stays.</summary>
    public static void Drop(VirtualNode node)
    {
        if (node.Place is not { } place)
            return;
        node.Place = null;
        FileChanges.Unlink(At.FdCwd, [.. place, 0]);
    }

    public void Dispose()
    {
        foreach (var (device, inode, pin) in pinned)
        {
            opened.Remove(device, inode);
            Files.Close(pin);
        }

        pinned.Clear();
        try
        {
            if (directory is not null)
                Directory.Delete(directory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody else has tidied up.
        }

        directory = null;
    }

    private Answer<byte[]> New()
    {
        if (directory is null)
        {
            var path = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $".vuos-{Environment.ProcessId}-{Random()}"));
            var name = Encoding.UTF8.GetBytes(path + '\0');
            if (FileChanges.MakeDirectory(At.FdCwd, name, DropBox) is var failed && failed < 0)
                return Sys.Error(failed);
            FileChanges.SetMode(name, DropBox);
            directory = path;
        }

        return Encoding.UTF8.GetBytes(Path.Combine(directory, Random()));
    }

    private static string Random() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
}

/// <summary>An open fifo.</summary>
internal sealed class OpenPlace(VirtualLayer layer, VirtualNode node) : OpenNode(layer, node);
