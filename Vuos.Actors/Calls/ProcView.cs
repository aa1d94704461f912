using System.Text;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Calls;

/// <summary>What /proc says about guests, put into the terms of their view: link texts, mount lists, memory maps (proc(5)).</summary>
internal sealed class ProcView(PathResolver resolver, Func<int, GuestProcess?> findProcess)
{
    private readonly byte[] link = new byte[4096];
    private readonly PathBuffer view = new();
    private readonly PathBuffer scratch = new();

    private static ReadOnlySpan<byte> Deleted => " (deleted)"u8;

    /// <summary>
    /// A readlink that the fast test let through, relative to a directory: fills in the host path if that directory is in /proc (tree walkers of /proc/PID/fd).
    /// </summary>
    public bool MayBeProcLink(Call call, in PathArgument argument, ReadOnlySpan<byte> text, Resolution found)
    {
        if (text.IsEmpty || !resolver.TryDirectory(call.Thread, PathArguments.DirFd(call, argument), view) || !view.Span.StartsWith("/proc"u8))
            return false;
        found.Host.Set(view.Span);
        found.Host.Push(text);
        return true;
    }

    /// <summary>The text of a /proc link as the guest must see it; false: the host's own text is right.</summary>
    public bool TryReadLink(GuestThread reader, ReadOnlySpan<byte> host, Span<byte> text, out int length)
    {
        length = 0;
        var entry = ProcLinks.Parse(host, out var pid, out var fd);
        if (entry is not (ProcEntry.Cwd or ProcEntry.Root or ProcEntry.Exe or ProcEntry.Fd) || findProcess(pid) is not { } process)
            return false;
        ReadOnlySpan<byte> name;
        switch (entry)
        {
            case ProcEntry.Cwd:
                if (process.Fs.Cwd is null || (resolver.Table.Find(process.Fs.Cwd) is null && process.Fs.Root.Length == 0))
                    return false;
                name = process.Fs.Cwd;
                break;
            case ProcEntry.Root:
                name = process.Fs.Root;
                break;
            case ProcEntry.Exe:
                if (process.Exe is null)
                    return false;
                name = process.Exe;
                break;
            default:
                scratch.Set(host);
                var n = Files.ReadLink(scratch.ForKernel(), link);
                if (n <= 0)
                    return false;
                var target = link.AsSpan(0, (int)n);
                var deleted = target.EndsWith(Deleted);
                if (process.Names.Exact(deleted ? target[..^Deleted.Length] : target) is { } known)
                {
                    view.Set(known);
                    if (deleted)
                        view.Append(Deleted);
                    name = view.Span;
                    break;
                }

                if (reader.Process.Fs.Root is not { Length: > 0 } root || !BytePath.IsAtOrBelow(target, root))
                    return false;
                name = target;
                break;
        }

        name = Below(name, reader.Process.Fs.Root);
        if (name.IsEmpty)
            name = "/"u8;
        length = Math.Min(name.Length, text.Length);
        name[..length].CopyTo(text);
        return true;
    }

    /// <summary>The text of a /proc file as the guest must see it, or null: the host's own is right.</summary>
    public byte[]? TryReadFile(GuestThread reader, ReadOnlySpan<byte> host)
    {
        var entry = ProcLinks.Parse(host, out var pid, out _);
        if (entry is not (ProcEntry.Mounts or ProcEntry.MountInfo or ProcEntry.MountStats or ProcEntry.Maps)
            || findProcess(pid) is not { } process || process.Foreign)
            return null;
        var root = reader.Process.Fs.Root;
        if (entry == ProcEntry.Maps ? process.Names.IsEmpty && process.Exe is null && root.Length == 0 : resolver.Table.IsEmpty)
            return null;
        scratch.Set(host);
        var text = ReadWhole(scratch);
        if (text is null)
            return null;
        return entry == ProcEntry.Maps
            ? MapsText.InView(text, process, root)
            : MountText.Append(text, entry, resolver.Table, root);
    }

    /// <summary>A view path as seen from a changed root.</summary>
    public static ReadOnlySpan<byte> Below(ReadOnlySpan<byte> name, ReadOnlySpan<byte> root) =>
        root.Length > 0 && BytePath.IsAtOrBelow(name, root) ? name[root.Length..] : name;

