using System.Globalization;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>Calls on descriptors of files and directories of virtual file systems. Tracer thread only.</summary>
internal sealed class VirtualDescriptors(PathResolver resolver, VirtualFetch fetch, VirtualStatus status, VirtualAttributes attributes, VirtualData data, VirtualSpace space)
{
    private const int MostAtOnce = 65536;

    private readonly byte[] buffer = new byte[MostAtOnce];

    /// <summary>False: the descriptor is none of ours.</summary>
    public bool Decides(Call call, long fd, out Verdict verdict)
    {
        verdict = Verdict.Continue;
        if (call.Number is Nr.Msync)
            return data.SyncsMapping(call, out verdict);
        if (resolver.NothingOpen)
            return false;
        if (call.Number is Nr.Splice or Nr.Sendfile or Nr.CopyFileRange or Nr.Mmap)
            return data.Moves(call, out verdict);
        if (call.Number is Nr.Dup2 or Nr.Dup3)
            fd = call.Args[0] == call.Args[1] ? -1 : call.Args[1];
        if (fd < 0 || resolver.FindOpen(call.Thread.Tid, fd) is not { } open)
            return false;
        if (resolver.Table.MountOf(open.Layer) is not { } mount)
        {
            // Unmounted by force while it was open; a fifo is the kernel's.
            verdict = call.Number is Nr.Close or Nr.Dup2 or Nr.Dup3 || open is OpenPlace ? Verdict.Continue : Verdict.Fail(Errno.ENOTCONN);
            return true;
        }

        verdict = call.Number switch
        {
            Nr.Fstat or Nr.Newfstatat or Nr.Statx or Nr.Faccessat2 => status.OfDescriptor(call, open, mount),
            Nr.Fstatfs => status.FileSystem(call, open.Layer, mount, open.Node),
            Nr.Getdents or Nr.Getdents64 => open is OpenDirectory directory ? List(call, directory, mount) : Verdict.Fail(Errno.ENOTDIR),
            Nr.Fsync or Nr.Fdatasync or Nr.SyncFileRange when open is not OpenPlace => Sync(call, open, mount),
            Nr.Syncfs => SyncAll(call, open.Layer, mount),
            Nr.Close or Nr.Dup2 or Nr.Dup3 => Close(call, open, mount),
            Nr.Ftruncate or Nr.Fallocate when mount.ReadOnly && open is not OpenPlace => Verdict.Fail(Errno.EROFS),
            Nr.Ftruncate or Nr.Fallocate => space.Serve(call, open, mount),
            Nr.Ioctl => data.Control(call, open, mount),
            var transfer when ByteTransfer.Is(transfer) => data.Serve(call, open, mount),
            Nr.Lseek => VirtualData.Seeks(open) ?? space.Serve(call, open, mount),
            _ => attributes.OfDescriptor(call, open, mount),
        };
        return true;
    }

    /// <summary>The descriptors of a process that ends are closed as any others: whoever waits for it finds what it wrote.</summary>
    public Verdict EndProcess(Call call)
    {
        var thread = call.Thread;
        if (thread.Flushed is not null || resolver.NothingOpen)
        {
            thread.Flushed = null;
            return Verdict.Continue;
        }

        var open = WrittenBy(thread);
        if (open.Count == 0 || resolver.Table.MountOf(open[0].Layer) is not { } mount)
            return Verdict.Continue;
        TellUses(call);
        var who = GuestCaller.Of(thread);
        return fetch.Ask(call, mount, async cancel =>
        {
            foreach (var node in open)
                await node.FlushAsync(who.Plain(), cancel).ConfigureAwait(false);
            thread.Flushed = Errno.None;
            return VirtualAnswer.Retry;
        });
    }

