using System.Buffers.Text;
using Vuos.Actors.Guests;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Views;

/// <summary>Resolves the paths of guest calls in their view (path_resolution(7)). Runs on the tracer thread only; its buffers are reused.</summary>
internal sealed partial class PathResolver(PublishedView published, Func<int, GuestProcess?> findProcess)
{
    private const int PathMax = 4096;

    private readonly PathBuffer baseView = new();
    private readonly PathBuffer baseHost = new();
    private readonly PathBuffer probe = new();
    private readonly PathBuffer spare = new();
    private readonly PathBuffer scope = new();
    private readonly byte[] link = new byte[PathMax];
    private readonly byte[] procPath = new byte[64];

    public RoutingTable Table => published.Table;

    /// <summary>The directory a relative path begins in is seen through a union, or is in a virtual file system: the kernel's way from it is never the guest's.</summary>
    private bool baseInUnion;

    /// <summary>The directory of a virtual file system that the descriptor stands for, by which the base was named last.</summary>
    private OpenNode? baseOpen;

    /// <summary>RESOLVE_BENEATH: leaving is an error.</summary>
    private bool beneathNow;

    /// <summary>The caller sees mounts older than this.</summary>
    private long epoch = RoutingTable.Now;

    /// <summary>The call is about the name in its directory (create, remove, rename): a link in the last place is not followed, trailing slash or not.</summary>
    private bool nameItself;

    /// <summary>Resolves one path argument. <paramref name="examine"/>: the caller needs the mount and the view path, so the fast test by name alone does not do.</summary>
    public void Resolve(GuestThread thread, long dirFd, ReadOnlySpan<byte> path, bool follow, bool examine, Resolution result,
        bool nameItself = false)
    {
        result.Reset();
        this.nameItself = nameItself;
        beneathNow = false;
        var process = thread.Process;
        epoch = process.Epoch;
        if (path.IsEmpty)
        {
            result.Unexamined = true;
            return;
        }

        var absolute = path[0] == (byte)'/';
        // The commonest call of tree walkers: one component, no link followed, no mount of that name.
        if (!absolute && !follow && IsPlainName(path) && !examine && !Table.AnyUnion && !Table.AnyVirtual && !Table.HasName(path))
        {
            result.Unexamined = true;
            return;
        }

        var root = process.Fs.Root;
        if (absolute)
        {
            baseView.Set(root);
            baseHost.Clear();
        }
        else if (!BaseDirectory(thread, dirFd, result))
        {
            return;
        }

        if (!absolute && Table.AnyVirtual && LostBase(thread, dirFd) is { } lost
            && (lost.Node.IsUnlinked ? WalkRemoved(lost, ref path, result) : WalkDetached(thread, lost, ref path, follow, root, result)))
            return;
        var fromCwd = !absolute && (int)dirFd == At.FdCwd;
        if (!TryLexical(thread, path, absolute, fromCwd, follow, root, result))
            Walk(thread, path, absolute, fromCwd, follow, root, beneath: false, result);
        if (result.Kind == ResolutionKind.Host && result.Host.Length >= PathMax)
            FailTooLong(result);
    }

    /// <summary>
    /// Resolves a path of openat2(2) held inside its directory: <paramref name="beneath"/> (RESOLVE_BENEATH: leaving gives EXDEV), else RESOLVE_IN_ROOT
    /// (the directory is the root). Unexamined when no mount can matter and the kernel does it as well.
    /// </summary>
    public void ResolveScoped(GuestThread thread, long dirFd, ReadOnlySpan<byte> path, bool follow, bool beneath, Resolution result)
    {
        result.Reset();
        epoch = thread.Process.Epoch;
        beneathNow = beneath;
        if (path.IsEmpty || !BaseDirectory(thread, dirFd, result) || !Table.ConcernsTree(baseView.Span))
        {
            result.Unexamined = true;
            return;
        }

        var absolute = path[0] == (byte)'/';
        if (absolute && beneath)
        {
            result.Fail(Errno.EXDEV);
            return;
        }

        scope.Set(baseView.Span);
        nameItself = false;
        Walk(thread, path, absolute, fromCwd: false, follow, scope.Span, beneath, result);
        if (result.Kind == ResolutionKind.Host && result.Host.Length >= PathMax)
            FailTooLong(result);
    }

