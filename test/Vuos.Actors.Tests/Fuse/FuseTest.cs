namespace Vuos.Actors.Tests.Fuse;

/// <summary>
/// What follows an await in these tests plays the server and blocks, which nothing may do on a session's receiving thread, where operations continue. So each continuation goes to the pool:
/// xunit's own context does that only once.
/// </summary>
public abstract class FuseTest
{
    protected FuseTest() => SynchronizationContext.SetSynchronizationContext(new PoolContext());

    private sealed class PoolContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                SetSynchronizationContext(this);
                d(state);
            },
            null);
    }
}
