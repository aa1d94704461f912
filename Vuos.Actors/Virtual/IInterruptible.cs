using Vuos.FileSystems;

namespace Vuos.Actors.Virtual;

/// <summary>A file system that can be told that a caller would rather not wait, and then may answer EINTR.</summary>
internal interface IInterruptible
{
    /// <summary>A signal came for this caller (<see cref="Caller.Pid"/>).</summary>
    void Interrupt(int pid);
}

/// <summary>
/// A file system whose operations only send a message, which never blocks, before they first wait. The tracer thread starts a look-up there itself: the message to the layer's actor that it saves would cost as much, and
/// waking the actor's thread another switch.
/// </summary>
internal interface ISends;
