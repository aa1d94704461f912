using System.Buffers.Binary;

namespace Vuos.Native.InGuest;

/// <summary>How the text of a <see cref="LogEntry"/> is to be read.</summary>
public enum LogKind : byte
{
    /// <summary>An absolute path of the view.</summary>
    InView = 1,

    /// <summary>A path that begins in the working directory.</summary>
    FromCwd = 2,

    /// <summary>The kernel's name of a directory, a slash, and a path that begins there.</summary>
    FromDirectory = 3,
}

/// <summary>Something opened by the code in a guest, or about to be.</summary>
public readonly ref struct LogEntry(LogKind kind, ReadOnlySpan<byte> text)
{
    public LogKind Kind { get; } = kind;

    public ReadOnlySpan<byte> Text { get; } = text;
}

/// <summary>
/// A ring in the guest's memory where its threads write what they open through layers, each into a slot of its own. A slot is valid once it begins with its position plus one, which may be later than that of its neighbours.
/// Everything in it may be forged.
/// </summary>
public static class InGuestLog
{
    public const int Slots = 128, SlotSize = 256;

    private const int TextStart = 8;

    /// <summary>Offset of a slot from <see cref="InGuestCode.Base"/>.</summary>
    public static int OffsetOf(uint position) => InGuestLayout.Slots + (int)(position % Slots) * SlotSize;

    /// <summary>Reads a slot. False: its writer is not ready, or it was written over.</summary>
    public static bool TryRead(ReadOnlySpan<byte> slot, uint position, out LogEntry entry)
    {
        entry = default;
        var text = slot[TextStart..SlotSize];
        var end = text.IndexOf((byte)0);
        if (BinaryPrimitives.ReadUInt32LittleEndian(slot) != position + 1 || end <= 0)
            return false;
        var (kind, directory) = ((LogKind)slot[4], (int)slot[5]);
        var valid = kind switch
        {
            LogKind.InView => text[0] == (byte)'/',
            LogKind.FromCwd => text[0] != (byte)'/',
            LogKind.FromDirectory => text[0] == (byte)'/' && directory < end && text[directory] == (byte)'/',
            _ => false,
        };
        if (valid)
            entry = new LogEntry(kind, text[..end]);
        return valid;
    }
}
