namespace Vuos.Actors.Running;

/// <summary>Runs a guest command under a new hypervisor.</summary>
public static class Hypervisor
{
    /// <summary>Blocks until the run has ended. Returns the first process's exit status (128+N if signal N killed it),
    /// or 126/127 if the command could not be executed/found, or 125 if the hypervisor itself failed.</summary>
    public static int Run(RunOptions options) => throw new NotSupportedException();
}
