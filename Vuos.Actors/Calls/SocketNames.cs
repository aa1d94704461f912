using Vuos.Actors.Views;

namespace Vuos.Actors.Calls;

/// <summary>
/// AF_UNIX names that were bound under another name than the guest gave: what the kernel knows, and what the guest said. The kernel gives names back as they were bound
/// (getsockname, getpeername, accept, recvfrom), so they are put back here. One for all guests: a peer may be anywhere. Bounded; dropped names show as on the host.
/// </summary>
internal sealed class SocketNames
{
    private const int Limit = 4096;

    private readonly Dictionary<byte[], byte[]> given = new(BytePathComparer.Instance);

    public bool IsEmpty => given.Count == 0;

    public void Remember(byte[] bound, byte[] name)
    {
        if (given.Count >= Limit)
            given.Clear();
        given[bound] = name;
    }

    /// <summary>A socket was bound under this very name.</summary>
    public void Forget(ReadOnlySpan<byte> bound) => given.GetAlternateLookup<ReadOnlySpan<byte>>().Remove(bound);

    /// <summary>What the guest called it, or null: the same.</summary>
    public byte[]? Find(ReadOnlySpan<byte> bound) => given.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(bound, out var name) ? name : null;
}
