using System.Buffers.Binary;
using Vuos.Native.InGuest;
using Xunit;

namespace Vuos.Native.Tests.InGuest;

public class CallSiteTests
{
    private static readonly byte[] LongComparison = [0x48, 0x3d, 0x00, 0xf0, 0xff, 0xff], ShortComparison = [0x3d, 0x00, 0xf0, 0xff, 0xff];

    public static TheoryData<byte[]> Comparisons => [LongComparison, ShortComparison];

    [Theory]
    [MemberData(nameof(Comparisons))]
    public void A_call_with_a_comparison_behind_it_can_be_replaced(byte[] comparison)
    {
        Assert.True(CallSite.TryRead(Code([0x0f, 0x05, .. comparison, 0x77, 0x07]), out var length));
        Assert.Equal(comparison.Length, length);
    }

    [Fact]
    public void Anything_else_cannot()
    {
        Assert.False(CallSite.TryRead(Code([0x0f, 0x05, 0xc3]), out _)); // syscall; ret
        Assert.False(CallSite.TryRead(Code([0x0f, 0x05, 0x48, 0x3b, 1, 2, 3, 4]), out _)); // cmp (%rcx),%rax …
        Assert.False(CallSite.TryRead(Code([0x0f, 0x34, .. LongComparison]), out _)); // sysenter
    }

    [Theory]
    [InlineData(new byte[] { 0xeb }, 1)] // jmp rel8
    [InlineData(new byte[] { 0x75 }, 1)] // jne rel8
    [InlineData(new byte[] { 0xe3 }, 1)] // jrcxz rel8
    [InlineData(new byte[] { 0xe9 }, 4)] // jmp rel32
    [InlineData(new byte[] { 0x0f, 0x84 }, 4)] // je rel32
    public void Nothing_is_replaced_that_is_jumped_into(byte[] opcode, int size)
    {
        var code = Code([0x0f, 0x05, .. LongComparison]);
        var at = CallSite.Around - 40;
        opcode.CopyTo(code, at);
        Jump(CallSite.Around + 2);
        Assert.False(CallSite.TryRead(code, out _));
        // To the call itself, and behind the comparison, is allowed.
        Jump(CallSite.Around);
        Assert.True(CallSite.TryRead(code, out _));
        Jump(CallSite.Around + 8);
        Assert.True(CallSite.TryRead(code, out _));

        void Jump(int target)
        {
            var distance = target - (at + opcode.Length + size);
            if (size == 1)
                code[at + opcode.Length] = unchecked((byte)(sbyte)distance);
            else
                BinaryPrimitives.WriteInt32LittleEndian(code.AsSpan(at + opcode.Length), distance);
        }
    }

    [Theory]
    [MemberData(nameof(Comparisons))]
    public void A_thunk_keeps_the_red_zone_and_jumps_back_behind_the_comparison(byte[] comparison)
    {
        const long Pages = 0x7f00_0000_0000, Thunk = Pages + 64, Site = Pages + 0x123_4567;
        var thunk = new byte[CallSite.ThunkSize];
        Assert.True(CallSite.TryMakeThunk(thunk, Thunk, Pages, Site, comparison));
        Assert.Equal(new byte[] { 0x48, 0x8d, 0xa4, 0x24, 0x78, 0xff, 0xff, 0xff }, thunk[..8]); // lea -136(%rsp),%rsp
        Assert.Equal(new byte[] { 0xff, 0x15 }, thunk[8..10]); // call *pointer(%rip)
        Assert.Equal(Pages, Thunk + 14 + BinaryPrimitives.ReadInt32LittleEndian(thunk.AsSpan(10)));
        Assert.Equal(new byte[] { 0x48, 0x8d, 0xa4, 0x24, 0x88, 0, 0, 0 }, thunk[14..22]); // lea 136(%rsp),%rsp
        Assert.Equal(comparison, thunk[CallSite.ThunkAfterCall..(CallSite.ThunkAfterCall + comparison.Length)]);
        var jump = CallSite.ThunkAfterCall + comparison.Length;
        Assert.Equal(0xe9, thunk[jump]);
        Assert.Equal(Site + 2 + comparison.Length, Thunk + jump + 5 + BinaryPrimitives.ReadInt32LittleEndian(thunk.AsSpan(jump + 1)));

        byte[] patch = [0x0f, 0x05, .. comparison, 0x77];
        Assert.True(CallSite.TryPatch(patch, Site, Thunk, comparison.Length));
        Assert.Equal(0xe9, patch[0]);
        Assert.Equal(Thunk, Site + 5 + BinaryPrimitives.ReadInt32LittleEndian(patch.AsSpan(1)));
        Assert.Equal(0x77, patch[2 + comparison.Length]);
    }

    [Fact]
    public void What_is_too_far_away_stays_as_it_is()
    {
        Assert.False(CallSite.TryMakeThunk(new byte[CallSite.ThunkSize], 0x7f00_0000_0000, 0x7f00_0000_0000, 0x40_1000, LongComparison));
        Assert.False(CallSite.TryPatch(new byte[CallSite.PatchSize], 0x40_1000, 0x7f00_0000_0000, 6));
    }

    private static byte[] Code(byte[] site)
    {
        var code = new byte[2 * CallSite.Around];
        Array.Fill(code, (byte)0x90);
        site.CopyTo(code, CallSite.Around);
        return code;
    }
}
