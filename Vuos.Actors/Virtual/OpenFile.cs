using System.Collections.Concurrent;
using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual;

/// <summary>A regular file whose content is a memfd that guests hold (<see cref="FileContent"/>).</summary>
internal sealed class OpenFile(VirtualLayer layer, VirtualNode node, FileContent content) : OpenNode(layer, node)
{
    private readonly ConcurrentDictionary<(long Offset, long Length), bool> mapped = new();

    public FileContent Content => content;

    public override bool TryGetCurrent(out long size, out TimeSpec? modified) => content.TryGetCurrent(out size, out modified);

    /// <summary>A part of a partial file is mapped so that what is written there reaches the file.</summary>
    public void Mapped(long offset, long length) => mapped[(offset, length)] = true;

    public override ValueTask<Errno> SyncAsync(bool dataOnly, Caller caller, CancellationToken cancel)
    {
        TellMapped();
        return content.SyncAsync(dataOnly, caller, cancel);
    }

    public override ValueTask<Errno> FlushAsync(Caller caller, CancellationToken cancel)
    {
        TellMapped();
        return content.FlushAsync(caller, cancel);
    }

    public override ValueTask<Errno> AllocateAsync(long offset, long length, uint mode, Caller caller, CancellationToken cancel)
    {
        TellMapped();
        return content.AllocateAsync(offset, length, mode, caller, cancel);
    }

    private void TellMapped()
    {
        foreach (var (offset, length) in mapped.Keys)
            content.Written(offset, length);
    }
}
