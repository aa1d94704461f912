using Vuos.Actors.Tests.Support;

namespace Vuos.Actors.Tests.Vudev;

/// <summary>A loop device of the kernel's, its partitions included.</summary>
internal sealed class LoopDevice : IDisposable
{
    private LoopDevice(string path) => Path = path;

    public string Path { get; }

    /// <summary>Null: there are no loop devices, or none for us (CAP_SYS_ADMIN).</summary>
    public static LoopDevice? TryAttach(string image, params string[] options)
    {
        var attached = ChildProcess.Run("losetup", ["--find", "--show", "--partscan", .. options, image]);
        return attached.Status == 0 ? new LoopDevice(attached.Output.Trim()) : null;
    }

    public void Dispose() => ChildProcess.Run("losetup", ["--detach", Path]);
}
