using System.Globalization;
using System.Text;
using Vuos.Native;
using Vuos.Native.Kernel;

namespace Vuos.FileSystems.Examples;

/// <summary>
/// Shows a directory of the host, as <c>vufusereal SOURCE</c>. Errors are the kernel's own. Nothing outside the source is reached: a symbolic link is shown, never
/// followed. When we are root, new files belong to the caller, and the hypervisor checks permissions; else the kernel does, for us. Option: <c>timeout=SECONDS</c>, how long
/// names and attributes may be remembered (1).
/// </summary>
[FileSystem("vufusereal", Description = "a directory of the host")]
public sealed partial class PassthroughFileSystem : IFileSystem
{
    private readonly PassthroughDescriptors descriptors;
    private readonly bool privileged = Sys.Fast(Nr.Geteuid) == 0;
    private TimeSpan valid = TimeSpan.FromSeconds(1);
    private PassthroughNodes nodes = null!;

    public PassthroughFileSystem()
        : this(PassthroughDescriptors.Shared)
    {
    }

    internal PassthroughFileSystem(PassthroughDescriptors descriptors) => this.descriptors = descriptors;

    /// <summary>Nodes in use; for tests.</summary>
    internal int NodeCount => nodes.Count;

    public ValueTask DisposeAsync()
    {
        nodes?.Close();
        return ValueTask.CompletedTask;
    }

    public async ValueTask<Answer<FileSystemTraits>> StartAsync(MountRequest request, CancellationToken cancel)
    {
        foreach (var (name, value) in request.Options)
        {
            if (name != "timeout" || !double.TryParse(value, CultureInfo.InvariantCulture, out var seconds) || seconds is not (>= 0 and < 1e9))
            {
                request.Say(name == "timeout" ? $"'{value}' is no number of seconds" : $"there is no option {name}; the only option is timeout");
                return Errno.EINVAL;
            }

            valid = TimeSpan.FromSeconds(seconds);
        }

        var path = Encoding.UTF8.GetBytes((request.SourcePath ?? "") + "\0");
        var root = Files.Open(path, OpenFlag.Path | OpenFlag.CloExec);
        var error = Sys.Error(root);
        KernelStat stat = default;
        if (error == Errno.None)
            error = Sys.Error(Files.Stat(root, out stat));
        if (error != Errno.None)
        {
            request.Say(error == Errno.ENOENT ? "the source does not exist" : "the source cannot be reached: " + ErrnoText.Of(error));
            return error;
        }

        nodes = new PassthroughNodes((int)root, stat, valid, descriptors);
        return new FileSystemTraits { DefaultPermissions = privileged, AutoInvalidate = true, MaxRead = 1 << 20, MaxWrite = 1 << 20 };
    }

    public async ValueTask<Answer<NodeEntry>> LookupAsync(ulong parent, byte[] name, Caller caller, CancellationToken cancel)
    {
        using var directory = nodes.Use(parent);
        if (directory.Failed)
            return directory.Error;
        var error = Kernel(name, out var path);
        return error != Errno.None ? error : Find(directory, path);
    }

    public void Forget(ulong node, ulong lookups) => nodes.Forget(node, lookups);

    public async ValueTask<Answer<TimedAttributes>> GetAttributesAsync(ulong node, ulong? handle, Caller caller, CancellationToken cancel)
    {
        using var found = nodes.Use(node);
        return found.Failed ? found.Error : Attributes(found);
    }

    public async ValueTask<Answer<TimedAttributes>> SetAttributesAsync(ulong node, ulong? handle, AttributeChange change, Caller caller, CancellationToken cancel)
    {
        using var found = nodes.Use(node);
        if (found.Failed)
            return found.Error;
        long result = 0;
        if (change.Size is { } size)
            result = handle is { } open ? Sys.Call(Nr.Ftruncate, (long)open, size) : OpenFiles.Truncate(found.Path, size);
        // Before the mode: a change of owner takes set-user-id bits away.
        if (!Sys.Failed(result) && (change.Uid is not null || change.Gid is not null))
            result = OpenFiles.SetOwner(found.Descriptor, change.Uid ?? FileChanges.KeepId, change.Gid ?? FileChanges.KeepId);
        if (!Sys.Failed(result) && change.Mode is { } mode)
            result = FileChanges.SetMode(found.Path, mode);
        if (!Sys.Failed(result) && (change.AccessNow || change.ModifyNow || change.AccessTime is not null || change.ModifyTime is not null))
        {
            var (access, modify) = (Time(change.AccessNow, change.AccessTime), Time(change.ModifyNow, change.ModifyTime));
            result = OpenFiles.SetTimes(found.Descriptor, access.Seconds, access.Nanoseconds, modify.Seconds, modify.Nanoseconds);
        }

        return Sys.Failed(result) ? Sys.Error(result) : Attributes(found);
    }

