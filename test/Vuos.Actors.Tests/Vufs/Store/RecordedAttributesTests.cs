using System.Runtime.InteropServices;
using CsCheck;
using Vuos.Actors.Modules.Vufs.Store;
using Vuos.Actors.Tests.Support;
using Vuos.Native.Kernel;

namespace Vuos.Actors.Tests.Vufs.Store;

public sealed class RecordedAttributesTests
{
    private static readonly Gen<ulong> Device = Gen.Select(Gen.UInt, Gen.UInt, DeviceNumber.Make);

    private static readonly Gen<RecordedAttributes> Any = Gen.Select(
        Gen.Nullable(Gen.Int[0, 3].Select(static i => "fscb"u8[i])),
        Gen.Nullable(Gen.UInt[0, 0xFFF]),
        Gen.Nullable(Gen.UInt),
        Gen.Nullable(Gen.UInt),
        Gen.Nullable(Device),
        Gen.Nullable(Device),
        Gen.Nullable(Gen.Select(Gen.Long, Gen.Long[0, 999_999_999])),
        static (type, mode, uid, gid, rdev, dev, ctime) =>
            new RecordedAttributes { Type = type, Mode = mode, Uid = uid, Gid = gid, Rdev = rdev, Dev = dev, Ctime = ctime });

    [Fact]
    public void What_is_written_is_read_again() => Any.Sample(static recorded =>
    {
        var text = Text(recorded);
        return text.Length <= 256 && RecordedAttributes.TryParse(text, out var found) == !recorded.IsEmpty && found == recorded;
    });

    [Fact]
    public void The_text_is_umvus() => Assert.Equal(
        "type=c\nmode=0640\nuid=1000\ngid=5\nrdev=4,300\ndev=8,1\nctime=1700000000,5\n",
        Make.Text(Text(new RecordedAttributes
        {
            Type = (byte)'c',
            Mode = 0x1A0,
            Uid = 1000,
            Gid = 5,
            Rdev = DeviceNumber.Make(4, 300),
            Dev = DeviceNumber.Make(8, 1),
            Ctime = (1_700_000_000, 5),
        })));

