using System.Diagnostics;
using CsCheck;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;

namespace Vuos.Actors.Tests.Views;

/// <summary>The hashed table against the definition written down as a loop.</summary>
public sealed class RoutingTableModelTests
{
    private static readonly Gen<string> Path = Gen.OneOf("a", "b", "ab", "c").Array[0, 5].Select(static c => string.Concat(c.Select(static n => "/" + n)));

    private static readonly Gen<Mount> Layer = Gen.Select(Path, Path, Path.List[0, 2], Gen.Int[0, 9], static (source, target, except, kind) =>
        Make.Mount(0, source, target, [.. except.Where(static e => e.Length > 0)]) with { Detached = kind == 0, Source = kind == 1 ? null : Make.Bytes(source) });

    private static readonly Gen<Mount[]> Layers = Layer.Array[0, 40].Select(static layers => layers.Select(static (m, i) => m with { Epoch = i + 1 }).ToArray());

    [Fact]
    public void Find_is_the_newest_visible_mount_that_handles_the_path() =>
        Gen.Select(Layers, Path, Gen.Int[0, 41]).Sample(static (layers, path, before) =>
        {
            var epoch = before == 0 ? RoutingTable.Now : before;
            var bytes = Make.Bytes(path);
            return ReferenceEquals(Make.Table(layers).Find(bytes, epoch), Naive(layers, bytes, epoch));
        }, iter: 20_000);

    [Fact]
    public void Translate_applies_mounts_until_none_older_is_left() =>
        Gen.Select(Layers, Path).Sample(static (layers, path) => Make.Table(layers).Host(path) == NaiveHost(layers, path), iter: 20_000);

    [Fact]
    public void Ten_thousand_mounts_are_looked_up_rightly()
    {
        var layers = Flat(10_000);
        var table = Make.Table(layers);
        Gen.Select(Gen.Int[0, 120], Gen.Int[0, 120], Gen.OneOf("", "/f", "/f/g")).Sample((a, b, rest) =>
        {
            var path = Make.Bytes($"/m/d{a}/t{b}{rest}");
            return ReferenceEquals(table.Find(path), Naive(layers, path, RoutingTable.Now));
        }, iter: 2_000);
    }

    [Fact]
    public void Looking_up_in_ten_thousand_mounts_costs_about_what_it_costs_in_one()
    {
        var one = Fastest(Make.Table(Flat(1)));
        var many = Fastest(Make.Table(Flat(10_000)));
        // A search of the list would be thousands of times slower; cold caches and a noisy machine are not.
        Assert.True(many < one * 20, $"{many} ticks against {one}");
    }

    private static Mount[] Flat(int count) =>
        [.. Enumerable.Range(0, count).Select(static i => Make.Mount(i + 1, $"/s/{i}", $"/m/d{i / 100}/t{i % 100}"))];

    private static long Fastest(RoutingTable table)
    {
        var fastest = long.MaxValue;
        var host = new PathBuffer();
        for (var round = 0; round < 50; round++)
        {
            var begin = Stopwatch.GetTimestamp();
            for (var i = 0; i < 1000; i++)
                table.Translate("/m/d0/t0/some/file"u8, host, out _);
            fastest = Math.Min(fastest, Stopwatch.GetTimestamp() - begin);
        }

        return fastest;
    }

    private static Mount? Naive(Mount[] layers, byte[] path, long epoch)
    {
        Mount? best = null;
        foreach (var mount in layers)
        {
            var text = Make.Text(path);
            var target = Make.Text(mount.Target);
            var below = text == target || text.StartsWith(target + "/", StringComparison.Ordinal);
            if (!below || mount.Epoch >= epoch || (mount.Detached && epoch == RoutingTable.Now))
                continue;
            var rest = text[target.Length..];
            if (mount.Except.Select(static e => Make.Text(e)).Any(e => rest == e || rest.StartsWith(e + "/", StringComparison.Ordinal)))
                continue;
            if (best is null || mount.Epoch > best.Epoch)
                best = mount;
        }

        return best;
    }

    private static string? NaiveHost(Mount[] layers, string view)
    {
        var epoch = RoutingTable.Now;
        while (Naive(layers, Make.Bytes(view), epoch) is { } mount)
        {
            if (mount.Source is null)
                return null;
            view = Make.Text(mount.Source) + view[mount.Target.Length..];
            epoch = mount.Epoch;
        }

        return view.Length == 0 ? "/" : view;
    }
}
