using System.Buffers.Binary;

namespace Vuos.Native.InGuest;

/// <summary>Paths and what they are replaced by, so that what lies below them can be named in the guest: a hash table and the texts, as the code in guests reads them.</summary>
public sealed class PlaceTable
{
    /// <summary>How many paths it takes: half of the places stay free, so that each search ends.</summary>
    public const int Most = Places / 2;

    private const int Places = 256, PlaceSize = 8, LengthsSize = 4;

    private readonly byte[] places = new byte[Places * PlaceSize];
    private readonly byte[] texts = new byte[InGuestLayout.Slots - InGuestLayout.Texts];

    // Offset 0 means that there is none.
    private int used = LengthsSize;

    public int Count { get; private set; }

    public ReadOnlySpan<byte> Hashes => places;

    /// <summary>The texts, as far as they are used.</summary>
    public ReadOnlySpan<byte> Texts => texts.AsSpan(0, used);

    /// <summary>Adds a path (absolute, not the root) and its translation (absolute; empty: the root). False: full.</summary>
    public bool TryAdd(ReadOnlySpan<byte> path, ReadOnlySpan<byte> translation)
    {
        if (Count == Most || used + LengthsSize + path.Length + translation.Length > texts.Length)
            return false;
        var hash = NameSet.Hash(path);
        var place = (byte)hash;
        while (OffsetOf(place) != 0)
            place++;
        BinaryPrimitives.WriteUInt32LittleEndian(places.AsSpan(place * PlaceSize), hash);
        BinaryPrimitives.WriteInt32LittleEndian(places.AsSpan(place * PlaceSize + 4), used);
        var text = texts.AsSpan(used);
        BinaryPrimitives.WriteUInt16LittleEndian(text, (ushort)path.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(text[2..], (ushort)translation.Length);
        path.CopyTo(text[LengthsSize..]);
        translation.CopyTo(text[(LengthsSize + path.Length)..]);
        used += LengthsSize + path.Length + translation.Length;
        Count++;
        return true;
    }

    /// <summary>Whether that path is in it.</summary>
    public bool TryFind(ReadOnlySpan<byte> path, out ReadOnlySpan<byte> translation)
    {
        translation = default;
        var hash = NameSet.Hash(path);
        for (var place = (byte)hash; OffsetOf(place) is var offset and not 0; place++)
        {
            var text = texts.AsSpan(offset);
            var length = BinaryPrimitives.ReadUInt16LittleEndian(text);
            if (BinaryPrimitives.ReadUInt32LittleEndian(places.AsSpan(place * PlaceSize)) != hash || !text.Slice(LengthsSize, length).SequenceEqual(path))
                continue;
            translation = text.Slice(LengthsSize + length, BinaryPrimitives.ReadUInt16LittleEndian(text[2..]));
            return true;
        }

        return false;
    }

    private int OffsetOf(byte place) => BinaryPrimitives.ReadInt32LittleEndian(places.AsSpan(place * PlaceSize + 4));
}
