using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>The records in an answer to READDIR or READDIRPLUS.</summary>
internal ref struct DirentReader(ReadOnlySpan<byte> bytes, bool plus)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>With READDIRPLUS.</summary>
    public FuseEntryOut Entry { get; private set; }

    public FuseDirent Dirent { get; private set; }

    public ReadOnlySpan<byte> Name { get; private set; }

    /// <summary>False for a name no directory can have, or a length so wrong that nothing after it can be read.</summary>
    public bool ValidName { get; private set; }

    /// <summary>Whether the server counted a look-up: not for "." and "..", and not without a node.</summary>
    public readonly bool CountsLookup => plus && Entry.Node != 0 && !Name.SequenceEqual("."u8) && !Name.SequenceEqual(".."u8);

    /// <summary>The next record; false at the end, or where it is cut off.</summary>
    public bool Next()
    {
        var before = plus ? FuseEntryOut.SizeOf : 0;
        if (_rest.Length < before + FuseDirent.SizeOf)
            return false;
        if (plus)
            Entry = Wire.Read<FuseEntryOut>(_rest);
        Dirent = Wire.Read<FuseDirent>(_rest[before..]);
        if (Dirent.NameLength is 0 or > FuseProtocol.NameMax)
        {
            ValidName = false;
            Name = _rest = [];
            return true;
        }

        var end = before + FuseDirent.SizeOf + (int)Dirent.NameLength;
        if (_rest.Length < end)
            return false;
        Name = _rest[(before + FuseDirent.SizeOf)..end];
        ValidName = !Name.ContainsAny((byte)'/', (byte)0);
        _rest = _rest[(int)Math.Min(FuseDirent.Aligned(end), _rest.Length)..];
        return true;
    }
}
