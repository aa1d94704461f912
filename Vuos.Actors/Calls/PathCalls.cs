using Vuos.Actors.Calls.Unions;
using Vuos.Actors.Calls.Virtual;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;

namespace Vuos.Actors.Calls;

/// <summary>
/// Every call that takes paths and has no handler of its own: its paths are resolved, the rules of mounts are applied (EROFS, EBUSY, EXDEV), unions have their say, and where the
/// view differs from the host the path argument is replaced by the host path.
/// </summary>
internal sealed class PathCalls(PathArguments paths, MountRules rules, DescriptorCalls descriptors, DescriptorLinks links, UnionCalls unions, VirtualPaths virtuals)
{
    private readonly Resolution[] resolutions = [new(), new()];

    public Verdict Decide(Call call, SyscallInfo row)
    {
        var table = paths.Resolver.Table;
        var two = row.Paths.Length == 2;
        for (var i = 0; i < row.Paths.Length; i++)
        {
            var argument = row.Paths[i];
            resolutions[i].Reset();
            resolutions[i].Unexamined = true;
            // NULL, an unreadable pointer, a path too long: the kernel gives the right error (or means the descriptor).
            var read = paths.Read(call, argument, i);
            if (argument is { DirFd: >= 0 } && (argument.Use == PathUse.Modify || table.AnyVirtual) && (read ? argument.Empty && paths.Text(i).IsEmpty : argument.Null && call.Args[argument.Index] == 0))
                return descriptors.Decide(call, call.Args[argument.DirFd]);
            if (!read)
                return Verdict.Continue;
        }

        for (var i = 0; i < row.Paths.Length; i++)
        {
            var argument = row.Paths[i];
            var examine = (argument.Use != PathUse.Lookup && table.AnyReadOnly)
                || (argument.Use == PathUse.RenameFrom && table.MayCarryMount(BytePath.Name(paths.Text(i))));
            paths.Resolve(call, argument, i, PathArguments.Follows(call, argument), examine, resolutions[i]);
        }

        // Of two names either both are mere names in directories without mounts, or both are looked at.
        for (var i = 0; two && i < 2; i++)
        {
            if (resolutions[i].Unexamined && !resolutions[1 - i].Unexamined)
                paths.Resolve(call, row.Paths[i], i, PathArguments.Follows(call, row.Paths[i]), examine: true, resolutions[i]);
        }

        if (table.AnyVirtual && virtuals.Decides(call, row, resolutions, table, out var decided))
            return decided;
        for (var i = 0; i < row.Paths.Length; i++)
        {
            var argument = row.Paths[i];
            if (resolutions[i].Kind == ResolutionKind.Failed)
                return Verdict.Fail(i == 1 && MountRules.Earlier(resolutions[0], row.Paths[0].Use) is var earlier && earlier != Errno.None ? earlier : resolutions[i].Error);
            if (table.AnyUnion && links.Follow(call, argument, paths.Text(i).IsEmpty, resolutions[i]) is var lost && lost != Errno.None)
                return Verdict.Fail(lost);
            if (!resolutions[i].Unexamined && rules.Refuse(resolutions[i], argument.Use) is var refusal && refusal != Errno.None)
                return Verdict.Fail(refusal);
        }

        if (two && rules.CrossesMounts(resolutions[0], resolutions[1], row.Paths[0].Use))
        {
            var refusal = row.Paths[0].Use == PathUse.LinkFrom ? MountRules.RefuseLink(call, resolutions[0], resolutions[1]) : Errno.EXDEV;
            if (refusal != Errno.None)
                return Verdict.Fail(refusal);
        }

        if (table.AnyUnion && unions.Decides(call, row, resolutions, out var verdict))
            return verdict;
        return Rewrite(call, row);
    }

    private Verdict Rewrite(Call call, SyscallInfo row)
    {
        var pending = call.Thread.Pending;
        var begun = false;
        for (var i = 0; i < row.Paths.Length; i++)
        {
            if (resolutions[i].Kind != ResolutionKind.Host)
                continue;
            if (!begun)
                pending.Begin(call.Number);
            begun = true;
            pending.Replace(row.Paths[i].Index, resolutions[i].Host.ForKernel());
        }

        if (row.Paths[0].Use == PathUse.RenameFrom && !resolutions[0].Unexamined && paths.Resolver.Table.ConcernsRename(resolutions[0].View.Span))
        {
            if (!begun)
                pending.Begin(call.Number);
            begun = true;
            pending.After = AfterCall.Renamed;
            pending.View = resolutions[0].View.Span.ToArray();
            pending.Content = resolutions[1].View.Span.ToArray();
        }

        return begun ? Verdict.Rewrite : Verdict.Continue;
    }
}