    /// <summary>Files of virtual file systems that a process has open for writing.</summary>
    private List<OpenNode> WrittenBy(GuestThread thread)
    {
        var open = new List<OpenNode>();
        ProcDescriptors.Any(thread.Process.Pid, entry =>
        {
            if (int.TryParse(Path.GetFileName(entry), CultureInfo.InvariantCulture, out var fd) && resolver.FindOpen(thread.Tid, fd) is OpenFile or DirectFile
                && DescriptorMode.Of(resolver, thread.Tid, fd) != 0 && resolver.FindOpen(thread.Tid, fd) is { } node)
                open.Add(node);
            return false;
        });
        return open;
    }

    private Verdict List(Call call, OpenDirectory directory, Mount mount)
    {
        var own = GuestDescriptor.Borrow(call.Thread.Process.Pid, call.Args[0]);
        if (own < 0)
            return Verdict.Continue;
        var verdict = List(call, directory, mount, own);
        Files.Close(own);
        return verdict;
    }

    private Verdict List(Call call, OpenDirectory directory, Mount mount, long own)
    {
        if (directory.Node.IsUnlinked)
            return Verdict.Fail(Errno.ENOENT);
        var position = GuestDescriptor.Position(own);
        var start = position == 0;
        if (directory.Listing(call.Thread.Tid, start) is not { } listing)
        {
            var who = GuestCaller.Of(call.Thread);
            return fetch.Ask(call, mount, cancel => directory.ReadAsync(who, start, cancel), brief: true);
        }

        var length = listing.Fill(buffer.AsSpan(0, (int)Math.Min((uint)call.Args[2], MostAtOnce)), ref position, call.Number == Nr.Getdents);
        if (length <= 0)
            return Verdict.Answer(length);
        if (GuestMemory.Write(call.Thread.Tid, call.Args[1], buffer.AsSpan(0, length)) != Errno.None)
            return Verdict.Fail(Errno.EFAULT);
        var moved = GuestDescriptor.MoveTo(own, position);
        return Verdict.Answer(moved < 0 ? moved : length);
    }

    private static void TellUses(Call call)
    {
        foreach (var thread in call.Thread.Process.Threads)
            thread.TellUse();
    }

    private Verdict Sync(Call call, OpenNode open, Mount mount)
    {
        TellUses(call);
        var (dataOnly, who) = (call.Number != Nr.Fsync, GuestCaller.Of(call.Thread));
        if (open is OpenDirectory)
            return fetch.Ask(call, mount, async cancel => VirtualAnswer.Of(await NodeChanges.SyncDirectoryAsync(open.Layer, open.Node, dataOnly, who, cancel).ConfigureAwait(false)));
        return fetch.Ask(call, mount, async cancel => VirtualAnswer.Of(await open.SyncAsync(dataOnly, who.Plain(), cancel).ConfigureAwait(false)));
    }

    private Verdict SyncAll(Call call, VirtualLayer layer, Mount mount) =>
        fetch.Ask(call, mount, async cancel => VirtualAnswer.Of(await layer.SyncAsync(cancel).ConfigureAwait(false)));

    /// <summary>The descriptor is closed whatever writing back says; the call's result says it.</summary>
    private Verdict Close(Call call, OpenNode open, Mount mount)
    {
        var thread = call.Thread;
        if (thread.Flushed is { } error)
        {
            thread.Flushed = null;
            if (error == Errno.None || call.Number != Nr.Close)
                return Verdict.Continue;
            thread.Pending.Begin(call.Number);
            thread.Pending.After = AfterCall.FailWith;
            thread.Pending.Room = (int)error;
            return Verdict.Rewrite;
        }

        if (open is OpenDirectory or OpenDevice or OpenPlace)
            return Verdict.Continue;
        TellUses(call);
        var who = GuestCaller.Of(thread);
        return fetch.Ask(call, mount, async cancel =>
        {
            thread.Flushed = await open.FlushAsync(who.Plain(), cancel).ConfigureAwait(false);
            return VirtualAnswer.Retry;
        });
    }
}
