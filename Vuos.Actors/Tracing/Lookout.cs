namespace Vuos.Actors.Tracing;

/// <summary>
/// Has something looked for on the tracer thread again and again, as long as there is something to look for. Then the timer is gone, so there is nothing to dispose of.
/// </summary>
/// <param name="interval">From one look to the next.</param>
/// <param name="look">True: once more.</param>
internal sealed class Lookout(ITracer tracer, TimeSpan interval, Func<bool> look)
{
    private Timer? timer;

    /// <summary>There is something. On the tracer thread.</summary>
    public void Begin() => timer ??= new Timer(_ => tracer.Queue.Post(Look), null, interval, interval);

    private void Look()
    {
        if (look())
            return;
        timer?.Dispose();
        timer = null;
    }
}
