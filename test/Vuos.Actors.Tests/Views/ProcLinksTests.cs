using CsCheck;
using Vuos.Actors.Tests.Support;
using Vuos.Actors.Views;

namespace Vuos.Actors.Tests.Views;

public sealed class ProcLinksTests
{
    [Theory]
    [InlineData("/proc/self", "Self", 0, -1)]
    [InlineData("/proc/thread-self", "ThreadSelf", 0, -1)]
    [InlineData("/proc/12/cwd", "Cwd", 12, -1)]
    [InlineData("/proc/12/root", "Root", 12, -1)]
    [InlineData("/proc/12/exe", "Exe", 12, -1)]
    [InlineData("/proc/12/task/34/exe", "Exe", 34, -1)]
    [InlineData("/proc/12/fd/7", "Fd", 12, 7)]
    [InlineData("/proc/12/task/34/fd/7", "Fd", 34, 7)]
    [InlineData("/proc/12/mounts", "Mounts", 12, -1)]
    [InlineData("/proc/12/mountinfo", "MountInfo", 12, -1)]
    [InlineData("/proc/12/mountstats", "MountStats", 12, -1)]
    [InlineData("/proc/12/maps", "Maps", 12, -1)]
    [InlineData("/proc/12/smaps", "Maps", 12, -1)]
    public void Entries_that_depend_on_the_view_are_told_apart(string path, string entry, int pid, int fd)
    {
        Assert.Equal(Enum.Parse<ProcEntry>(entry), ProcLinks.Parse(Make.Bytes(path), out var foundPid, out var foundFd));
        Assert.Equal(pid, foundPid);
        Assert.Equal(fd, foundFd);
    }

    [Theory]
    [InlineData("/proc")]
    [InlineData("/proc/")]
    [InlineData("/proc/meminfo")]
    [InlineData("/proc/selfish")]
    [InlineData("/proc/-1/cwd")]
    [InlineData("/proc/99999999999999/cwd")]
    [InlineData("/proc/+1/cwd")]
    [InlineData("/proc/01/cwd")]
    [InlineData("/proc/1/task/x/cwd")]
    [InlineData("/process/1/cwd")]
    [InlineData("")]
    public void Other_files_are_none_of_them(string path) => Assert.Equal(ProcEntry.None, ProcLinks.Parse(Make.Bytes(path), out _, out _));

    [Theory]
    [InlineData("/proc/12/status")]
    [InlineData("/proc/12/fd")]
    [InlineData("/proc/12/fd/7x")]
    [InlineData("/proc/12/fd/")]
    [InlineData("/proc/12/cwd/x")]
    [InlineData("/proc/12/ns/mnt")]
    public void Other_files_of_a_process_are_its_own(string path) => Assert.Equal(ProcEntry.Other, ProcLinks.Parse(Make.Bytes(path), out _, out _));

    [Fact]
    public void A_number_must_be_a_whole_component() => Assert.Equal(ProcEntry.None, ProcLinks.Parse("/proc/12cwd"u8, out _, out _));

    [Fact]
    public void Nothing_written_there_makes_it_throw() => Gen.Select(Gen.OneOf("/proc/", "/proc/1/", "/proc/1/fd/", "/proc/1/task/"), Gen.Byte.Array[0, 40])
        .Sample(static (prefix, rest) => ProcLinks.Parse([.. Make.Bytes(prefix), .. rest], out _, out _));

    [Fact]
    public void Self_is_the_reader_and_not_the_hypervisor()
    {
        var reader = new Guests.GuestThread(4321, new Guests.GuestProcess(1234));
        Assert.Equal("1234", Expand(reader, "/proc/self"));
        Assert.Equal("1234/task/4321", Expand(reader, "/proc/thread-self"));
    }

    [Fact]
    public void A_working_directory_is_its_view_name_unless_that_is_too_long_for_a_link()
    {
        var reader = new Guests.GuestThread(7, new Guests.GuestProcess(7));
        reader.Process.Fs.Enter("/view/dir"u8.ToArray());
        Assert.Equal("/view/dir", Expand(reader, "/proc/7/cwd"));
        Assert.Equal("/", Expand(reader, "/proc/7/root"));
        // A guest can go deeper than PATH_MAX by relative names.
        reader.Process.Fs.Enter(Make.Bytes(string.Concat(Enumerable.Repeat("/deeper", 1000))));
        var text = new byte[4096];
        Assert.Equal(0, ProcLinks.TryExpand("/proc/7/cwd"u8, reader, _ => reader.Process, final: true, text, out var keep));
        Assert.True(keep);
    }

    private static string Expand(Guests.GuestThread reader, string host)
    {
        var text = new byte[4096];
        var length = ProcLinks.TryExpand(Make.Bytes(host), reader, _ => reader.Process, final: true, text, out _);
        return Make.Text(text.AsSpan(0, length));
    }
}
