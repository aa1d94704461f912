using Akka.Configuration;
using Vuos.Actors.Modules;
using Vuos.Actors.Modules.Vufuse;
using Vuos.Actors.Tests.Support;
using Vuos.FileSystems;
using Vuos.Native;

namespace Vuos.Actors.Tests.Vufuse;

/// <summary>The table of FUSE servers and the commands made from it.</summary>
public sealed class ServerTypesTests : IDisposable
{
    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [Fact]
    public void Every_built_in_type_can_be_used()
    {
        var types = Load("");
        Assert.Empty(types.Problems);
        Assert.Equal(
            ["vufusearchive", "vufusebindfs", "vufuseexfat", "vufuseext2", "vufusefatfs", "vufusentfs", "vufusesquashfs", "vufusesshfs"],
            types.All.Select(static t => t.Name));
        Assert.All(types.All, static t => Assert.True(t.Description.Length > 0 && t.Package.Length > 0));
    }

    [Theory]
    [InlineData("vufuseext2", "", true, "/bin/fuse2fs /s/x /t -f -oro", "")]
    [InlineData("vufuseext2", "", false, "/bin/fuse2fs /s/x /t -f -oro", "vufuseext2: mounted read-only: to write, mount with -o rw+")]
    [InlineData("vufuseext2", "rw+,silent,debug,fakeroot", false, "/bin/fuse2fs /s/x /t -f -orw,fuse2fs_debug,fakeroot", "")]
    [InlineData("vufuseext2", "rw+", true, "/bin/fuse2fs /s/x /t -f -oro", "")]
    [InlineData("vufuseext2", "rw", false, "/bin/fuse2fs /s/x /t -f -oro", "vufuseext2: mounted read-only: to write, mount with -o rw+")]
    [InlineData("vufuseext2", "rw+,rw,ro,-r,defaults,noatime", true, "/bin/fuse2fs /s/x /t -f -oro,noatime", "")]
    [InlineData("vufusesquashfs", "", false, "/bin/squashfuse -f /s/x /t", "")]
    [InlineData("vufusesquashfs", "rw+,subdir=a\\,b", false, "/bin/squashfuse -f -osubdir=a\\,b /s/x /t", "")]
    [InlineData("vufusesshfs", "port=22", false, "/bin/sshfs -f -oport=22 /s/x /t", "")]
    [InlineData("vufusesshfs", "", true, "/bin/sshfs -f -oro /s/x /t", "")]
    [InlineData("vufusefatfs", "rw+", false, "/bin/fusefatfs /s/x /t -f -o rw+", "vufusefatfs: writing to FAT images is experimental, and fusefat loses files that are moved or appended to: keep a copy of the image")]
    [InlineData("vufusentfs", "rw+", false, "/bin/ntfs-3g -ono_detach,rw /s/x /t", "")]
    public void A_mount_becomes_a_command(string type, string options, bool readOnly, string command, string warning)
    {
        var made = Build(Load(""), type, "x", options, readOnly, out _, out var sentence);
        Assert.Equal("", sentence);
        Assert.Equal((command, warning), (string.Join(' ', made!.Arguments), made.Warning));
        Assert.Equal(command.Contains("-oro") || type is "vufusesquashfs", made.ReadOnly);
    }

    [Theory]
    [InlineData("a.tar.gz", "", "/bin/archivemount -f -oreadonly /s/a.tar.gz /t", true)]
    [InlineData("A.ZIP", "", "/bin/fuse-zip -r -f /s/A.ZIP /t", true)]
    [InlineData("a.zip", "rw+", "/bin/fuse-zip -f /s/a.zip /t", false)]
    [InlineData("a.iso", "rw+", "/bin/fuseiso -n /s/a.iso /t -f", true)]
    public void The_end_of_the_name_chooses_the_server(string source, string options, string command, bool readOnly)
    {
        var made = Build(Load(""), "vufusearchive", source, options, false, out _, out _);
        Assert.Equal((command, readOnly), (string.Join(' ', made!.Arguments), made.ReadOnly));
    }

    [Fact]
    public void What_is_put_in_is_not_looked_at_again()
    {
        var made = Build(Load(""), "vufuseext2", "{target}{options}", "", true, out _, out _);
        Assert.Equal("/s/{target}{options}", made!.Arguments[1]);
    }

    [Fact]
    public void A_missing_server_names_its_package()
    {
        var type = Load("").Find("vufuseext2", out _)!;
        Assert.Null(ServerCommand.Build(type, Request("vufuseext2", "x"), "/s", "/t", out var error, out var sentence, static _ => null));
        Assert.Equal((Errno.ENOENT, "vufuseext2: fuse2fs is not installed: install the package fuse2fs"), (error, sentence));
    }

