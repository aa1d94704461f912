using CsCheck;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Tracing;
using Vuos.Actors.Views;

namespace Vuos.Actors.Tests.Tracing;

/// <summary>What guests are told of a table, against the table: whatever the code in the guest decides by it is so.</summary>
public sealed class InGuestNamesTests
{
    private static readonly Gen<string> Path = Gen.OneOf("a", "b", "ab", "c").Array[1, 5].Select(static c => string.Concat(c.Select(static n => "/" + n)));

    private static readonly Gen<Mount> Layer = Gen.Select(Path, Path, Path.List[0, 1], Gen.Int[0, 19], static (source, target, except, kind) =>
        Make.Mount(0, kind == 4 ? "/" : source, target, kind == 2 ? [.. except] : []) with
        {
            Detached = kind == 0,
            Source = kind == 1 ? null : Make.Canonical(kind == 4 ? "/" : source),
            ReadOnly = kind == 3,
        });

    private static readonly Gen<Mount[]> Layers = Layer.Array[0, 6].Select(static layers => layers.Select(static (m, i) => m with { Epoch = i + 1 }).ToArray());

    [Fact]
    public void What_is_decided_in_the_guest_is_what_the_table_says() =>
        Gen.Select(Layers, Path).Sample(static (layers, path) =>
        {
            var table = Make.Table(layers);
            return Decided(Told(table), path) is not { } host || (host == table.Host(path) && table.Find(Make.Bytes(path)) is not { ReadOnly: true });
        }, iter: 50_000);

    [Fact]
    public void Nothing_below_a_source_is_opened_by_its_host_name_unseen() =>
        Gen.Select(Layers, Path).Sample(static (layers, path) =>
        {
            var table = Make.Table(layers);
            var told = Told(table);
            // By the name of the place it is logged, which a path without a place is not.
            return Decided(told, path, out var placed) is null || placed
                || !layers.Any(mount => mount.Source is { Length: > 0 } source && BytePath.IsAtOrBelow(Make.Bytes(path), source));
        }, iter: 50_000);

    [Theory]
    [InlineData("/dst/f", "/src/f")]
    [InlineData("/dst", "/src")]
    [InlineData("/src/f", "/src/f")]
    [InlineData("/dst/in/f", "/other/f")]
    [InlineData("/elsewhere/f", "/elsewhere/f")]
    [InlineData("/of-dst/f", null)]
    [InlineData("/read-only/f", null)]
    [InlineData("/read-only", null)]
    [InlineData("/of-proc/self", null)]
    [InlineData("/proc/self", null)]
    public void Simple_mounts_are_decided_and_others_are_not(string path, string? expected)
    {
        var table = Make.Table(
            Make.Mount(1, "/src", "/dst"), Make.Mount(2, "/other", "/dst/in"), Make.Mount(3, "/dst/sub", "/of-dst"), Make.Mount(4, "/src2", "/read-only") with { ReadOnly = true }, Make.Mount(5, "/proc", "/of-proc"));
        Assert.Equal(expected, Decided(Told(table), path));
    }

    [Fact]
    public void The_host_s_root_elsewhere_is_a_simple_mount()
    {
        var told = Told(Make.Table(Make.Mount(1, "/", "/mnt")));
        Assert.Equal("/etc/passwd", Decided(told, "/mnt/etc/passwd"));
        Assert.Equal("/etc/passwd", Decided(told, "/etc/passwd"));
        Assert.Null(Decided(told, "/mnt"));
    }

    [Fact]
    public void Of_ten_thousand_mounts_some_are_decided()
    {
        var told = Told(Make.Table([.. Enumerable.Range(0, 10_000).Select(static i => Make.Mount(i + 1, $"/s/{i}", $"/m/{i}"))]));
        Assert.Equal("/s/0/f", Decided(told, "/m/0/f"));
        Assert.Null(Decided(told, "/m/9999/f"));
    }

    private static InGuestNames Told(RoutingTable table)
    {
        var told = new InGuestNames(new PublishedView { Table = table });
        told.Update();
        return told;
    }

    private static string? Decided(InGuestNames told, string path) => Decided(told, path, out _);

    /// <summary>What the walk in names.S does: the host path, or null for a trap.</summary>
    private static string? Decided(InGuestNames told, string path, out bool placed)
    {
        placed = false;
        var bytes = Make.Bytes(path);
        byte[] beginning = [];
        var replaced = 0;
        for (var i = 1; i <= bytes.Length; i++)
        {
            if (i < bytes.Length && bytes[i] != (byte)'/')
                continue;
            if (told.Names.MayBeMount(bytes.AsSpan(0, i)))
            {
                if (!told.Places.TryFind(bytes.AsSpan(0, i), out var translation))
                    return null;
                (beginning, replaced, placed) = (translation.ToArray(), i, true);
            }

            if (!told.Names.MayLeadToMount(bytes.AsSpan(0, i)))
                break;
        }

        var host = Make.Text([.. beginning, .. bytes.AsSpan(replaced)]);
        return host.Length == 0 ? null : host;
    }
}
