using System.Text;
using CsCheck;
using Vuos.Native.InGuest;
using Xunit;

namespace Vuos.Native.Tests.InGuest;

public class NameSetTests
{
    private static readonly string[] Components = ["a", "b", "ab", "c", "dst", "proc", ".hidden", "x y"];

    private static readonly Gen<string> AbsolutePath = Gen.Int[0, 7].Select(static i => Components[i]).Array[1, 5].Select(static parts => "/" + string.Join('/', parts));

    [Fact]
    public void No_path_in_a_mount_is_taken_for_one_outside() =>
        Gen.Select(AbsolutePath.Array[0, 12], AbsolutePath).Sample((mounts, path) =>
        {
            var set = Set(mounts);
            var below = mounts.Any(mount => path == mount || path.StartsWith(mount + "/", StringComparison.Ordinal));
            return !below || MayEnter(set, path);
        });

    [Fact]
    public void No_name_of_a_mount_point_is_missed() =>
        AbsolutePath.Array[1, 12].Sample(mounts =>
        {
            var set = Set(mounts);
            return mounts.All(mount => set.MayBeName(Bytes(mount[(mount.LastIndexOf('/') + 1)..])));
        });

    [Theory]
    [InlineData(100)]
    [InlineData(1_000)]
    [InlineData(10_000)]
    public void Hardly_a_path_outside_is_suspected(int mounts)
    {
        var set = Set([.. Enumerable.Range(0, mounts).Select(static i => $"/srv/view/m/{i}")]);
        var suspected = Enumerable.Range(0, 10_000).Count(i => MayEnter(set, $"/srv/view/r{i}/file") || set.MayBeName(Bytes($"file{i}")));
        Assert.True(suspected < 100, $"{suspected} of 10,000");
    }

    [Fact]
    public void An_ancestor_of_a_mount_point_is_outside() => Assert.False(MayEnter(Set(["/a/b/c"]), "/a/b"));

    [Fact]
    public void The_set_grows_with_the_number_of_names_and_not_for_ever()
    {
        Assert.Equal(NameSet.LeastBits - 1, new NameSet(10).Mask);
        Assert.Equal(NameSet.MostBits - 1, new NameSet(1_000_000).Mask);
    }

    private static NameSet Set(string[] mounts)
    {
        var set = new NameSet(mounts.Length * 6);
        foreach (var mount in mounts)
            set.AddMount(Bytes(mount));
        return set;
    }

    /// <summary>As the code in guests walks: whether a mount point may be met on the way.</summary>
    private static bool MayEnter(NameSet set, string path)
    {
        var bytes = Bytes(path);
        for (var i = 1; i <= bytes.Length; i++)
        {
            if (i < bytes.Length && bytes[i] != (byte)'/')
                continue;
            if (set.MayBeMount(bytes.AsSpan(0, i)))
                return true;
            if (!set.MayLeadToMount(bytes.AsSpan(0, i)))
                return false;
        }

        return false;
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
