using Vuos.Native.Tracing;

namespace Vuos.Actors.Tracing;

internal enum SourceEvent : byte
{
    /// <summary>A tracee stopped or ended.</summary>
    Stop,

    /// <summary>A listener has a notification.</summary>
    Notification,

    /// <summary>Another thread queued work for the tracer thread.</summary>
    Message,

    /// <summary>A listener's last filtered process is gone.</summary>
    ListenerClosed,

    /// <summary>There is no child left to wait for.</summary>
    NoChildren,
}

/// <summary>What the tracer thread sleeps on. One thread calls everything but <see cref="Wake"/>.</summary>
internal interface IEventSource : IDisposable
{
    /// <summary>Sleeps until something happens. <paramref name="listener"/> is set for notifications and closed listeners.</summary>
    SourceEvent Next(out WaitEvent stop, out int listener);

    /// <summary>Starts watching a notification listener; false when this source cannot (then ptrace carries everything).</summary>
    bool Watch(int listener);

    /// <summary>Wakes the tracer thread; from any thread.</summary>
    void Wake();
}
