using Vuos.Native;
using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>Operations the server answered with ENOSYS once: it is not asked again (the no_* bits of struct fuse_conn, fs/fuse/fuse_i.h).</summary>
internal sealed class MissingOpcodes
{
    private const ulong Remembered = 1UL << (int)FuseOpcode.Flush | 1UL << (int)FuseOpcode.FSync | 1UL << (int)FuseOpcode.FSyncDir | 1UL << (int)FuseOpcode.Access | 1UL << (int)FuseOpcode.Create
        | 1UL << (int)FuseOpcode.SetXAttr | 1UL << (int)FuseOpcode.GetXAttr | 1UL << (int)FuseOpcode.ListXAttr | 1UL << (int)FuseOpcode.RemoveXAttr | 1UL << (int)FuseOpcode.Open
        | 1UL << (int)FuseOpcode.OpenDir | 1UL << (int)FuseOpcode.Poll | 1UL << (int)FuseOpcode.FAllocate | 1UL << (int)FuseOpcode.LSeek | 1UL << (int)FuseOpcode.Rename2
        | 1UL << (int)FuseOpcode.TmpFile | 1UL << (int)FuseOpcode.ReadDirPlus;

    private ulong _missing;

    public bool Contains(FuseOpcode opcode) => (Volatile.Read(ref _missing) & 1UL << (int)opcode) != 0;

    /// <summary>Learns from an answer.</summary>
    public void Note(FuseOpcode opcode, Errno error)
    {
        if (error == Errno.ENOSYS && (Remembered & 1UL << (int)opcode) != 0)
            Interlocked.Or(ref _missing, 1UL << (int)opcode);
    }
}
