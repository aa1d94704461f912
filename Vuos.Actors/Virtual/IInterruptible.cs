using Vuos.FileSystems;

namespace Vuos.Actors.Virtual;

/// <summary>A file system that can be told that a caller would rather not wait, and then may answer EINTR.</summary>
internal interface IInterruptible
{
    /// <summary>A signal came for this caller (<see cref="Caller.Pid"/>).</summary>
    void Interrupt(int pid);
}