    public async ValueTask<Answer<byte[]>> ReadLinkAsync(ulong node, Caller caller, CancellationToken cancel)
    {
        using var found = nodes.Use(node);
        if (found.Failed)
            return found.Error;
        var target = new byte[4096];
        var length = Files.ReadLink(found.Descriptor, target);
        // An O_PATH descriptor of something else than a link: readlinkat says ENOENT where readlink says EINVAL.
        return Sys.Failed(length) ? Sys.Error(length) is Errno.ENOENT ? Errno.EINVAL : Sys.Error(length) : target[..(int)length];
    }

    public async ValueTask<Answer<FileSystemStatus>> StatusAsync(ulong node, Caller caller, CancellationToken cancel)
    {
        using var found = nodes.Use(node);
        if (found.Failed)
            return found.Error;
        var result = OpenFiles.Status(found.Descriptor, out var status);
        if (Sys.Failed(result))
            return Sys.Error(result);
        return new FileSystemStatus
        {
            Type = (uint)status.Type,
            BlockSize = (uint)status.BlockSize,
            FragmentSize = (uint)status.FragmentSize,
            Blocks = status.Blocks,
            FreeBlocks = status.FreeBlocks,
            AvailableBlocks = status.AvailableBlocks,
            Files = status.Files,
            FreeFiles = status.FreeFiles,
            NameLength = (uint)status.NameLength,
        };
    }

    /// <summary>Asked only when we are not root: the kernel judges us.</summary>
    public async ValueTask<Errno> AccessAsync(ulong node, uint mask, Caller caller, CancellationToken cancel)
    {
        using var found = nodes.Use(node);
        return found.Failed ? found.Error : Sys.Error(Files.Access(found.Path, (int)mask, At.EAccess));
    }

    public async ValueTask<Errno> SyncAllAsync(CancellationToken cancel)
    {
        using var root = nodes.Use(NodeTable<PassthroughNode>.Root);
        if (root.Failed)
            return root.Error;
        // syncfs(2) takes no O_PATH descriptor.
        var descriptor = Files.Open(root.Path, OpenFlag.NonBlock | OpenFlag.CloExec);
        if (Sys.Failed(descriptor))
            return Sys.Error(descriptor);
        var result = Sys.Call(Nr.Syncfs, descriptor);
        Files.Close(descriptor);
        return Sys.Error(result);
    }

    private static (long Seconds, long Nanoseconds) Time(bool now, TimeSpec? time) =>
        now ? (0, OpenFiles.TimeNow) : time is { } given ? (given.Seconds, given.Nanoseconds) : (0, OpenFiles.TimeKeep);

    /// <summary>A name with its NUL. One that would lead elsewhere than to an entry of its directory never comes from a kernel.</summary>
    private static Errno Kernel(byte[] name, out byte[] path)
    {
        path = [.. name, 0];
        return name is [] or [(byte)'.'] or [(byte)'.', (byte)'.'] || name.AsSpan().ContainsAny((byte)'/', (byte)0) ? Errno.EINVAL : Errno.None;
    }

    private Answer<NodeEntry> Find(in PassthroughUse directory, byte[] name) =>
        nodes.Enter(PassthroughNodes.Open(directory.Descriptor, name), new PassthroughPlace(directory.Node, name));

    private Answer<TimedAttributes> Attributes(in PassthroughUse node)
    {
        var result = Files.Stat(node.Descriptor, out var stat);
        return Sys.Failed(result) ? Sys.Error(result) : new TimedAttributes(PassthroughNodes.Attributes(stat), valid);
    }
}
