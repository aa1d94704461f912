using System.Buffers.Binary;
using Vuos.Native;

namespace Vuos.Actors.Modules.Vufs.Store;

/// <summary>How a rename in the upper tree concerns the lower tree's names.</summary>
[Flags]
internal enum MoveKind : byte
{
    Plain = 0,

    /// <summary>The lower tree has something at the old name that is to be hidden from now on.</summary>
    HidingFrom = 1,

    /// <summary>So it has at the new name, of an exchange.</summary>
    HidingTo = 2,

    /// <summary>RENAME_EXCHANGE.</summary>
    Exchange = 4,
}

/// <summary>
/// A rename in the upper tree that the marks have to follow, and what must be known to tell which of the steps were taken: the inode numbers of what is renamed (at the new name it
/// says that the rename was done), of the records of both names, and of the directories of marks that are prepared for them; 0 if there is none.
/// </summary>
internal readonly record struct MoveNote(byte[] From, byte[] To, MoveKind Kind, ulong Inode)
{
    /// <summary>Five inode numbers, the kind, and the length of the first path; then the paths.</summary>
    private const int KindAt = 40, LengthAt = 44, PathsAt = 48;

    /// <summary>The longest text there is.</summary>
    public const int Capacity = PathsAt + (2 * MarkName.Capacity);

    public ulong FromRecord { get; init; }

    public ulong ToRecord { get; init; }

    public ulong FromFolder { get; init; }

    public ulong ToFolder { get; init; }

    public bool Exchange => (Kind & MoveKind.Exchange) != 0;

    public byte[] Format()
    {
        var text = new byte[PathsAt + From.Length + To.Length];
        ReadOnlySpan<ulong> inodes = [Inode, FromRecord, ToRecord, FromFolder, ToFolder];
        for (var i = 0; i < inodes.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(text.AsSpan(i * sizeof(ulong)), inodes[i]);
        text[KindAt] = (byte)Kind;
        BinaryPrimitives.WriteInt32LittleEndian(text.AsSpan(LengthAt), From.Length);
        From.CopyTo(text.AsSpan(PathsAt));
        To.CopyTo(text.AsSpan(PathsAt + From.Length));
        return text;
    }

    /// <summary>EINVAL if it is none.</summary>
    public static Errno Parse(byte[] text, out MoveNote note)
    {
        note = default;
        var length = text.Length < PathsAt ? -1 : BinaryPrimitives.ReadInt32LittleEndian(text.AsSpan(LengthAt));
        if (length < 0 || length > text.Length - PathsAt)
            return Errno.EINVAL;
        note = new MoveNote(text[PathsAt..(PathsAt + length)], text[(PathsAt + length)..], (MoveKind)text[KindAt], Number(0))
        {
            FromRecord = Number(1),
            ToRecord = Number(2),
            FromFolder = Number(3),
            ToFolder = Number(4),
        };
        return Errno.None;

        ulong Number(int index) => BinaryPrimitives.ReadUInt64LittleEndian(text.AsSpan(index * sizeof(ulong)));
    }
}
