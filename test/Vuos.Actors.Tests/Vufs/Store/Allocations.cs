namespace Vuos.Actors.Tests.Vufs.Store;

/// <summary>What the tracer thread may do must not allocate.</summary>
internal static class Allocations
{
    /// <summary>The bytes that many calls allocate together, once everything is compiled.</summary>
    public static long Of(Action action)
    {
        for (var i = 0; i < 200; i++)
            action();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
