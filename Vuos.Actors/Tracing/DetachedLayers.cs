namespace Vuos.Actors.Tracing;

/// <summary>
/// Virtual file systems that were unmounted while they were in use (MNT_DETACH): no event tells when the last descriptor, mapping or working directory is gone, so it is looked. On the tracer thread.
/// </summary>
internal sealed class DetachedLayers
{
    private readonly List<(Func<bool> IsUsed, Action End)> layers = [];
    private readonly Lookout lookout;

    public DetachedLayers(ITracer tracer) => lookout = new Lookout(tracer, TimeSpan.FromMilliseconds(300), Look);

    /// <summary>Calls <paramref name="end"/> once, when <paramref name="isUsed"/> says no.</summary>
    public void Watch(Func<bool> isUsed, Action end)
    {
        layers.Add((isUsed, end));
        lookout.Begin();
    }

    private bool Look()
    {
        for (var i = layers.Count - 1; i >= 0; i--)
        {
            var (isUsed, end) = layers[i];
            if (isUsed())
                continue;
            layers.RemoveAt(i);
            end();
        }

        return layers.Count > 0;
    }
}
