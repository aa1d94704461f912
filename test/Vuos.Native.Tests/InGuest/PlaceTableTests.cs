using System.Text;
using CsCheck;
using Vuos.Native.InGuest;
using Xunit;

namespace Vuos.Native.Tests.InGuest;

public class PlaceTableTests
{
    [Fact]
    public void All_that_was_added_is_found_and_nothing_else() =>
        Gen.String[Gen.Char['a', 'd'], 1, 4].HashSet[0, PlaceTable.Most].Sample(names =>
        {
            var table = new PlaceTable();
            foreach (var name in names)
                Assert.True(table.TryAdd(Bytes("/" + name), Bytes("/to/" + name)));
            return names.All(name => table.TryFind(Bytes("/" + name), out var to) && to.SequenceEqual(Bytes("/to/" + name)))
                && !table.TryFind("/none"u8, out _);
        });

    [Fact]
    public void It_takes_so_many_and_no_more()
    {
        var table = new PlaceTable();
        for (var i = 0; i < PlaceTable.Most; i++)
            Assert.True(table.TryAdd(Bytes($"/{i}"), "/s"u8));
        Assert.False(table.TryAdd("/one/more"u8, "/s"u8));
        Assert.False(table.TryFind("/one/more"u8, out _));
    }

    [Fact]
    public void Texts_that_do_not_fit_are_not_taken()
    {
        var table = new PlaceTable();
        var longest = Bytes("/" + new string('x', 4000));
        var taken = 0;
        while (table.TryAdd([.. longest, (byte)taken], longest))
            taken++;
        Assert.InRange(taken, 2, 8);
        Assert.True(table.Texts.Length <= InGuestLayout.Slots - InGuestLayout.Texts);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
