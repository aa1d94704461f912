using System.Buffers.Binary;
using System.Text;
using CsCheck;
using Vuos.Native.InGuest;
using Xunit;

namespace Vuos.Native.Tests.InGuest;

public class InGuestLogTests
{
    [Theory]
    [InlineData(1, 0, "/view/f", true)]
    [InlineData(1, 0, "view/f", false)]
    [InlineData(2, 0, "f", true)]
    [InlineData(2, 0, "/f", false)]
    [InlineData(3, 4, "/dir/f", true)]
    [InlineData(3, 3, "/dir/f", false)]
    [InlineData(3, 200, "/dir/f", false)]
    [InlineData(3, 5, "pipe:/f", false)]
    [InlineData(4, 0, "/view/f", false)]
    [InlineData(1, 0, "", false)]
    public void Only_what_the_code_would_write_is_read(byte kind, byte directory, string text, bool valid)
    {
        var slot = Slot(7, kind, directory, text);
        Assert.Equal(valid, InGuestLog.TryRead(slot, 7, out var entry));
        if (valid)
            Assert.Equal(text, Encoding.UTF8.GetString(entry.Text));
    }

    [Fact]
    public void A_slot_of_another_round_is_not_read()
    {
        var slot = Slot(7, 1, 0, "/f");
        Assert.False(InGuestLog.TryRead(slot, 7 + InGuestLog.Slots, out _));
        Assert.Equal(InGuestLog.OffsetOf(7), InGuestLog.OffsetOf(7 + InGuestLog.Slots));
    }

    [Fact]
    public void Whatever_a_guest_writes_there_is_read_without_harm() =>
        Gen.Byte.Array[InGuestLog.SlotSize].Sample(slot =>
        {
            var position = BinaryPrimitives.ReadUInt32LittleEndian(slot) - 1;
            return !InGuestLog.TryRead(slot, position, out var entry) || entry.Text.Length is > 0 and < InGuestLog.SlotSize;
        });

    private static byte[] Slot(uint position, byte kind, byte directory, string text)
    {
        var slot = new byte[InGuestLog.SlotSize];
        BinaryPrimitives.WriteUInt32LittleEndian(slot, position + 1);
        (slot[4], slot[5]) = (kind, directory);
        Encoding.UTF8.GetBytes(text, slot.AsSpan(8));
        return slot;
    }
}
