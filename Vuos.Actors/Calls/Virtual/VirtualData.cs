using System.Runtime.InteropServices;
using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.Native;
using Vuos.Native.Kernel;
using Vuos.Native.Syscalls;
using Vuos.Native.Tracing;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>Calls that move data, where no kernel object holds the content: served by the layer, one by one. Tracer thread only.</summary>
internal sealed class VirtualData(PathResolver resolver, PublishedView view, VirtualFetch fetch)
{
    private const int MostRanges = 1024;

    /// <summary>Bytes that are read behind what a guest reads of a file of which only a part is in memory.</summary>
    private const int ReadAhead = 1 << 20;

    private readonly VirtualMoves moves = new(resolver, fetch);

    /// <summary>Why a descriptor has no position to be moved, or null.</summary>
    public static Verdict? Seeks(OpenNode open) => open switch
    {
        OpenDevice { Failure: not Errno.None } gone => Verdict.Fail(gone.Failure),
        DirectFile file when (file.Traits & (FileSystems.OpenTraits.NonSeekable | FileSystems.OpenTraits.Stream)) != 0 => Verdict.Fail(Errno.ESPIPE),
        _ => null,
    };

    /// <summary>read, write and their kind. Continue: the kernel does it to the content.</summary>
    public Verdict Serve(Call call, OpenNode open, Mount mount)
    {
        if (open is OpenFile { Content.IsPartial: true } partial)
            return Bring(call, partial, mount);
        if (open is OpenDevice { Failure: not Errno.None } gone)
            return Verdict.Fail(gone.Failure);
        if (open is not DirectFile file)
            return Verdict.Continue;
        var writes = ByteTransfer.Writes(call.Number);
        var mode = DescriptorMode.Of(resolver, call.Thread.Tid, call.Args[0]);
        if (mode == (writes ? 0 : OpenFlag.WrOnly))
            return Verdict.Fail(Errno.EBADF);
        long offset = call.Number switch
        {
            Nr.Pread64 or Nr.Pwrite64 or Nr.Preadv or Nr.Pwritev => call.Args[3],
            Nr.Preadv2 or Nr.Pwritev2 => call.Args[3],
            _ => -1,
        };
        if (offset < 0 && call.Number is Nr.Pread64 or Nr.Pwrite64 or Nr.Preadv or Nr.Pwritev)
            return Verdict.Fail(Errno.EINVAL);
        GuestRange[] ranges;
        if (call.Number is Nr.Read or Nr.Write or Nr.Pread64 or Nr.Pwrite64)
            ranges = [new GuestRange(call.Args[1], Math.Min((long)Math.Min((ulong)call.Args[2], long.MaxValue), 0x7FFFF000))];
        else if (ReadRanges(call, out ranges) is var wrong && wrong != Errno.None)
            return Verdict.Fail(wrong);
        var (tid, pid, fd, who) = (call.Thread.Tid, call.Thread.Process.Pid, call.Args[0], GuestCaller.Of(call.Thread));
        return fetch.Ask(call, mount, writes
            ? cancel => file.WriteAsync(tid, pid, fd, ranges, offset, who, cancel)
            : cancel => file.ReadAsync(tid, pid, fd, ranges, offset, who, cancel));
    }

    /// <summary>A range of a file of which only a part is in memory: it is brought there, then the kernel does the call.</summary>
    private Verdict Bring(Call call, OpenFile file, Mount mount)
    {
        var thread = call.Thread;
        thread.EndUse();
        long length = 0;
        if (call.Number is Nr.Read or Nr.Write or Nr.Pread64 or Nr.Pwrite64 or Nr.Mmap)
        {
            length = call.Args[call.Number == Nr.Mmap ? 1 : 2];
        }
        else
        {
            if (ReadRanges(call, out var ranges) is var wrong && wrong != Errno.None)
                return Verdict.Fail(wrong);
            foreach (var range in ranges)
                length += range.Length;
        }

        if (length <= 0)
            return Verdict.Continue;
        var offset = call.Number switch
        {
            Nr.Pread64 or Nr.Pwrite64 or Nr.Preadv or Nr.Pwritev or Nr.Preadv2 or Nr.Pwritev2 => call.Args[3],
            Nr.Mmap => call.Args[5],
            _ => -1,
        };
        var writes = ByteTransfer.Writes(call.Number);
        if (offset < 0 && (offset = GuestDescriptor.NextOffset(call.Thread.Process.Pid, call.Args[0], writes)) < 0)
            return Verdict.Continue;
        const int SharedOrValidated = 1, Writable = 2;
        if (file.Content.TryEnsure(offset, length))
        {
            // A mapping holds its range until the file is closed; a call until the thread's next one.
            if (call.Number != Nr.Mmap)
                thread.BeginUse(file, offset, length, writes);
            else if ((call.Args[3] & SharedOrValidated) != 0 && (call.Args[2] & Writable) != 0)
                file.Mapped(offset, length);
            return Verdict.Continue;
        }

        var (who, ahead) = (GuestCaller.Of(thread), writes ? 0 : ReadAhead);
        return fetch.Ask(call, mount, async cancel =>
        {
            var error = await file.Content.EnsureAsync(offset, length, ahead, who.Plain(), cancel).ConfigureAwait(false);
            if (error != Errno.None)
                return VirtualAnswer.Fail(error);
            // Decided again, the call takes the range anew.
            file.Content.Done(offset, length);
            return VirtualAnswer.Retry;
        });
    }

