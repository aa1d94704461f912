using Vuos.FileSystems;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Virtual.Content;

/// <summary>A handle that the file system gave for an open file, and the flags of that open.</summary>
internal readonly record struct ServerHandle(ulong Handle, int Flags, OpenTraits Traits)
{
    public bool CanRead => (Flags & OpenFlag.AccessMode) is 0 or OpenFlag.RdWr;

    public bool CanWrite => (Flags & OpenFlag.AccessMode) is OpenFlag.WrOnly or OpenFlag.RdWr;
}

/// <summary>The handles of one file. Which guest's descriptor belongs to which is not known, nor needed: those of a class (writing or not) are alike.</summary>
internal sealed class ServerHandles
{
    private readonly List<ServerHandle> _writing = [], _reading = [];

    public int Writing => _writing.Count;

    public int Reading => _reading.Count;

    public int Count => Writing + Reading;

    public void Add(ServerHandle handle) => (handle.CanWrite ? _writing : _reading).Add(handle);

    public ServerHandle? ToRead => _reading.Cast<ServerHandle?>().Concat(_writing.Cast<ServerHandle?>()).FirstOrDefault(h => h!.Value.CanRead);

    public ServerHandle? ToWrite => _writing.Count > 0 ? _writing[0] : null;

    public ServerHandle? Any => ToWrite ?? ToRead;

    /// <summary>Takes handles out until <paramref name="keep"/> of the class are left; the newest first.</summary>
    public List<ServerHandle> TakeWriting(int keep) => Take(_writing, keep);

    public List<ServerHandle> TakeReading(int keep) => Take(_reading, keep);

    private static List<ServerHandle> Take(List<ServerHandle> from, int keep)
    {
        if (from.Count <= keep)
            return [];
        var taken = from.GetRange(keep, from.Count - keep);
        from.RemoveRange(keep, from.Count - keep);
        return taken;
    }
}
