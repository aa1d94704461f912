using System.Buffers.Binary;

namespace Vuos.Native.InGuest;

/// <summary>
/// A <c>syscall</c> instruction of a program and the comparison of its result behind it, which C libraries and the Go runtime have after nearly each. Both make room for a jump to a thunk that calls
/// <see cref="InGuestCode"/>, makes the comparison and jumps back.
/// </summary>
public static class CallSite
{
    /// <summary>Bytes before and behind the instruction that <see cref="TryRead"/> looks at.</summary>
    public const int Around = 1024;

    /// <summary>Bytes of a thunk.</summary>
    public const int ThunkSize = 40;

    /// <summary>Where in a thunk the comparison stands: there goes on who was just behind the <c>syscall</c>.</summary>
    public const int ThunkAfterCall = 22;

    /// <summary>Bytes read and written at the site.</summary>
    public const int PatchSize = 8;

    /// <summary>The instruction itself, as a word of 16 bits.</summary>
    public const ushort Instruction = 0x050f;

    private const int RedZone = 128, RedZoneAndAlignment = RedZone + 8;

    /// <summary>
    /// Whether the instruction in the middle of <paramref name="code"/> (<see cref="Around"/> bytes on both sides) can be replaced. <paramref name="comparison"/> is the length of the comparison.
    /// False as well when something that may be a jump leads between the two.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> code, out int comparison)
    {
        comparison = 0;
        var site = code[Around..];
        if (site[0] != 0x0f || site[1] != 0x05)
            return false;
        // cmp $imm32,%rax; cmp $imm32,%eax
        comparison = site[2] == 0x48 && site[3] == 0x3d ? 6 : site[2] == 0x3d ? 5 : 0;
        return comparison != 0 && !IsJumpedInto(code, Around + 1, Around + 1 + comparison);
    }

    /// <summary>Whether at any byte something stands that, taken for a jump, leads to one of first…last.</summary>
    private static bool IsJumpedInto(ReadOnlySpan<byte> code, int first, int last)
    {
        for (var i = 0; i + 6 <= code.Length; i++)
        {
            var target = code[i] switch
            {
                0xeb or (>= 0x70 and <= 0x7f) or (>= 0xe0 and <= 0xe3) => i + 2 + (sbyte)code[i + 1],
                0xe9 or 0xe8 => i + 5L + BinaryPrimitives.ReadInt32LittleEndian(code[(i + 1)..]),
                0x0f when code[i + 1] is >= 0x80 and <= 0x8f => i + 6L + BinaryPrimitives.ReadInt32LittleEndian(code[(i + 2)..]),
                _ => -1,
            };
            if (target >= first && target <= last)
                return true;
        }

        return false;
    }

    /// <summary>
    /// Writes the thunk for a site. <paramref name="pointer"/> is where the address of the code stands. False: too far apart for jumps of 32 bits.
    /// </summary>
    public static bool TryMakeThunk(Span<byte> thunk, long thunkAddress, long pointer, long site, ReadOnlySpan<byte> comparison)
    {
        thunk.Fill(0xcc);
        // lea -N(%rsp),%rsp: the red zone is the caller's, and flags stay as they are.
        Lea(thunk, -RedZoneAndAlignment);
        thunk[8] = 0xff;
        thunk[9] = 0x15;
        BinaryPrimitives.WriteInt32LittleEndian(thunk[10..], (int)(pointer - (thunkAddress + 14)));
        Lea(thunk[14..], RedZoneAndAlignment);
        comparison.CopyTo(thunk[ThunkAfterCall..]);
        var end = ThunkAfterCall + comparison.Length;
        return TryJump(thunk[end..], thunkAddress + end, site + 2 + comparison.Length);

        static void Lea(Span<byte> at, int distance)
        {
            at[0] = 0x48;
            at[1] = 0x8d;
            at[2] = 0xa4;
            at[3] = 0x24;
            BinaryPrimitives.WriteInt32LittleEndian(at[4..], distance);
        }
    }

    /// <summary>Writes the jump from a site to its thunk over the bytes that stand there. False: too far.</summary>
    public static bool TryPatch(Span<byte> bytes, long site, long thunk, int comparison)
    {
        bytes[..(2 + comparison)].Fill(0xcc);
        return TryJump(bytes, site, thunk);
    }

    private static bool TryJump(Span<byte> at, long from, long to)
    {
        var distance = to - (from + 5);
        at[0] = 0xe9;
        BinaryPrimitives.WriteInt32LittleEndian(at[1..], (int)distance);
        return distance == (int)distance;
    }
}
