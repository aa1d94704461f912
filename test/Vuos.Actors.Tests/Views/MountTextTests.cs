using System.Text.RegularExpressions;
using Vuos.Actors.Calls;
using Vuos.Actors.Guests;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;

namespace Vuos.Actors.Tests.Views;

public sealed partial class MountTextTests
{
    private const string HostMounts = "/dev/vda / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n";

    private const string HostMountInfo = "21 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n22 21 0:20 / /proc rw - proc proc rw\n";

    [Fact]
    public void Layers_follow_the_hosts_mounts_in_their_order()
    {
        var table = Make.Table(Make.Mount(1, "/usr", "/a") with { ReadOnly = true, Options = "bind" }, Make.Mount(2, "/etc", "/b") with { NoExec = true });
        Assert.Equal(HostMounts + "/usr /a vufs ro,bind 0 0\n/etc /b vufs rw,noexec 0 0\n", Append(HostMounts, ProcEntry.Mounts, table));
    }

    [Fact]
    public void Every_line_of_mountinfo_has_the_fields_of_proc_5()
    {
        var table = Make.Table(Make.Mount(1, "/usr", "/a") with { ReadOnly = true }, Make.Mount(2, "/", "/b c"), Make.Mount(3, "/no such", "/d"));
        var lines = Append(HostMountInfo, ProcEntry.MountInfo, table).TrimEnd('\n').Split('\n');
        Assert.Equal(5, lines.Length);
        Assert.All(lines, static line => Assert.Matches(InfoLine(), line));
        Assert.Equal(5, lines.Select(static l => l.Split(' ')[0]).Distinct().Count());
        Assert.All(lines[2..], static line => Assert.Equal("21", line.Split(' ')[1]));
        Assert.Contains(" /b\\040c ", lines[3], StringComparison.Ordinal);
        Assert.Contains(" 0:0 ", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public void The_device_of_a_layer_is_that_of_what_it_shows()
    {
        var proc = Append(HostMountInfo, ProcEntry.MountInfo, Make.Table(Make.Mount(1, "/proc", "/p"))).TrimEnd('\n').Split('\n')[^1].Split(' ')[2];
        var expected = File.ReadLines("/proc/self/mountinfo").Select(static l => l.Split(' ')).Last(static f => f[4] == "/proc")[2];
        Assert.Equal(expected, proc);
    }

    [Fact]
    public void Blanks_and_backslashes_are_octal_escapes()
    {
        var table = Make.Table(Make.Mount(1, "/x y", "/a b\tc\nd\\e"));
        Assert.Equal("/x\\040y /a\\040b\\011c\\012d\\134e vufs rw 0 0\n", Append("", ProcEntry.Mounts, table));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_kept()
    {
        var mount = Make.Mount(1, "/s", "/t") with { Target = [(byte)'/', 0xFF, 0xC3, 0xA4] };
        var text = MountText.Append([], ProcEntry.Mounts, Make.Table(mount), []);
        ReadOnlySpan<byte> kept = [(byte)'/', 0xFF, 0xC3, 0xA4, (byte)' '];
        Assert.True(text.AsSpan().IndexOf(kept) > 0);
    }

    [Fact]
    public void Hidden_and_detached_mounts_are_not_listed()
    {
        var table = Make.Table(Make.Mount(1, "/a", "/b") with { Detached = true }, Make.Mount(2, "/a", "/c") with { Source = null });
        Assert.Equal(HostMounts, Append(HostMounts, ProcEntry.Mounts, table));
    }

    [Fact]
    public void From_a_changed_root_mounts_are_named_from_there_or_not_at_all()
    {
        var table = Make.Table(Make.Mount(1, "/a", "/jail/in"), Make.Mount(2, "/a", "/out"), Make.Mount(3, "/a", "/jail"));
        Assert.Equal("/a /in vufs rw 0 0\n/a / vufs rw 0 0\n", Append("", ProcEntry.Mounts, table, "/jail"));
    }

    [Fact]
    public void Mountstats_names_the_type() =>
        Assert.Equal("device /a mounted on /b with fstype vufs\n", Append("", ProcEntry.MountStats, Make.Table(Make.Mount(1, "/a", "/b"))));

    [Fact]
    public void Maps_name_mapped_files_as_the_guest_does()
    {
        var process = new GuestProcess(1);
        process.Names.Remember("/host/lib.so"u8, "/view/lib.so"u8);
        process.Names.Remember("/host/with blank"u8, "/v b"u8);
        const string Before = "7f00-7f10 r-xp 00000000 fe:00 12    /host/lib.so\n7f10-7f20 rw-p 00000000 00:00 0 \n"
            + "7f20-7f30 r--p 00000000 fe:00 13    /host/with blank\n7ffc-7ffd rw-p 00000000 00:00 0    [stack]\nx /host/lib.so.1\n";
        Assert.Equal(Before.Replace("/host/lib.so\n", "/view/lib.so\n").Replace("/host/with blank", "/v b"), Make.Text(MapsText.InView(Make.Bytes(Before), process, [])));
    }

    [Fact]
    public void Maps_read_below_a_changed_root_begin_there()
    {
        var process = new GuestProcess(1);
        process.Names.Remember("/host/lib.so"u8, "/jail/lib/x.so"u8);
        const string Before = "1 /jail/bin/sh\n2 /host/lib.so\n3 /elsewhere\n4 /jailer\n5 [heap]\n";
        Assert.Equal("1 /bin/sh\n2 /lib/x.so\n3 /elsewhere\n4 /jailer\n5 [heap]\n", Make.Text(MapsText.InView(Make.Bytes(Before), process, "/jail"u8)));
    }

    [Fact]
    public void Maps_without_known_names_stay_byte_for_byte()
    {
        var maps = File.ReadAllBytes("/proc/self/maps");
        Assert.Equal(maps, MapsText.InView(maps, new GuestProcess(1), []));
        Assert.Empty(MapsText.InView([], new GuestProcess(1), []));
    }

    private static string Append(string host, ProcEntry entry, RoutingTable table, string root = "") =>
        Make.Text(MountText.Append(Make.Bytes(host), entry, table, Make.Bytes(root)));

    /// <summary>mount id, parent, major:minor, root, mount point, options, optional fields, "-", type, source, super options.</summary>
    [GeneratedRegex(@"^\d+ \d+ \d+:\d+ /\S* /\S* \S+( \S+:\d+)* - \S+ \S+ \S+$")]
    private static partial Regex InfoLine();
}