    /// <summary>View path of the directory behind a descriptor, or of the working directory; false: not a directory that has a name.</summary>
    public bool TryDirectory(GuestThread thread, long dirFd, PathBuffer view)
    {
        if ((int)dirFd == At.FdCwd && thread.Process.Fs.Cwd is { } cwd)
        {
            view.Set(cwd);
            return true;
        }

        if ((int)dirFd != At.FdCwd)
            return TryName(thread.Process, thread.Tid, dirFd, view);
        if (!TryReadDescriptor(thread.Tid, dirFd, out var host))
            return false;
        thread.Process.Fs.Enter(host.ToArray());
        view.Set(host);
        return true;
    }

    /// <summary>View path of what a descriptor of a process stands for; false: it has no name.</summary>
    public bool TryName(GuestProcess process, int tid, long fd, PathBuffer view)
    {
        if (!TryReadDescriptor(tid, fd, out var host))
            return TryVirtualName(tid, fd, view);
        process.Names.DirectoryName(host, view);
        return true;
    }

    /// <summary>No guest has a virtual file open.</summary>
    public bool NothingOpen => published.Opened.IsEmpty;

    /// <summary>The virtual file a descriptor of a guest stands for, or null.</summary>
    public OpenNode? FindOpen(int tid, long fd) =>
        published.Opened.IsEmpty || Files.Stat(ProcPath(tid, (int)fd), out var stat) < 0 ? null : published.Opened.Find(stat.Dev, stat.Ino);

    private bool TryVirtualName(int tid, long fd, PathBuffer view)
    {
        if (FindOpen(tid, fd) is not { } open || Table.MountOf(open.Layer) is not { } mount)
            return false;
        view.Set(mount.Target);
        open.Node.AppendPath(view);
        baseOpen = open;
        return true;
    }

    private bool TryReadDescriptor(int tid, long fd, out ReadOnlySpan<byte> host)
    {
        host = default;
        var length = Files.ReadLink(ProcPath(tid, fd), link);
        if (length <= 0 || link[0] != (byte)'/')
            return false;
        host = link.AsSpan(0, (int)length);
        if (host.EndsWith(" (deleted)"u8))
            return false;
        if (host.Length == 1)
            host = [];
        return true;
    }

    /// <summary>Sets <see cref="baseView"/> and <see cref="baseHost"/>; false: the kernel knows best what is wrong with the base.</summary>
    private bool BaseDirectory(GuestThread thread, long dirFd, Resolution result)
    {
        baseOpen = null;
        if (!TryDirectory(thread, dirFd, baseView))
        {
            result.Unexamined = true;
            return false;
        }

        // In a union the kernel's way is never the guest's, so nothing need be looked for there: a path that leads out is not left to the kernel.
        baseInUnion = (Table.AnyUnion || Table.AnyVirtual) && Table.Find(baseView.Span, epoch) is { Union: not null } or { Virtual: not null };
        if (baseInUnion || !Table.Translate(baseView.Span, baseHost, out _, epoch))
            baseHost.Set(baseView.Span);
        return true;
    }