    /// <summary>
    /// sendfile, splice, copy_file_range and mmap. Of direct I/O, callers of the first three fall back to read and write on EINVAL; a shared mapping of what has no pages is ENODEV, as the kernel's.
    /// </summary>
    public bool Moves(Call call, out Verdict verdict)
    {
        verdict = Verdict.Continue;
        var (one, other) = call.Number switch
        {
            Nr.Mmap => (call.Args[4], -1L),
            Nr.Sendfile => (call.Args[0], call.Args[1]),
            _ => (call.Args[0], call.Args[2]),
        };
        if (call.Number == Nr.Mmap && resolver.FindOpen(call.Thread.Tid, one) is OpenFile { Content.IsPartial: true } partial && resolver.Table.MountOf(partial.Layer) is { } mount)
        {
            verdict = Bring(call, partial, mount);
            return true;
        }

        if (!IsDirect(call, one) && !IsDirect(call, other))
        {
            if (call.Number == Nr.Mmap || moves.Serve(call) is not { } served)
                return false;
            verdict = served;
            return true;
        }

        verdict = Verdict.Fail(call.Number != Nr.Mmap ? Errno.EINVAL : Errno.ENODEV);
        return true;
    }

    /// <summary>ioctl: moves as much memory as the request says.</summary>
    public Verdict Control(Call call, OpenNode open, Mount mount)
    {
        const uint Flags = 0x5401, CloseOnExec = 0x5451, NoCloseOnExec = 0x5450, NonBlock = 0x5421;
        var request = (uint)call.Args[1];
        // What the kernel does to any descriptor.
        if (request is CloseOnExec or NoCloseOnExec or NonBlock || open is OpenDirectory or OpenPlace)
            return Verdict.Continue;
        if (request == Flags)
            return Verdict.Fail(Errno.ENOTTY);
        var files = open.Layer.Files;
        var size = (int)((request >> 16) & 0x3FFF);
        var (input, output) = files.IoctlShape(request) ?? ((request & 0x40000000) != 0 ? size : 0, (request & 0x80000000) != 0 ? size : 0);
        var sent = new byte[input];
        if (input > 0 && GuestMemory.Read(call.Thread.Tid, call.Args[2], sent) != Errno.None)
            return Verdict.Fail(Errno.EFAULT);
        var (tid, address, who) = (call.Thread.Tid, call.Args[2], GuestCaller.Of(call.Thread));
        return fetch.Ask(call, mount, async cancel =>
        {
            var received = new byte[output];
            var result = await files.ControlAsync(open.Node.Id, open.ServerHandle ?? 0, request, address, sent, received, who.Plain(), cancel).ConfigureAwait(false);
            // What it did the server alone knows: flags and versions of a file are set so.
            VirtualLayer.Expire(open.Node);
            if (result.Failed)
                return VirtualAnswer.Fail(result.Error == Errno.ENOSYS ? Errno.ENOTTY : result.Error);
            if (output > 0 && GuestMemory.Write(tid, address, received) != Errno.None)
                return VirtualAnswer.Fail(Errno.EFAULT);
            return new VirtualAnswer(result.Value);
        });
    }

    /// <summary>msync(2) with MS_SYNC: what lies in the range is found in the process's map.</summary>
    public bool SyncsMapping(Call call, out Verdict verdict)
    {
        const int Synchronous = 4;
        verdict = Verdict.Continue;
        if ((call.Args[2] & Synchronous) == 0 || view.Opened.IsEmpty)
            return false;
        var (begin, end) = ((ulong)call.Args[0], (ulong)(call.Args[0] + call.Args[1]));
        try
        {
            foreach (var line in File.ReadLines($"/proc/{call.Thread.Tid}/maps"))
            {
                if (MapLine.TryParse(line, out var map) && map.Begin < end && map.End > begin
                    && view.Opened.Find(map.Device, map.Inode) is { } open && resolver.Table.MountOf(open.Layer) is { } mount)
                {
                    var who = GuestCaller.Of(call.Thread);
                    verdict = fetch.Ask(call, mount, async cancel => VirtualAnswer.Of(await open.SyncAsync(true, who.Plain(), cancel).ConfigureAwait(false)));
                    return true;
                }
            }
        }
        catch (IOException)
        {
            // The process ended meanwhile.
        }

        return false;
    }

    private bool IsDirect(Call call, long fd) => (int)fd >= 0 && resolver.FindOpen(call.Thread.Tid, fd) is DirectFile;

    private static Errno ReadRanges(Call call, out GuestRange[] ranges)
    {
        ranges = [];
        if (call.Args[2] is < 0 or > MostRanges)
            return Errno.EINVAL;
        ranges = new GuestRange[call.Args[2]];
        if (ranges.Length > 0 && GuestMemory.Read(call.Thread.Tid, call.Args[1], MemoryMarshal.AsBytes(ranges.AsSpan())) != Errno.None)
            return Errno.EFAULT;
        return ranges.Any(static r => r.Length < 0) ? Errno.EINVAL : Errno.None;
    }
}