    [Fact]
    public void The_source_is_looked_at_first()
    {
        Assert.Equal((Errno.ENOENT, "vufuseext2: the source does not exist"), Refusal("vufuseext2", directory.At("none")));
        Assert.Equal((Errno.EISDIR, "vufuseext2: the source is a directory"), Refusal("vufuseext2", directory.Path));
        var file = directory.File("f", new byte[100]);
        Assert.Equal((Errno.EINVAL, "vufuseext2: the source is no ext2, ext3 or ext4 file system"), Refusal("vufuseext2", file));
        Assert.Equal((Errno.ENOTDIR, "vufusebindfs: the source is no directory"), Refusal("vufusebindfs", file));
        var image = new byte[2048];
        (image[1080], image[1081]) = (0x53, 0xEF);
        Assert.Equal((Errno.None, ""), Refusal("vufuseext2", directory.File("g", image)));
    }

    [Fact]
    public void A_users_settings_add_types_and_change_those_there_are()
    {
        var types = Load("""
            vuos.vufuse.servers {
              vufusemine { program = /opt/mine, arguments = ["{source}", "{target}"], source = word }
              vufuseext2 { writing = always }
              vufusearchive.variants.zip.program = mount-zip
            }
            """);
        Assert.Empty(types.Problems);
        Assert.Equal("/bin//opt/mine /s/a /t", Line(types, "vufusemine", "a"));
        Assert.Equal("/bin/fuse2fs /s/a /t -f -orw", Line(types, "vufuseext2", "a"));
        Assert.Equal("/bin/mount-zip -r -f /s/a.zip /t", Line(types, "vufusearchive", "a.zip"));
        Assert.Equal("/bin/squashfuse -f /s/a /t", Line(types, "vufusesquashfs", "a"));
    }

    [Fact]
    public void Files_of_the_module_path_do_too_and_the_runs_own_settings_win()
    {
        directory.File("mine.conf", Make.Bytes("vuos.vufuse.servers { vufusemine { program = a, arguments = [\"{target}\"] }\nvufusetwo { program = b, arguments = [\"{target}\"] } }"));
        directory.File("wrong.conf", Make.Bytes("include \"x\""));
        var types = Load("vuos.vufuse.servers.vufusetwo.program = c");
        Assert.StartsWith(directory.At("wrong.conf") + " is not used: ", Assert.Single(types.Problems));
        Assert.Equal(("/bin/a /t", "/bin/c /t"), (Line(types, "vufusemine", ""), Line(types, "vufusetwo", "")));
    }

    [Theory]
    [InlineData("program = a", "arguments lack {target}")]
    [InlineData("arguments = [\"{target}\"]", "program is missing")]
    [InlineData("program = a, arguments = [\"{target}\"], progam = b", "there is no setting progam")]
    [InlineData("program = a, arguments = [\"{target}\"], source = disk", "source is 'disk'; it may be file, directory or word")]
    [InlineData("program = a, arguments = [\"{target}\"], magic = [xyz]", "magic is 'xyz'; it is OFFSET:BYTES, with bytes in hexadecimal")]
    [InlineData("program = a, arguments = [\"{target}\"], attr-timeout = soon", "attr-timeout is 'soon'; it is a time, e.g. 1s")]
    [InlineData("program = a, arguments = [\"{target}\"], variants { v { program = b } }", "variants.v must be a section with suffixes and without variants")]
    public void A_mistake_in_a_section_is_said_and_hinders_no_other(string section, string problem)
    {
        var types = Load($"vuos.vufuse.servers.vufusex {{ {section} }}");
        Assert.Null(types.Find("vufusex", out var sentence));
        Assert.Equal("vuos.vufuse.servers.vufusex: " + problem, sentence);
        Assert.NotNull(types.Find("vufuseext2", out _));
    }

    [Fact]
    public void The_module_path_knows_the_home_directory()
    {
        var home = Environment.GetEnvironmentVariable("HOME");
        var config = ConfigurationFactory.ParseString("vuos.modules.path = [\"~/.vu/modules\", relative, /usr/lib/vu/modules]");
        Assert.Equal(home is null ? ["/usr/lib/vu/modules"] : [home + "/.vu/modules", "/usr/lib/vu/modules"], ModulePath.From(config));
    }

    private static MountRequest Request(string type, string source, string options = "", bool readOnly = false) => new()
    {
        Type = type,
        Source = source,
        ReadOnly = readOnly,
        Options = OptionList.Parse(options).ToDictionary(static o => o.Name, static o => o.Value ?? ""),
    };

    private static ServerCommand? Build(ServerTypes types, string type, string source, string options, bool readOnly, out Errno error, out string sentence) =>
        ServerCommand.Build(types.Find(type, out _)!, Request(type, source, options, readOnly), "/s/" + source, "/t", out error, out sentence, static name => "/bin/" + name);

    private static string Line(ServerTypes types, string type, string source) => string.Join(' ', Build(types, type, source, "", false, out _, out _)!.Arguments);

    private (Errno, string) Refusal(string type, string path)
    {
        ServerCommand.Build(Load("").Find(type, out _)!, Request(type, path) with { SourcePath = path }, path, "/t", out var error, out var sentence, static name => "/bin/" + name);
        return (error, sentence);
    }

    private ServerTypes Load(string settings) => ServerTypes.Load(ConfigurationFactory.ParseString(settings), [directory.Path]);
}
