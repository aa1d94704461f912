using System.Runtime.InteropServices;
using Vuos.Native.Fuse;

namespace Vuos.Actors.Modules.Fuse;

/// <summary>
/// Answers that come in several messages. splice(2) of a server into its end of the socket splits what it moves: at 16 pages since kernel 6.5 (net/socket.c, splice_to_socket), at each page before. The first
/// piece begins with the header of the whole answer.
/// </summary>
/// <remarks>
/// Pieces carry no name. If two threads of a server splice at the same time, their pieces mix and cannot be told apart: both answers are lost (<see cref="Mixed"/>), and their bytes are swallowed.
/// The session then keeps reads so small, and one at a time, that it does not happen again.
/// </remarks>
internal sealed class ReplyAssembly
{
    private readonly List<ulong> _mixed = [];
    private byte[] _buffer = [];
    private int _filled;
    private long _missing;
    private ulong _unique;

    public bool Pending => _missing > 0;

    /// <summary>Requests whose answers mixed; read and cleared by the session.</summary>
    public ReadOnlySpan<ulong> Mixed => CollectionsMarshal.AsSpan(_mixed);

    /// <summary>The whole answer after <see cref="Append"/> said it is complete; empty when it was swallowed.</summary>
    public ReadOnlySpan<byte> Whole => _buffer.AsSpan(0, _filled);

    /// <summary>The first piece of an answer.</summary>
    public void Begin(in FuseOutHeader header, ReadOnlySpan<byte> piece)
    {
        if (Pending)
        {
            if (_unique != 0)
                _mixed.Add(_unique);
            _mixed.Add(header.Unique);
            (_unique, _filled) = (0, 0);
            _missing += header.Length - piece.Length;
            return;
        }

        if (_buffer.Length < header.Length)
            _buffer = GC.AllocateUninitializedArray<byte>((int)header.Length);
        piece.CopyTo(_buffer);
        (_unique, _filled, _missing) = (header.Unique, piece.Length, header.Length - piece.Length);
    }

    /// <summary>A following piece: false when it is longer than what is missing. True and not <see cref="Pending"/>: complete.</summary>
    public bool Append(ReadOnlySpan<byte> piece)
    {
        if (piece.Length > _missing)
            return false;
        _missing -= piece.Length;
        if (_unique == 0)
            return true;
        piece.CopyTo(_buffer.AsSpan(_filled));
        _filled += piece.Length;
        return true;
    }

    public void ForgetMixed() => _mixed.Clear();
}
