using System.Runtime.CompilerServices;
using Vuos.FileSystems;
using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>What the server says unasked or too late (fs/fuse/dev.c, fuse_notify).</summary>
internal sealed partial class FuseFileSystem
{
    void IFuseOwner.Late(FuseOpcode opcode, ulong node, ReadOnlySpan<byte> payload)
    {
        switch (opcode)
        {
            case FuseOpcode.Lookup or FuseOpcode.MkNod or FuseOpcode.MkDir or FuseOpcode.SymLink or FuseOpcode.Link:
                ForgetUnseen(Wire.Read<FuseEntryOut>(payload).Node);
                break;
            case FuseOpcode.Create or FuseOpcode.TmpFile when payload.Length > EntrySize:
                var created = Wire.Read<FuseEntryOut>(payload).Node;
                ReleaseUnseen(FuseOpcode.Release, created, Wire.Read<FuseOpenOut>(payload[EntrySize..]));
                ForgetUnseen(created);
                break;
            case FuseOpcode.Open:
                ReleaseUnseen(FuseOpcode.Release, node, Wire.Read<FuseOpenOut>(payload));
                break;
            case FuseOpcode.OpenDir:
                ReleaseUnseen(FuseOpcode.ReleaseDir, node, Wire.Read<FuseOpenOut>(payload));
                break;
            case FuseOpcode.ReadDirPlus:
                ForgetListed(payload, plus: true, accepted: 0);
                break;
        }
    }

    bool IFuseOwner.Notified(FuseNotifyCode code, ReadOnlySpan<byte> payload)
    {
        switch (code)
        {
            case FuseNotifyCode.Poll when payload.Length == Unsafe.SizeOf<FuseNotifyPollOut>():
                if (_files.FindPolled(Wire.Read<FuseNotifyPollOut>(payload).KernelHandle, out var file))
                    invalidation.Readiness(file.Node, file.Handle);
                return true;
            case FuseNotifyCode.InvalidateInode when payload.Length == Unsafe.SizeOf<FuseNotifyInodeOut>():
                var inode = Wire.Read<FuseNotifyInodeOut>(payload);
                invalidation.Node(inode.Node, inode.Offset, Math.Max(0, inode.Length));
                return true;
            case FuseNotifyCode.InvalidateEntry when payload.Length >= Unsafe.SizeOf<FuseNotifyEntryOut>():
                var entry = Wire.Read<FuseNotifyEntryOut>(payload);
                return EntryGone(entry.Parent, entry.NameLength, payload[Unsafe.SizeOf<FuseNotifyEntryOut>()..]);
            case FuseNotifyCode.Delete when payload.Length >= Unsafe.SizeOf<FuseNotifyDeleteOut>():
                var deleted = Wire.Read<FuseNotifyDeleteOut>(payload);
                return EntryGone(deleted.Parent, deleted.NameLength, payload[Unsafe.SizeOf<FuseNotifyDeleteOut>()..]);
            case FuseNotifyCode.Store when payload.Length >= Unsafe.SizeOf<FuseNotifyStoreOut>():
                // The kernel takes the data into its page cache; here it is read again when somebody wants it, which shows the same.
                var stored = Wire.Read<FuseNotifyStoreOut>(payload);
                if (stored.Size > 0 && stored.Offset <= long.MaxValue)
                    invalidation.Node(stored.Node, (long)stored.Offset, stored.Size);
                return true;
            case FuseNotifyCode.Retrieve when payload.Length == Unsafe.SizeOf<FuseNotifyRetrieveOut>():
                AnswerRetrieve(Wire.Read<FuseNotifyRetrieveOut>(payload));
                return true;
            case FuseNotifyCode.IncrementEpoch when payload.IsEmpty:
                invalidation.Names();
                return true;
            case FuseNotifyCode.Resend or FuseNotifyCode.Prune or > FuseNotifyCode.Prune:
                // RESEND was not offered, PRUNE is advice, later ones are unknown; the device refuses those and goes on.
                return true;
            default:
                return false;
        }
    }

    private bool EntryGone(ulong parent, uint nameLength, ReadOnlySpan<byte> nameAndNul)
    {
        if (nameAndNul.Length != nameLength + 1L)
            return false;
        if (nameLength is > 0 and <= FuseProtocol.NameMax)
            invalidation.Entry(parent, nameAndNul[..^1]);
        return true;
    }

    /// <summary>The answer when no page is cached: nothing. Content that is cached here may have been changed through a mapping and is not the server's to read back.</summary>
    private void AnswerRetrieve(in FuseNotifyRetrieveOut asked) => session.Post(
        session.Rent().Begin(FuseOpcode.NotifyReply, asked.Node, Caller.Nobody).Add(new FuseNotifyRetrieveIn { Offset = asked.Offset }), asked.NotifyUnique);

    private void ForgetUnseen(ulong node)
    {
        if (node is not (0 or FuseProtocol.RootId))
            session.Forget(node, 1);
    }

    private void ReleaseUnseen(FuseOpcode opcode, ulong node, in FuseOpenOut open) =>
        session.Detach(session.Rent().Begin(opcode, node, Caller.Nobody).Add(new FuseReleaseIn { Handle = open.Handle }));
}
