using Vuos.Actors.Calls.Unions;
using Vuos.Actors.Calls.Virtual;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls;

/// <summary>
/// open, openat, openat2, creat. What lies in a layer is opened here and grafted into the guest where that cannot be told from the guest opening it (a regular file or
/// directory, the same credentials, nothing to create); else the path is rewritten and the guest opens it.
/// </summary>
internal sealed class OpenCalls(PathArguments paths, MountRules rules, ProcView proc, DescriptorLinks links, UnionOpens unions, VirtualOpens virtuals)
{
    private readonly Resolution found = new();
    private readonly PathBuffer descriptorPath = new();

    public Verdict Decide(Call call, SyscallInfo row)
    {
        var argument = row.Paths[0];
        var how = default(OpenHow);
        if (call.Number == Nr.Openat2)
        {
            // Unknown or contradicting bits are refused before any walk.
            const ulong Known = 0x3F, Either = OpenHow.Beneath | OpenHow.InRoot;
            if (GuestMemory.Read(call.Thread.Tid, call.Args[2], out how) != Errno.None || (how.Resolve & ~Known) != 0
                || (how.Resolve & Either) == Either)
                return Verdict.Continue;
        }
        else
        {
            how.Flags = call.Number switch
            {
                Nr.Creat => OpenFlag.Creat | OpenFlag.WrOnly | OpenFlag.Trunc,
                Nr.Open => (ulong)call.Args[1],
                _ => (ulong)call.Args[2],
            };
            how.Mode = (ulong)call.Args[call.Number switch { Nr.Creat => 1, Nr.Open => 2, _ => 3 }];
        }

        if (!paths.Read(call, argument, 0))
            return Verdict.Continue;
        var flags = (long)how.Flags;
        var follow = (flags & OpenFlag.NoFollow) == 0 && (flags & (OpenFlag.Creat | OpenFlag.Excl)) != (OpenFlag.Creat | OpenFlag.Excl);
        // A descriptor opened here may later be the base of other names.
        var names = call.Thread.Process.Names;
        var examine = paths.Resolver.Table.AnyReadOnly || !names.IsEmpty;
        const ulong Scoped = OpenHow.Beneath | OpenHow.InRoot;
        if ((how.Resolve & Scoped) != 0)
            paths.Resolver.ResolveScoped(call.Thread, PathArguments.DirFd(call, argument), paths.Text(0), follow, (how.Resolve & OpenHow.Beneath) != 0, found);
        else
            paths.Resolve(call, argument, 0, follow, examine, found);
        // The kernel stops at the first link, whatever would be wrong behind it.
        if (((how.Resolve & OpenHow.NoSymlinks) != 0 && found.LinksFollowed) || ((how.Resolve & OpenHow.NoMagicLinks) != 0 && found.MagicLinksFollowed))
            return Verdict.Fail(Errno.ELOOP);
        if (found.Kind == ResolutionKind.Failed)
            return Verdict.Fail(found.Error);
        if (paths.Resolver.Table.AnyVirtual && virtuals.Decides(call, found, how, out var opened))
            return opened;
        if (found.Unexamined)
            return Verdict.Continue;
        if (paths.Resolver.Table.AnyUnion && (flags & OpenFlag.NoFollow) == 0 && links.Follow(found, UnionOpens.Writes(flags)) is var lost && lost != Errno.None)
            return Verdict.Fail(lost);
        if (rules.RefuseOpen(found, flags) is var refusal && refusal != Errno.None)
            return Verdict.Fail(refusal);
        if (unions.Decides(call, found, flags, out var decided))
            return decided;
        if (found.Host.Span.StartsWith("/proc/"u8) && proc.TryReadFile(call.Thread, found.Host.Span) is { } text)
            return GraftText(call, text, (flags & OpenFlag.CloExec) != 0);
        if ((flags & OpenFlag.Creat) == 0 || !names.IsEmpty || found.Kind == ResolutionKind.Host)
            names.Remember(BytePath.WithoutTail(found.Host.Span), found.View.Span);
        if (found.Kind == ResolutionKind.Native)
            return Verdict.Continue;
        if ((how.Resolve & OpenHow.NoXdev) != 0 && LeavesMount(call, argument))
            return Verdict.Fail(Errno.EXDEV);
        if (how.Resolve != 0)
            return RewriteResolve(call, argument, how);
        if (call.Notified && TryGraft(call, flags, out var verdict))
            return verdict;
        call.Thread.Pending.Begin(call.Number);
        call.Thread.Pending.Replace(argument.Index, found.Host.ForKernel());
        return Verdict.Rewrite;
    }

