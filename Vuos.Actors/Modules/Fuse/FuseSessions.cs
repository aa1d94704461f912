using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Vuos.Actors.Guests;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>The sessions of this run by the inode number of the server's end, which is what fstat(2) of the descriptor in <c>mount -o fd=N</c> tells.</summary>
internal static class FuseSessions
{
    private static readonly ConcurrentDictionary<ulong, FuseSession> ByInode = new();

    public static FuseSession? Find(ulong inode) => ByInode.GetValueOrDefault(inode);

    public static void Add(FuseSession session) => ByInode[session.ServerInode] = session;

    /// <summary>A number can be used again by a socket made later: only this session is removed.</summary>
    public static void Remove(FuseSession session) => ByInode.TryRemove(KeyValuePair.Create(session.ServerInode, session));

    /// <summary>Whether a process has the server's end of a session that is mounted.</summary>
    public static bool AreHeldBy(int pid) =>
        !ByInode.IsEmpty && ProcDescriptors.Any(pid, static entry => InodeOfSocket(entry) is { } inode && Find(inode) is { State: FuseSessionState.Mounted });

    /// <summary>Sockets are links to <c>socket:[INODE]</c> there (proc_pid_fd(5)).</summary>
    private static ulong? InodeOfSocket(string entry)
    {
        Span<byte> link = stackalloc byte[64];
        var length = Files.ReadLink(Encoding.ASCII.GetBytes(entry + '\0'), link);
        return length > 0 && link[..(int)length] is [(byte)'s', (byte)'o', (byte)'c', (byte)'k', (byte)'e', (byte)'t', (byte)':', (byte)'[', .. var number, (byte)']']
            && ulong.TryParse(number, CultureInfo.InvariantCulture, out var inode) ? inode : null;
    }
}
