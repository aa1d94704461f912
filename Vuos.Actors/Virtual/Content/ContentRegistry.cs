using System.Collections.Concurrent;

namespace Vuos.Actors.Virtual.Content;

/// <summary>The contents of a run by device and inode number of their memfds: tells which file a guest's descriptor is. Safe from any thread.</summary>
internal sealed class ContentRegistry
{
    private readonly ConcurrentDictionary<(ulong Device, ulong Inode), FileContent> _contents = new();

    /// <summary>Device and inode number as fstat(2) of the descriptor shows them.</summary>
    public FileContent? Find(ulong device, ulong inode) => _contents.GetValueOrDefault((device, inode));

    public void Add(MemoryFile file, FileContent content) => _contents[(file.Device, file.Inode)] = content;

    public void Remove(MemoryFile file) => _contents.TryRemove((file.Device, file.Inode), out _);
}
