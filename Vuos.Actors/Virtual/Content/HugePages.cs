using System.Collections.Concurrent;

namespace Vuos.Actors.Virtual.Content;

/// <summary>
/// Puts what is loaded into huge pages, as soon as one is full. A memfd has small pages unless the system's administrator wants others, and those are read and mapped at half the speed of a disk's file system, whose
/// page cache has large ones. Only of files that are loaded whole: of others pieces are punched out again. The kernel takes 0.2 ms for one but on an idle processor waits up to 10 ms before that, so it is done while the rest is read.
/// </summary>
internal sealed class HugePages(MemoryFile file)
{
    private readonly ConcurrentDictionary<long, int> filled = new();
    private readonly ConcurrentQueue<Task> under = new();

    /// <summary>A piece was written, where nothing was before.</summary>
    public void Stored(long offset, long length)
    {
        while (length > 0)
        {
            var page = offset / MemoryFile.HugePage;
            var part = (int)Math.Min(length, (page + 1) * MemoryFile.HugePage - offset);
            if (filled.AddOrUpdate(page, static (_, added) => added, static (_, sum, added) => sum + added, part) == MemoryFile.HugePage)
                under.Enqueue(Task.Run(() => file.UseHugePage(page * MemoryFile.HugePage)));
            (offset, length) = (offset + part, length - part);
        }
    }

    /// <summary>Waits for those under way.</summary>
    public Task EndAsync() => Task.WhenAll(under);
}
