namespace Vuos.Actors.Tracing;

/// <summary>
/// Virtual file systems that were unmounted while they were in use (MNT_DETACH): no event tells when the last descriptor, mapping or working directory is gone, so it is looked. On the tracer thread, but
/// for the timer.
/// </summary>
internal sealed class DetachedLayers(ITracer tracer) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    private readonly List<(Func<bool> IsUsed, Action End)> layers = [];
    private Timer? timer;

    /// <summary>Calls <paramref name="end"/> once, when <paramref name="isUsed"/> says no.</summary>
    public void Watch(Func<bool> isUsed, Action end)
    {
        layers.Add((isUsed, end));
        timer ??= new Timer(_ => tracer.Queue.Post(Look), null, Interval, Interval);
    }

    public void Dispose() => timer?.Dispose();

    private void Look()
    {
        for (var i = layers.Count - 1; i >= 0; i--)
        {
            var (isUsed, end) = layers[i];
            if (isUsed())
                continue;
            layers.RemoveAt(i);
            end();
        }

        if (layers.Count > 0)
            return;
        timer?.Dispose();
        timer = null;
    }
}
