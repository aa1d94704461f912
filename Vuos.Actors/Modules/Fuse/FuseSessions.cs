using System.Collections.Concurrent;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>The sessions of this run by the inode number of the server's end, which is what fstat(2) of the descriptor in <c>mount -o fd=N</c> tells.</summary>
internal static class FuseSessions
{
    private static readonly ConcurrentDictionary<ulong, FuseSession> ByInode = new();

    public static FuseSession? Find(ulong inode) => ByInode.GetValueOrDefault(inode);

    public static void Add(FuseSession session) => ByInode[session.ServerInode] = session;

    /// <summary>A number can be used again by a socket made later: only this session is removed.</summary>
    public static void Remove(FuseSession session) => ByInode.TryRemove(KeyValuePair.Create(session.ServerInode, session));
}
