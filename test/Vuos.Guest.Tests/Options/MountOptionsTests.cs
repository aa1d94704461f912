using CsCheck;
using Vuos.Guest.Options;
using Vuos.Guest.Syscalls;

namespace Vuos.Guest.Tests.Options;

public sealed class MountOptionsTests
{
    private static readonly string[] FlagWords = ["ro", "nosuid", "defaults", ""];

    /// <summary>Every word umvu knows; bit values as in include/uapi/linux/mount.h.</summary>
    [Theory]
    [InlineData("defaults", 0, 0)]
    [InlineData("user", 2 | 4 | 8, 0)]
    [InlineData("group", 2 | 4, 0)]
    [InlineData("ro", 1, 0)]
    [InlineData("rw", 0, 1)]
    [InlineData("suid", 0, 2)]
    [InlineData("nosuid", 2, 0)]
    [InlineData("dev", 0, 4)]
    [InlineData("nodev", 4, 0)]
    [InlineData("exec", 0, 8)]
    [InlineData("noexec", 8, 0)]
    [InlineData("async", 0, 16)]
    [InlineData("sync", 16, 0)]
    [InlineData("remount", 32, 0)]
    [InlineData("mand", 64, 0)]
    [InlineData("nomand", 0, 64)]
    [InlineData("dirsync", 128, 0)]
    [InlineData("atime", 0, 1024)]
    [InlineData("noatime", 1024, 0)]
    [InlineData("diratime", 0, 2048)]
    [InlineData("nodiratime", 2048, 0)]
    [InlineData("bind", 4096, 0)]
    [InlineData("move", 8192, 0)]
    [InlineData("rbind", 4096 | 16384, 0)]
    [InlineData("silent", 32768, 0)]
    [InlineData("loud", 0, 32768)]
    [InlineData("acl", 1 << 16, 0)]
    [InlineData("relatime", 1 << 21, 0)]
    [InlineData("realtime", 1 << 21, 0)]
    [InlineData("norelatime", 0, 1 << 21)]
    [InlineData("norealtime", 0, 1 << 21)]
    [InlineData("iversion", 1 << 23, 0)]
    [InlineData("noiversion", 0, 1 << 23)]
    [InlineData("strictatime", 1 << 24, 0)]
    [InlineData("nostrictatime", 0, 1 << 24)]
    [InlineData("lazytime", 1 << 25, 0)]
    [InlineData("nolazytime", 0, 1 << 25)]
    public void A_flag_word_sets_or_clears_its_bits_and_leaves_the_data(string word, int set, int clear)
    {
        const MountFlags All = (MountFlags)0x7fffffff;
        Assert.Equal((MountFlags)set, Parse(word, MountFlags.None).Flags);
        Assert.Equal(All & ~(MountFlags)clear, Parse(word, All).Flags);
        Assert.Equal("a,b", Parse("a," + word + ",b", MountFlags.None).Data);
    }

    [Theory]
    [InlineData("", "", 0)]
    [InlineData(",,", "", 0)]
    [InlineData("a", "a", 0)]
    [InlineData("ro,a,nosuid,b", "a,b", 3)]
    [InlineData("except=/tmp,ro,except=/proc,cow", "except=/tmp,except=/proc,cow", 1)]
    [InlineData("permanent,bind", "permanent", 4096)]
    [InlineData("ro=1,RO,ro ", "ro=1,RO,ro ", 0)]
    [InlineData("ro,rw", "", 0)]
    [InlineData("rw,ro", "", 1)]
    [InlineData("fmt=\"%S,ro\",ro", "fmt=\"%S,ro\"", 1)]
    [InlineData("fmt='%S,ro',ro", "fmt='%S,ro'", 1)]
    [InlineData("except=/a\\,ro,ro", "except=/a\\,ro", 1)]
    [InlineData("a='x\\',ro", "a='x\\'", 1)]
    [InlineData("a=\"x\\\",ro\",b", "a=\"x\\\",ro\",b", 0)]
    [InlineData("a=\"it's,ro\",ro", "a=\"it's,ro\"", 1)]
    [InlineData("a='open,ro", "a='open,ro", 0)]
    [InlineData("a\\", "a\\", 0)]
    [InlineData("'ro'", "'ro'", 0)]
    public void Words_without_a_flag_stay_in_the_data_in_order(string list, string data, int flags)
    {
        var options = Parse(list, MountFlags.None);
        Assert.Equal(data, options.Data);
        Assert.Equal((MountFlags)flags, options.Flags);
    }

    [Fact]
    public void No_list_gives_no_data_and_a_second_list_continues_the_first()
    {
        var options = new MountOptions(MountFlags.Silent);
        Assert.Null(options.Data);
        options.Add("a,ro");
        options.Add("b,loud");
        Assert.Equal("a,b", options.Data);
        Assert.Equal(MountFlags.ReadOnly, options.Flags);
    }

    [Fact]
    public void Unknown_words_come_through_unchanged_however_they_are_quoted()
    {
        // Each word is made of pieces that close what they open; the x in front keeps it from being a flag's name.
        var piece = Gen.OneOf(
            Gen.String[Gen.Char["abc/=%.-"], 0, 4],
            Gen.String[Gen.Char["ab,\"\\"], 0, 4].Select(s => "'" + s + "'"),
            Gen.String[Gen.Char["ab,'"], 0, 4].Select(s => "\"" + s + "\""),
            Gen.Char[",'\"\\a"].Select(c => "\\" + c));
        var word = piece.Array[0, 4].Select(pieces => "x" + string.Concat(pieces));
        Gen.Select(word.Array[0, 6], Gen.Int[0, FlagWords.Length - 1].Select(i => FlagWords[i]).Array[0, 6]).Sample((words, flags) =>
        {
            var mixed = new List<string>();
            for (var i = 0; i < Math.Max(words.Length, flags.Length); i++)
            {
                mixed.AddRange(flags.Skip(i).Take(1).Concat(words.Skip(i).Take(1)));
            }

            Assert.Equal(string.Join(',', words), Parse(string.Join(',', mixed), MountFlags.None).Data);
        });
    }

    private static MountOptions Parse(string list, MountFlags flags)
    {
        var options = new MountOptions(flags);
        options.Add(list);
        return options;
    }
}