    [Theory]
    [InlineData("mode=0600\nuid=1000\ngid=0\n", 0x180u, 1000u, 0u)]
    [InlineData("mode=00", 0u, null, null)]
    [InlineData("mode=0100644\n", 0x1A4u, null, null)]
    [InlineData("uid=-1\n", null, 4294967295u, null)]
    [InlineData("uid=0x10\ngid=010\n", null, 16u, 8u)]
    [InlineData("uid=1\nuid=2\n", null, 2u, null)]
    [InlineData("rubbish\n=\n\n\n color=red\nmode=zz\nuid\n gid = 7 \n\0\u00ff=\n", null, null, 7u)]
    public void Anything_umvu_may_have_written_is_understood(string text, uint? mode, uint? uid, uint? gid)
    {
        Assert.True(RecordedAttributes.TryParse(Make.Bytes(text), out var found));
        Assert.Equal((mode, uid, gid), (found.Mode, found.Uid, found.Gid));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("nothing to see\nmode=\ntype=\ntype=x\nctime=5,1000000000\n")]
    public void Text_without_values_records_nothing(string text)
    {
        Assert.False(RecordedAttributes.TryParse(Make.Bytes(text), out var found));
        Assert.True(found.IsEmpty);
    }

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 1023].Sample(static text =>
    {
        RecordedAttributes.TryParse(text, out _);
    });

    [Fact]
    public void Mutilated_text_never_throws() => Gen.Select(Any, Gen.Int[0, 255], Gen.Byte).Sample(static (recorded, at, value) =>
    {
        var text = Text(recorded);
        if (at < text.Length)
            text[at] = value;
        RecordedAttributes.TryParse(text, out _);
    });

    [Fact]
    public void Values_override_those_of_the_stored_file_and_leave_the_rest()
    {
        var stat = new KernelStat { Mode = 0x81A4, Uid = 1, Gid = 2, Rdev = 3, Dev = 4, Size = 5, Blocks = 8, Ctime = 100, CtimeNsec = 7 };
        var untouched = stat;
        default(RecordedAttributes).Apply(ref stat);
        Assert.Equal(untouched, stat);
        new RecordedAttributes { Mode = 0x800, Gid = 20 }.Apply(ref stat);
        Assert.Equal((0x8800u, 1u, 20u, 5L), (stat.Mode, stat.Uid, stat.Gid, stat.Size));
    }

    [Fact]
    public void A_file_recorded_as_a_device_looks_like_one()
    {
        var stat = new KernelStat { Mode = 0x81A4, Size = 5, Blocks = 8 };
        new RecordedAttributes { Type = (byte)'c', Rdev = DeviceNumber.Make(42, 44) }.Apply(ref stat);
        Assert.Equal((0x21A4u, DeviceNumber.Make(42, 44), 0L, 0L), (stat.Mode, stat.Rdev, stat.Size, stat.Blocks));
    }

    [Theory]
    [InlineData(100, 6, 100, 7)]
    [InlineData(100, 8, 100, 8)]
    [InlineData(99, 9, 100, 7)]
    [InlineData(101, 0, 101, 0)]
    public void The_later_ctime_counts(long seconds, long nanoseconds, long shownSeconds, long shownNanoseconds)
    {
        var stat = new KernelStat { Ctime = 100, CtimeNsec = 7 };
        new RecordedAttributes { Ctime = (seconds, nanoseconds) }.Apply(ref stat);
        Assert.Equal((shownSeconds, shownNanoseconds), (stat.Ctime, stat.CtimeNsec));
    }

    [Fact]
    public unsafe void Statx_says_the_same_as_stat() => Any.Sample(static recorded =>
    {
        fixed (byte* path = "/etc/passwd\0"u8)
        {
            var statx = stackalloc byte[StatxLayout.SizeOf];
            Sys.Call(Nr.Statx, At.FdCwd, (long)path, 0, 0x7FF, (long)statx);
            Files.Stat("/etc/passwd\0"u8, out var stat);
            recorded.Apply(ref stat);
            recorded.ApplyStatx(new Span<byte>(statx, StatxLayout.SizeOf));
            return stat.Mode == *(ushort*)(statx + 28) && stat.Uid == *(uint*)(statx + 20) && stat.Gid == *(uint*)(statx + 24)
                && stat.Size == *(long*)(statx + 40) && stat.Blocks == *(long*)(statx + 48)
                && stat.Ctime == *(long*)(statx + 96) && stat.CtimeNsec == *(uint*)(statx + 104)
                && stat.Rdev == DeviceNumber.Make(*(uint*)(statx + 128), *(uint*)(statx + 132))
                && stat.Dev == DeviceNumber.Make(*(uint*)(statx + 136), *(uint*)(statx + 140));
        }
    });

    [Fact]
    public void Reading_and_applying_allocate_nothing()
    {
        var text = Text(new RecordedAttributes { Type = (byte)'b', Mode = 1, Uid = 2, Gid = 3, Rdev = 4, Dev = 5, Ctime = (6, 7) });
        var statx = new byte[StatxLayout.SizeOf];
        Assert.Equal(0, Allocations.Of(() =>
        {
            KernelStat stat = default;
            RecordedAttributes.TryParse(text, out var found);
            found.Apply(ref stat);
            found.ApplyStatx(statx);
        }));
    }

    [Fact]
    public void The_managed_struct_is_as_large_as_the_kernels() => Assert.Equal(KernelStat.SizeOf, Marshal.SizeOf<KernelStat>());

    private static byte[] Text(RecordedAttributes recorded)
    {
        Span<byte> text = stackalloc byte[RecordedAttributes.MaxText];
        return text[..recorded.Format(text)].ToArray();
    }
}
