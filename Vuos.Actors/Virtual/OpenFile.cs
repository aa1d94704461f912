using Vuos.Actors.Virtual.Content;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Virtual;

/// <summary>A regular file whose content is a memfd that guests hold (<see cref="FileContent"/>).</summary>
internal sealed class OpenFile(VirtualLayer layer, VirtualNode node, FileContent content) : OpenNode(layer, node)
{
    public FileContent Content => content;

    public override bool TryGetCurrent(out long size, out TimeSpec? modified) => content.TryGetCurrent(out size, out modified);

    public override ValueTask<Errno> SyncAsync(bool dataOnly, Caller caller, CancellationToken cancel) => content.SyncAsync(dataOnly, caller, cancel);

    public override ValueTask<Errno> FlushAsync(Caller caller, CancellationToken cancel) => content.FlushAsync(caller, cancel);
}
