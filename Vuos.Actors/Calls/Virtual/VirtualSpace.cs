using Vuos.Actors.Guests;
using Vuos.Actors.Views;
using Vuos.Actors.Virtual;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Calls.Virtual;

/// <summary>
/// ftruncate, fallocate and lseek of files whose content is not all in the memfd that the guest holds: what the kernel would do to that says nothing about what is not in it.
/// Tracer thread only.
/// </summary>
internal sealed class VirtualSpace(PathResolver resolver, VirtualFetch fetch)
{
    /// <summary>lseek(2).</summary>
    private const int SeekEnd = 2, SeekData = 3, SeekHole = 4;

    /// <summary>Continue: the whole content is in the memfd, or it is none of a regular file.</summary>
    public Verdict Serve(Call call, OpenNode open, Mount mount)
    {
        if (open is not (OpenFile { Content.IsPartial: true } or DirectFile { IsRegular: true }))
            return Verdict.Continue;
        return call.Number switch
        {
            Nr.Ftruncate => Cut(call, open, mount),
            Nr.Fallocate => Allocate(call, open, mount),
            _ => Seek(call, open, mount),
        };
    }

    private Verdict Cut(Call call, OpenNode open, Mount mount)
    {
        var size = call.Args[1];
        if (size < 0 || DescriptorMode.Of(resolver, call.Thread.Tid, call.Args[0]) == 0)
            return Verdict.Fail(Errno.EINVAL);
        var who = GuestCaller.Of(call.Thread);
        return fetch.Ask(call, mount, async cancel => VirtualAnswer.Of(await open.Layer.CutAsync(open, size, who.Plain(), cancel).ConfigureAwait(false)));
    }

    private Verdict Allocate(Call call, OpenNode open, Mount mount)
    {
        var (mode, offset, length) = ((uint)call.Args[1], call.Args[2], call.Args[3]);
        if (DescriptorMode.Of(resolver, call.Thread.Tid, call.Args[0]) == 0)
            return Verdict.Fail(Errno.EBADF);
        if (offset < 0 || length <= 0)
            return Verdict.Fail(Errno.EINVAL);
        if (offset > long.MaxValue - length)
            return Verdict.Fail(Errno.EFBIG);
        var who = GuestCaller.Of(call.Thread);
        return fetch.Ask(call, mount, async cancel =>
        {
            var error = await open.AllocateAsync(offset, length, mode, who.Plain(), cancel).ConfigureAwait(false);
            VirtualLayer.Expire(open.Node);
            return VirtualAnswer.Of(error == Errno.ENOSYS ? Errno.EOPNOTSUPP : error);
        });
    }

    private Verdict Seek(Call call, OpenNode open, Mount mount)
    {
        var (whence, offset) = (call.Args[2], call.Args[1]);
        if (whence is not (SeekData or SeekHole) && !(whence == SeekEnd && open is DirectFile))
            return Verdict.Continue;
        var (pid, fd, who) = (call.Thread.Process.Pid, call.Args[0], GuestCaller.Of(call.Thread));
        return fetch.Ask(call, mount, async cancel =>
        {
            var size = await SizeAsync(open, who.Plain(), cancel).ConfigureAwait(false);
            if (size.Failed)
                return VirtualAnswer.Fail(size.Error);
            // No holes are told: that all is data is always true (lseek(2)), and what is a hole in the memfd may only not be loaded.
            var position = whence == SeekEnd ? size.Value + offset : whence == SeekData ? offset : size.Value;
            if (whence != SeekEnd && (offset < 0 || offset >= size.Value))
                return VirtualAnswer.Fail(Errno.ENXIO);
            if (position < 0)
                return VirtualAnswer.Fail(Errno.EINVAL);
            var own = GuestDescriptor.Borrow(pid, fd);
            if (own < 0)
                return VirtualAnswer.Fail(Errno.EBADF);
            var moved = GuestDescriptor.MoveTo(own, position);
            Files.Close(own);
            return new VirtualAnswer(moved);
        });
    }

    private static async ValueTask<Answer<long>> SizeAsync(OpenNode open, Caller caller, CancellationToken cancel)
    {
        if (open is OpenFile file)
            return file.Content.MemorySize;
        var answer = await open.Layer.Files.GetAttributesAsync(open.Node.Id, open.ServerHandle, caller, cancel).ConfigureAwait(false);
        return answer.Failed ? answer.Error : answer.Value.Attributes.Size;
    }
}