    /// <summary>
    /// The fast way: put the path together as text, let the kernel check with one openat2 that no component is a link. Returns false when a link or a ".." in
    /// or near a mount makes text unreliable. A ".." that leads out of the working directory itself (<paramref name="fromCwd"/>) does not: that is a directory, and its
    /// name holds no links, even when it was removed or its name is too long for the kernel.
    /// </summary>
    private bool TryLexical(GuestThread thread, ReadOnlySpan<byte> path, bool absolute, bool fromCwd, bool follow, ReadOnlySpan<byte> root, Resolution result)
    {
        var view = result.View;
        view.Set(baseView.Span);
        spare.Set(baseHost.Span);
        var dotDot = false;
        var rest = path;
        scoped ReadOnlySpan<byte> last = default;
        while (NextComponent(ref rest, out var component))
        {
            last = component;
            if (component.SequenceEqual("."u8))
                continue;
            if (component.SequenceEqual(".."u8))
            {
                if (fromCwd && !view.Span.SequenceEqual(root))
                {
                    view.Pop();
                    spare.Pop();
                    continue;
                }

                if (!absolute || root.Length != 0 || Table.Find(view.Span, epoch) is not null)
                    return false;
                dotDot = true;
                view.Pop();
                continue;
            }

            fromCwd = false;
            view.Push(component);
            spare.Push(component);
        }

        if (dotDot && last.SequenceEqual(".."u8) && !follow)
            return false;
        result.MustBeDirectory = path[^1] == (byte)'/' || last.SequenceEqual("."u8);
        if (!Table.Translate(view.Span, result.Host, out var top, epoch, result.Hit, walked: false, out var place))
        {
            result.Fail(Errno.ENOENT);
            return true;
        }

        if (place == Place.Virtual)
        {
            // The mount point's own name holds no links; those behind it are the layer's.
            if (dotDot)
                return false;
            var links = 0;
            probe.Set(result.Hit.Rel.Span);
            AppendTail(path, last, probe);
            var mount = result.Hit.Layer!;
            return WalkVirtual(thread, mount, probe.Span, [], follow, root, ref links, result) == Way.Ended;
        }

        if (place == Place.Link)
            return false;
        result.Top = top;
        // In a union the guest's own directory may be the one below while the name is in the one above.
        var native = absolute ? top is null && root.Length == 0 : !baseInUnion && place == Place.Native && result.Host.Span.SequenceEqual(spare.Span);
        if (dotDot && !native)
            return false;
        AppendTail(path, last, result.Host);
        // Where a union has a name it has just looked itself, following no link.
        if (!follow && place is Place.Upper or Place.Lower && !result.MustBeDirectory && !dotDot)
        {
            result.Kind = native ? ResolutionKind.Native : ResolutionKind.Host;
            return true;
        }

        ReadOnlySpan<byte> examined;
        if (dotDot)
        {
            probe.Set(path);
            examined = probe.ForKernel();
        }
        else
        {
            examined = result.Host.ForKernel();
        }

        if (examined.Length > PathMax)
        {
            // Too long to examine by name; the kernel can still go there from the working directory.
            result.Kind = native ? ResolutionKind.Native : ResolutionKind.Host;
            return true;
        }

        // O_DIRECTORY: a file then ends in ENOTDIR after the whole walk, which tells as much, and there is no descriptor to make and to close.
        var fd = Files.Open2(examined, OpenFlag.Path | OpenFlag.Directory | OpenFlag.CloExec | (follow ? 0 : OpenFlag.NoFollow), OpenHow.NoSymlinks);
        if (fd >= 0)
            Files.Close(fd);
        else if (fd == -(long)Errno.ELOOP || fd == -(long)Errno.ENOSYS)
            return false;
        result.Kind = native ? ResolutionKind.Native : ResolutionKind.Host;
        return true;
    }

    /// <summary>The kernel takes no path of this length. What is wrong with the part it would take comes first, as when it walks the guest's own path.</summary>
    private void FailTooLong(Resolution result)
    {
        var part = result.Host.Span[..(PathMax - 2)];
        probe.Set(part[..part.LastIndexOf((byte)'/')]);
        probe.Append("/."u8);
        var error = Sys.Error(Files.Stat(probe.ForKernel(), out _));
        result.Fail(error == Errno.None ? Errno.ENAMETOOLONG : error);
    }

    /// <summary>A trailing slash or dot changes what calls do, so it is kept.</summary>
    private static void AppendTail(ReadOnlySpan<byte> path, ReadOnlySpan<byte> last, PathBuffer host)
    {
        if (last.SequenceEqual("."u8))
            host.Append("/."u8);
        else if (path[^1] == (byte)'/' && host.Length > 0)
            host.Append("/"u8);
    }

    private static bool IsPlainName(ReadOnlySpan<byte> path) =>
        !path.Contains((byte)'/') && !path.SequenceEqual("."u8) && !path.SequenceEqual(".."u8);

    private static bool NextComponent(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> component)
    {
        var start = rest.IndexOfAnyExcept((byte)'/');
        if (start < 0)
        {
            component = default;
            return false;
        }

        rest = rest[start..];
        var end = rest.IndexOf((byte)'/');
        component = end < 0 ? rest : rest[..end];
        rest = end < 0 ? default : rest[end..];
        return true;
    }

    /// <summary>/proc/TID/fd/N, NUL-terminated; valid until the next call.</summary>
    public ReadOnlySpan<byte> ProcDescriptor(int tid, long fd) => ProcPath(tid, (int)fd);

    /// <summary>/proc/TID/cwd or /proc/TID/fd/N, NUL-terminated, without allocating.</summary>
    private ReadOnlySpan<byte> ProcPath(int tid, long fd)
    {
        "/proc/"u8.CopyTo(procPath);
        var at = 6;
        Utf8Formatter.TryFormat(tid, procPath.AsSpan(at), out var written);
        at += written;
        if ((int)fd == At.FdCwd)
        {
            "/cwd\0"u8.CopyTo(procPath.AsSpan(at));
            return procPath.AsSpan(0, at + 5);
        }

        "/fd/"u8.CopyTo(procPath.AsSpan(at));
        at += 4;
        Utf8Formatter.TryFormat((int)fd, procPath.AsSpan(at), out written);
        at += written;
        procPath[at] = 0;
        return procPath.AsSpan(0, at + 1);
    }
}