    private static byte[]? ReadWhole(PathBuffer path)
    {
        var fd = Files.Open(path.ForKernel(), OpenFlag.CloExec);
        if (fd < 0)
            return null;
        using var whole = new MemoryStream();
        var part = new byte[65536];
        long n;
        while ((n = Files.ReadAll(fd, part)) > 0)
            whole.Write(part, 0, (int)n);
        Files.Close(fd);
        return n < 0 ? null : whole.ToArray();
    }
}

/// <summary>/proc/PID/maps and smaps with view paths.</summary>
internal static class MapsText
{
    public static byte[] InView(ReadOnlySpan<byte> text, GuestProcess process, ReadOnlySpan<byte> root)
    {
        using var result = new MemoryStream(text.Length + 1024);
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            var slash = line.IndexOf((byte)'/');
            if (slash > 0)
            {
                result.Write(line[..slash]);
                result.Write(ProcView.Below(process.Names.Exact(line[slash..]) ?? line[slash..], root));
            }
            else
            {
                result.Write(line);
            }

            if (range.End.Value < text.Length)
                result.WriteByte((byte)'\n');
        }

        return result.ToArray();
    }
}

/// <summary>The mount lists of /proc with the layers added (proc(5), fstab(5)).</summary>
internal static class MountText
{
    public static byte[] Append(ReadOnlySpan<byte> host, ProcEntry entry, RoutingTable table, ReadOnlySpan<byte> root)
    {
        using var result = new MemoryStream(host.Length + 1024);
        result.Write(host);
        var parent = entry == ProcEntry.MountInfo ? RootMountId(host) : 0;
        foreach (var mount in table.Mounts)
        {
            if (mount.Detached || !mount.Shows || mount.OfModule)
                continue;
            if (root.Length > 0 && !BytePath.IsAtOrBelow(mount.Target, root))
                continue;
            var target = Escape(ProcView.Below(mount.Target, root));
            var source = Escape(mount.Shown);
            var options = (mount.ReadOnly ? "ro" : "rw") + (mount.NoExec ? ",noexec" : "") + (mount.Options.Length > 0 ? "," + mount.Options : "");
            var line = entry switch
            {
                ProcEntry.Mounts => $"{source} {target} {mount.Type} {options} 0 0\n",
                // Ids far above the kernel's, children of the root mount.
                ProcEntry.MountInfo => $"{900000 + mount.Epoch} {parent} {Device(mount, table)} / {target} {options} - {mount.Type} {source} {(mount.ReadOnly ? "ro" : "rw")}\n",
                _ => $"device {source} mounted on {target} with fstype {mount.Type}\n",
            };
            result.Write(Encoding.Latin1.GetBytes(line));
        }

        return result.ToArray();
    }

    /// <summary>Id of the mount whose mount point (fifth field) is the root.</summary>
    private static int RootMountId(ReadOnlySpan<byte> mountInfo)
    {
        foreach (var line in Encoding.Latin1.GetString(mountInfo).Split('\n'))
        {
            var fields = line.Split(' ');
            if (fields.Length > 4 && fields[4] == "/" && int.TryParse(fields[0], out var id))
                return id;
        }

        return 1;
    }

    /// <summary>major:minor of the file system behind the mount, as stat shows it.</summary>
    private static string Device(Mount mount, RoutingTable table)
    {
        if (mount.Virtual is { } layer)
            return Text(layer.Device);
        var host = new PathBuffer();
        if (!table.Translate(mount.Source, host, out _, mount.Epoch) || Files.Stat(host.ForKernel(), out var stat) < 0)
            return "0:0";
        return Text(stat.Dev);

        static string Text(ulong device) => $"{DeviceNumber.Major(device)}:{DeviceNumber.Minor(device)}";
    }

    /// <summary>Blanks, backslashes and line ends as octal escapes, as the kernel writes them; bytes are kept as Latin-1.</summary>
    private static string Escape(ReadOnlySpan<byte> path)
    {
        var text = new StringBuilder(path.Length + 1);
        if (path.IsEmpty)
            return "/";
        foreach (var b in path)
        {
            if (b is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\\')
                text.Append('\\').Append(Convert.ToString(b, 8).PadLeft(3, '0'));
            else
                text.Append((char)b);
        }

        return text.ToString();
    }
}
