using System.Diagnostics;
using Vuos.Actors.Guests;
using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual;

internal sealed partial class VirtualLayer
{
    /// <summary>SEEK_END of lseek(2).</summary>
    private const int SeekEnd = 2;

    /// <summary>Handles of directories on their way back.</summary>
    private readonly List<Task> releases = [];

    private ContentCache? contents;
    private Task<Errno>? starting;

    /// <summary>Starts the file system; the first caller does, others wait for it.</summary>
    public Task<Errno> StartAsync()
    {
        lock (nodes)
            return starting ??= BeginAsync();
    }

    /// <summary>
    /// Gives a guest's open a descriptor of ours with its own access mode and position. <paramref name="open"/> null: an O_PATH descriptor, which only stands for the file.
    /// </summary>
    public async ValueTask<VirtualAnswer> OpenContentAsync(VirtualNode node, OpenResult? open, int flags, Caller caller, CancellationToken cancel)
    {
        if (open is not { } handle)
            return Answered(DirectFile.Open(this, node, new OpenResult(0), 0, 0, run.Opened, run.Watcher), FilterStage.Data);
        var given = await files.DescriptorAsync(node.Id, handle.Handle, flags, caller, cancel).ConfigureAwait(false);
        if (!given.Failed)
            return OpenDevice(node, handle, given.Value);
        if (given.Error != Errno.ENOSYS)
            return VirtualAnswer.Fail(given.Error);
        var size = node.Attributes?.Value.Size ?? 0;
        // A device has no size of a file, but a length.
        if (node.IsDevice && await files.SeekAsync(node.Id, handle.Handle, 0, SeekEnd, caller, cancel).ConfigureAwait(false) is { Failed: false } end)
            size = end.Value;
        if ((handle.Traits & (OpenTraits.Direct | OpenTraits.Stream | OpenTraits.NonSeekable)) != 0 || node.Type != FileType.Regular)
            return Answered(DirectFile.Open(this, node, handle, flags, size, run.Opened, run.Watcher), FilterStage.Data | FilterStage.Devices);
        await node.Gate.WaitAsync(cancel).ConfigureAwait(false);
        OpenFile file;
        try
        {
            if (node.Open is OpenFile known)
                file = known;
            else
                node.Open = file = NewFile(node);
        }
        finally
        {
            node.Gate.Release();
        }

        var fd = await file.Content.OpenAsync(handle, flags, node.Attributes?.Value ?? default, caller, cancel).ConfigureAwait(false);
        // What was cut here the file system knows; what it says of the size is older.
        if (!fd.Failed && (flags & OpenFlag.Trunc) != 0)
            Expire(node);
        return Answered(fd, ((flags & OpenFlag.AccessMode) != 0 ? FilterStage.Closing : 0) | (file.Content.IsPartial ? FilterStage.Data : 0));
    }

    /// <summary>A descriptor of a directory, at its beginning.</summary>
    /// <param name="handle">What the file system gave when it was opened, null: nothing. The directory's from now on.</param>
    public async ValueTask<VirtualAnswer> DescribeDirectoryAsync(VirtualNode node, ulong? handle, CancellationToken cancel)
    {
        try
        {
            await node.Gate.WaitAsync(cancel).ConfigureAwait(false);
            try
            {
                if (node.Open is not OpenDirectory directory)
                {
                    var made = OpenDirectory.Make(this, node, run);
                    if (made.Failed)
                        return VirtualAnswer.Fail(made.Error);
                    node.Open = directory = made.Value;
                }

                (var old, handle) = (directory.Keep(handle), null);
                ReleaseDirectory(node, old);
                return Answered(directory.Describe(), FilterStage.None);
            }
            finally
            {
                node.Gate.Release();
            }
        }
        finally
        {
            ReleaseDirectory(node, handle);
        }
    }

    /// <summary>OPENDIR: the handle, null where the file system has none (ENOSYS). To be given back by <see cref="ReleaseDirectory"/>.</summary>
    public async ValueTask<Answer<ulong?>> OpenDirectoryAsync(VirtualNode node, int flags, Caller caller, CancellationToken cancel)
    {
        var opened = await files.OpenDirectoryAsync(node.Id, flags, caller, cancel).ConfigureAwait(false);
        return opened.Error == Errno.ENOSYS ? (ulong?)null : opened.Failed ? opened.Error : opened.Value.Handle;
    }

    /// <summary>Gives back a handle of a directory, if there is one. Nobody waits for that: closing tells no error (fs/fuse/dir.c, fuse_dir_release).</summary>
    public void ReleaseDirectory(VirtualNode node, ulong? handle)
    {
        if (handle is not { } given)
            return;
        var release = ReleaseAsync();
        lock (releases)
        {
            releases.RemoveAll(static task => task.IsCompleted);
            releases.Add(release);
        }

        async Task ReleaseAsync()
        {
            try
            {
                await files.ReleaseDirectoryAsync(node.Id, given).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // Of a file system that throws; there is nobody to tell.
            }
        }
    }