    /// <summary>Whether the open may wait for another process, as that of a fifo or a terminal does.</summary>
    public bool MayBlock(Call call, SyscallInfo row)
    {
        var argument = row.Paths[0];
        if (!paths.Read(call, argument, 0))
            return false;
        paths.Resolve(call, argument, 0, follow: true, examine: true, found);
        return found.Kind is ResolutionKind.Native or ResolutionKind.Host && !found.Unexamined && Files.Stat(found.Host.ForKernel(), out var stat) == 0
            && !stat.IsRegular && !stat.IsDirectory;
    }

    /// <summary>Opens on the guest's behalf. False: the guest must do it itself.</summary>
    private bool TryGraft(Call call, long flags, out Verdict verdict)
    {
        verdict = default;
        // An O_PATH descriptor cannot be handed over (the kernel's fget refuses it).
        // What may fall back to a copy-up must fail in the guest first.
        if (call.Thread.Process.OwnCredentials || call.Thread.FallsBack || (flags & (OpenFlag.Creat | OpenFlag.TmpFileBit | OpenFlag.Path)) != 0)
            return false;
        var path = found.Host.ForKernel();
        if (Files.Stat(path, out var stat, (flags & OpenFlag.NoFollow) != 0 ? At.SymlinkNoFollow : 0) < 0)
            return false;
        // A fifo would block, a terminal or device may depend on who opens it; links of /proc belong to their reader.
        if (!stat.IsDirectory && !stat.IsRegular)
            return false;
        if (ProcLinks.Parse(found.Host.Span, out _, out _) != ProcEntry.None)
            return false;
        // O_NONBLOCK here means: do not wait for a lease to be broken; it is not what the guest asked for, so only without it is the result the same.
        var fd = Files.Open(path, (int)flags | OpenFlag.CloExec | OpenFlag.NoCtty);
        if (fd < 0)
        {
            verdict = Verdict.Answer(fd);
            return true;
        }

        var number = SeccompListener.AddFd(call.Listener, call.NotificationId, (int)fd, (flags & OpenFlag.CloExec) != 0);
        Files.Close(fd);
        verdict = Verdict.Answer(number);
        return true;
    }

    /// <summary>Gives the guest a memfd with a text in the place of a /proc file.</summary>
    private Verdict GraftText(Call call, byte[] text, bool closeOnExec)
    {
        if (call.Notified && !call.Thread.Process.OwnCredentials)
        {
            var fd = Memfd.Create(text);
            if (fd < 0)
                return Verdict.Answer(fd);
            descriptorPath.Set(System.Text.Encoding.ASCII.GetBytes($"/proc/self/fd/{fd}"));
            var readOnly = Files.Open(descriptorPath.ForKernel(), OpenFlag.CloExec);
            Files.Close(fd);
            if (readOnly < 0)
                return Verdict.Answer(readOnly);
            var number = SeccompListener.AddFd(call.Listener, call.NotificationId, (int)readOnly, closeOnExec);
            Files.Close(readOnly);
            return Verdict.Answer(number);
        }

        var pending = call.Thread.Pending;
        pending.Begin(call.Number);
        pending.ReplacementNumber = Nr.MemfdCreate;
        pending.Replace(0, "proc\0"u8);
        pending.Replace(1, closeOnExec ? 1L : 0L);
        pending.After = AfterCall.FillMemfd;
        pending.Content = text;
        return Verdict.Rewrite;
    }

    /// <summary>RESOLVE_NO_XDEV, where the view leads elsewhere than the kernel: whether the path ends in another mount of the view than it begins in.</summary>
    private bool LeavesMount(Call call, in PathArgument argument)
    {
        if (paths.Text(0)[0] == (byte)'/')
            descriptorPath.Set(call.Thread.Process.Fs.Root);
        else if (!paths.Resolver.TryDirectory(call.Thread, PathArguments.DirFd(call, argument), descriptorPath))
            return false;
        return paths.Resolver.Table.Find(descriptorPath.Span)?.Epoch != found.Top?.Epoch;
    }

    /// <summary>openat2 with resolve rules: they speak of the guest's path, which is not the one the kernel will walk, so they are checked here and dropped.</summary>
    private Verdict RewriteResolve(Call call, in PathArgument argument, OpenHow how)
    {
        how.Resolve &= OpenHow.NoSymlinks | OpenHow.NoMagicLinks | OpenHow.Cached;
        var pending = call.Thread.Pending;
        pending.Begin(call.Number);
        pending.Replace(argument.Index, found.Host.ForKernel());
        unsafe
        {
            pending.Replace(2, new ReadOnlySpan<byte>(&how, sizeof(OpenHow)));
        }

        return Verdict.Rewrite;
    }
}
