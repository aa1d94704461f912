using Vuos.Actors.Calls.Virtual;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls;

/// <summary>chdir, fchdir, chroot and getcwd: the working directory is the kernel's, its name and the root are the view's.</summary>
internal sealed class DirectoryCalls(PathArguments paths, VirtualFetch fetch)
{
    private readonly Resolution found = new();
    private readonly PathBuffer view = new();
    private readonly byte[] link = new byte[4096];
    private readonly PathBuffer probe = new();

    public Verdict ChangeDirectory(Call call, SyscallInfo row)
    {
        var argument = row.Paths[0];
        if (!paths.Read(call, argument, 0))
            return Verdict.Continue;
        paths.Resolve(call, argument, 0, follow: true, examine: true, found);
        if (found.Kind == ResolutionKind.Failed)
            return Verdict.Fail(found.Error);
        if (EntersVirtual(call, out var entered))
            return entered;
        if (found.Unexamined)
            return Verdict.Continue;
        var pending = call.Thread.Pending;
        pending.Begin(call.Number);
        if (found.Kind == ResolutionKind.Host)
            pending.Replace(argument.Index, found.Host.ForKernel());
        pending.After = AfterCall.SetWorkingDirectory;
        pending.View = found.View.Span.ToArray();
        return Verdict.Rewrite;
    }

    public Verdict ChangeDirectoryTo(Call call)
    {
        if (!paths.Resolver.TryDirectory(call.Thread, (int)call.Args[0], view))
            return Verdict.Continue;
        if (paths.Resolver.FindOpen(call.Thread.Tid, call.Args[0]) is { } open)
        {
            if (!open.Node.IsDirectory)
                return Verdict.Fail(Errno.ENOTDIR);
            call.Thread.Process.Fs.Enter(view.Span.ToArray(), (open.Layer, open.Node));
            return Verdict.Answer(0);
        }

        var pending = call.Thread.Pending;
        pending.Begin(call.Number);
        pending.After = AfterCall.SetWorkingDirectory;
        pending.View = view.Span.ToArray();
        return Verdict.Rewrite;
    }

    /// <summary>
    /// The kernel's working directory stays where it was when the view's is in a virtual file system: every relative path is resolved from the view's name.
    /// </summary>
    private bool EntersVirtual(Call call, out Verdict verdict)
    {
        if (fetch.IsPending(call, found, out verdict))
            return true;
        if (found.Kind != ResolutionKind.Virtual)
            return false;
        if (found.Virtual.Node is { } known && fetch.LacksAttributes(call, found.Virtual.Layer!, found.Virtual.Mount!, known, out verdict))
            return true;
        verdict = found.Virtual.Node is not { } node ? Verdict.Fail(Errno.ENOENT) : !node.IsDirectory ? Verdict.Fail(Errno.ENOTDIR)
            : found.Virtual.Layer!.Traits.DefaultPermissions && GuestCaller.Of(call.Thread).Check(node, Permissions.Search) is var refused && refused != Errno.None
            ? Verdict.Fail(refused) : Verdict.Answer(0);
        if (verdict == Verdict.Answer(0) && call.Number == Nr.Chdir)
            call.Thread.Process.Fs.Enter(found.View.Span.ToArray(), (found.Virtual.Layer!, found.Virtual.Node!));
        return true;
    }

    /// <summary>chroot is wholly the view's: any user may, as in umvu.</summary>
    public Verdict ChangeRoot(Call call, SyscallInfo row)
    {
        var argument = row.Paths[0];
        if (!paths.Read(call, argument, 0))
            return Verdict.Continue;
        if (paths.Text(0).IsEmpty)
            return Verdict.Fail(Errno.ENOENT);
        paths.Resolve(call, argument, 0, follow: true, examine: true, found);
        if (found.Kind == ResolutionKind.Failed)
            return Verdict.Fail(found.Error);
        ReadOnlySpan<byte> where;
        if (EntersVirtual(call, out var entered))
        {
            if (entered != Verdict.Answer(0))
                return entered;
            where = found.View.Span;
        }
        else if (found.Unexamined)
        {
            if (!paths.Resolver.TryDirectory(call.Thread, At.FdCwd, view))
                return Verdict.Fail(Errno.ENOENT);
            where = view.Span;
        }
        else
        {
            where = found.View.Span;
            var error = Sys.Error(Files.Stat(found.Host.ForKernel(), out var stat));
            if (error != Errno.None)
                return Verdict.Fail(error);
            if (!stat.IsDirectory)
                return Verdict.Fail(Errno.ENOTDIR);
            // Searchable, as the kernel demands.
            error = Sys.Error(Files.Access(found.Host.ForKernel(), 1, At.EAccess));
            if (error != Errno.None)
                return Verdict.Fail(error);
        }

        // The working directory must be known from now on: it may lie outside the new root.
        paths.Resolver.TryDirectory(call.Thread, At.FdCwd, view);
        call.Thread.Process.Fs.Root = where.ToArray();
        return Verdict.Answer(0);
    }

    public Verdict GetWorkingDirectory(Call call)
    {
        var fs = call.Thread.Process.Fs;
        if (fs.Cwd is null || (fs.Root.Length == 0 && IsNative(fs.Cwd)))
            return Verdict.Continue;
        probe.Set(System.Text.Encoding.ASCII.GetBytes($"/proc/{call.Thread.Tid}/cwd"));
        var isVirtual = paths.Resolver.Table.Find(fs.Cwd) is { Virtual: not null };
        var n = isVirtual ? 0 : Files.ReadLink(probe.ForKernel(), link);
        if (fs.Within is { Node.IsUnlinked: true } || n > 0 && link.AsSpan(0, (int)n).EndsWith(" (deleted)"u8))
            return Verdict.Fail(Errno.ENOENT);
        // Whited out in a union; the kernel's directory is still there.
        if (paths.Resolver.Table.AnyUnion && paths.Resolver.Table.Translate(fs.Cwd, probe, out _, RoutingTable.Now, null, walked: true, out var place)
            && place is Place.Deleted or Place.Missing)
            return Verdict.Fail(Errno.ENOENT);
        var name = ProcView.Below(fs.Cwd, fs.Root);
        if (fs.Root.Length > 0 && !BytePath.IsAtOrBelow(fs.Cwd, fs.Root))
        {
            view.Set("(unreachable)"u8);
            view.Append(fs.Cwd.Length == 0 ? "/"u8 : fs.Cwd);
        }
        else
        {
            view.Set(name.IsEmpty ? "/"u8 : name);
        }

        if (view.Length >= 4096)
            return Verdict.Fail(Errno.ENAMETOOLONG);
        view.Append("\0"u8);
        if ((ulong)call.Args[1] < (ulong)view.Length)
            return Verdict.Fail(Errno.ERANGE);
        return GuestMemory.Write(call.Thread.Tid, call.Args[0], view.Span) == Errno.None ? Verdict.Answer(view.Length) : Verdict.Fail(Errno.EFAULT);
    }

    private bool IsNative(ReadOnlySpan<byte> directory) => paths.Resolver.Table.Find(directory) is null;
}