    /// <summary>Before the file system ends: nothing is open any more, as far as it takes no longer than who unmounts waits.</summary>
    private async ValueTask ReleaseDirectoriesAsync(CancellationToken cancel)
    {
        foreach (var node in nodes.Values.Append(Root))
            ReleaseDirectory(node, (node.Open as OpenDirectory)?.Keep(null));
        Task all;
        lock (releases)
            all = Task.WhenAll(releases);
        await all.WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>SETATTR, with what is cached of content and attributes kept true.</summary>
    public async ValueTask<Errno> SetAsync(VirtualNode node, ulong? handle, AttributeChange change, Caller caller, CancellationToken cancel)
    {
        var asked = Stopwatch.GetTimestamp();
        return Learned(node, asked, (node.Open as OpenFile)?.Content is { } content
            ? await content.SetAttributesAsync(change, handle, caller, cancel).ConfigureAwait(false)
            : await files.SetAttributesAsync(node.Id, handle, change, caller, cancel).ConfigureAwait(false));
    }

    /// <summary>ftruncate(2) of a file whose content is not all in memory.</summary>
    public async ValueTask<Errno> CutAsync(OpenNode open, long size, Caller caller, CancellationToken cancel) => open is OpenFile file
        ? Learned(open.Node, Stopwatch.GetTimestamp(), await file.Content.CutAsync(size, caller, cancel).ConfigureAwait(false))
        : await SetAsync(open.Node, open.ServerHandle, new AttributeChange { Size = size }, caller, cancel).ConfigureAwait(false);

    private Errno Learned(VirtualNode node, long asked, in Answer<TimedAttributes> set)
    {
        if (!set.Failed)
            LearnAttributes(node, set.Value, asked);
        // What others asked meanwhile may have been answered before the change.
        node.ExpiredAt = Stopwatch.GetTimestamp();
        return set.Error;
    }

    /// <summary>syncfs(2).</summary>
    public async ValueTask<Errno> SyncAsync(CancellationToken cancel)
    {
        var error = contents is null ? Errno.None : await contents.FlushAllAsync(cancel).ConfigureAwait(false);
        var synced = await files.SyncAllAsync(cancel).ConfigureAwait(false);
        return error != Errno.None ? error : synced == Errno.ENOSYS ? Errno.None : synced;
    }

    /// <summary>
    /// Unmounts: everything is written back, the file system ends. The first error of writing; EINTR: cancelled, and what was not written is lost.
    /// </summary>
    public async ValueTask<Errno> CloseAsync(CancellationToken cancel)
    {
        if (!End())
            return Errno.None;
        var error = Errno.None;
        if (IsStarted && !cancel.IsCancellationRequested)
        {
            error = contents is null ? Errno.None : await contents.CloseAllAsync(cancel).ConfigureAwait(false);
            var synced = await files.SyncAllAsync(cancel).ConfigureAwait(false);
            if (error == Errno.None && synced != Errno.ENOSYS)
                error = synced;
            await ReleaseDirectoriesAsync(cancel).ConfigureAwait(false);
        }

        // What still waits for the file system waits no more.
        await Gone.CancelAsync().ConfigureAwait(false);
        await files.DisposeAsync().ConfigureAwait(false);
        if (Ended is { } ended)
            await ended().ConfigureAwait(false);
        return error;
    }

    private async Task<Errno> BeginAsync()
    {
        var started = await files.StartAsync(request with { Invalidation = this }, Gone.Token).ConfigureAwait(false);
        if (started.Failed)
            return started.Error;
        root = new VirtualNode(started.Value.Root, 0);
        contents = new ContentCache(files, started.Value, run.Watcher, run.Opened.Contents, run.Contents);
        Invalidated += static (node, offset, length) =>
        {
            if (node.Open is OpenFile file)
                _ = file.Content.InvalidateAsync(offset, length, CancellationToken.None).AsTask();
        };
        Volatile.Write(ref traits, started.Value);
        return Errno.None;
    }

    private OpenFile NewFile(VirtualNode node)
    {
        var content = contents!.Create(node.Id, $"vuos:{node.Id}");
        var file = new OpenFile(this, node, content);
        content.Owner = file;
        content.WrittenBack += _ => Expire(node);
        content.Closed += (_, _) => Closed(node, file);
        return file;
    }

    /// <summary>No guest has it open any more. Its content may stay cached; a file without a name is forgotten.</summary>
    private async void Closed(VirtualNode node, OpenFile file)
    {
        if (!node.IsUnlinked)
            return;
        await file.Content.AbandonAsync(CancellationToken.None).ConfigureAwait(false);
        await node.Gate.WaitAsync().ConfigureAwait(false);
        node.Open = null;
        node.Gate.Release();
        ForgetIfUnused(node);
    }

    /// <summary>A name is gone. If it was the last, and nobody has the file open, its content is given up and the file system told, as the kernel evicts an inode without names.</summary>
    public async ValueTask ForgetUnlinkedAsync(VirtualNode node)
    {
        if (!node.IsUnlinked)
            return;
        await node.Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            // What is still to be written back is given up when that is done.
            if (node.Open is OpenFile file && await file.Content.DropAsync().ConfigureAwait(false) == Errno.None)
                node.Open = null;
        }
        finally
        {
            node.Gate.Release();
        }

        ForgetIfUnused(node);
    }

    private VirtualAnswer OpenDevice(VirtualNode node, in OpenResult open, int fd)
    {
        if (Vuos.Native.Kernel.Files.Stat(fd, out var stat) == 0)
            run.Opened.Add(stat.Dev, stat.Ino, new OpenDevice(this, node, open.Handle));
        return Answered(fd, FilterStage.Devices);
    }

    private static VirtualAnswer Answered(in Answer<int> descriptor, FilterStage needs) =>
        descriptor.Failed ? VirtualAnswer.Fail(descriptor.Error) : new VirtualAnswer(0, Descriptor: descriptor.Value, Needs: needs);
}
