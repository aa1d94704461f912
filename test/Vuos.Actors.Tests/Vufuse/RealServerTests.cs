using Akka.Configuration;
using Vuos.Actors.Modules;
using Vuos.Actors.Modules.Vufuse;
using Vuos.Actors.Tests.Support;
using Vuos.FileSystems;

namespace Vuos.Actors.Tests.Vufuse;

/// <summary>
/// The commands of the built-in table do with the real servers what the table says. They are run on mounts of the kernel's, in a mount namespace of their own;
/// where that is not allowed, or a server is not installed, they are skipped.
/// </summary>
public sealed class RealServerTests : IDisposable
{
    private readonly TempDirectory directory = new();

    public void Dispose() => directory.Dispose();

    [ServersTheory]
    [InlineData("vufuseext2", "mke2fs -q -t ext2")]
    [InlineData("vufuseext2", "mke2fs -q -t ext4")]
    [InlineData("vufusefatfs", "mkfs.fat -F16")]
    [InlineData("vufusefatfs", "mkfs.fat -F32")]
    [InlineData("vufusentfs", "mkntfs -Fq")]
    public void An_image_is_written_when_that_is_asked_for_and_else_only_read(string type, string make)
    {
        var image = Image("image", 64 << 20);
        var words = make.Split(' ');
        Tool(words[0], [.. words[1..], image]);
        var (written, _) = Run(type, image, "rw+", "list", "write new.txt", "read new.txt", "kill");
        Assert.Equal(["list: ", "write new.txt: done", "read new.txt: write", "foreground: True", "mounted: False"], written[..5]);
        Assert.Equal(["list: new.txt", "read new.txt: write", "write new.txt: Read-only file system", "write other.txt: Read-only file system", "mounted: False"], Run(type, image, "", "list", "read new.txt", "write new.txt", "write other.txt").Told[..5]);
    }

    [ServersFact]
    public void An_exFAT_file_system_is_served_in_the_background()
    {
        var image = Image("image", 64 << 20);
        Tool("mkfs.exfat", [image]);

        // The server asks for a mount of fuseblk, for which the kernel wants a block device.
        var loop = ChildProcess.Run("losetup", ["--find", "--show", image]);
        Assert.Equal(0, loop.Status);
        try
        {
            var device = loop.Output.Trim();
            Assert.Equal(["list: ", "write new.txt: done", "append new.txt: done", "mounted: False", "status: 0"], Run("vufuseexfat", device, "rw+", "list", "write new.txt", "append new.txt").Told[..5]);
            Assert.Equal(["list: new.txt", "write new.txt: Read-only file system", "mounted: False"], Run("vufuseexfat", device, "", "list", "write new.txt").Told[..3]);
        }
        finally
        {
            ChildProcess.Run("losetup", ["--detach", loop.Output.Trim()]);
        }
    }

    [ServersTheory]
    [InlineData("vufusearchive", "a.tar.gz", "tar", "-C TREE -czf FILE .")]
    [InlineData("vufusearchive", "a.iso", "genisoimage", "-quiet -R -o FILE TREE")]
    [InlineData("vufusesquashfs", "a.squashfs", "mksquashfs", "TREE FILE -quiet -no-progress")]
    public void What_cannot_be_written_is_read(string type, string name, string program, string arguments)
    {
        var tree = Tree();
        Tool(program, [.. arguments.Split(' ').Select(a => a switch { "TREE" => tree, "FILE" => directory.At(name), _ => a })]);
        foreach (var options in new[] { "", "rw+" })
        {
            var (told, command) = Run(type, directory.At(name), options, "list", "read sub/b.txt", "write new.txt", "kill");
            Assert.True(command.ReadOnly);
            // A server that has no such operation says so; of a layer that is read-only nobody asks it.
            Assert.Equal(["list: a.txt sub", "read sub/b.txt: deep", "foreground: True", "mounted: False"], told[..2].Concat(told[3..5]));
            Assert.Contains(told[2], new[] { "write new.txt: Read-only file system", "write new.txt: Function not implemented" });
        }
    }

    [ServersFact]
    public void A_zip_file_is_written_back_when_it_is_unmounted()
    {
        System.IO.Compression.ZipFile.CreateFromDirectory(Tree(), directory.At("a.zip"));
        var (told, _) = Run("vufusearchive", directory.At("a.zip"), "rw+", "list", "read sub/b.txt", "write new.txt");
        Assert.Equal(["list: a.txt sub", "read sub/b.txt: deep", "write new.txt: done", "mounted: False", "status: 0"], told[..5]);
        using (var zip = System.IO.Compression.ZipFile.OpenRead(directory.At("a.zip")))
            Assert.Equal(6, zip.GetEntry("new.txt")!.Length);
        Assert.Equal(["list: a.txt new.txt sub", "write new.txt: Read-only file system", "foreground: True", "mounted: False", "status: 0"], Run("vufusearchive", directory.At("a.zip"), "", "list", "write new.txt", "kill").Told[..5]);
    }

    [ServersFact]
    public void A_directory_of_another_machine_is_read_and_written()
    {
        // A stand-in for ssh that runs the server of sftp here.
        var ssh = directory.File("ssh", "#!/bin/sh\nexec /usr/lib/openssh/sftp-server\n"u8.ToArray());
        File.SetUnixFileMode(ssh, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var (told, _) = Run("vufusesshfs", "somewhere:" + Tree(), $"ssh_command={ssh}", "list", "write new.txt", "append new.txt");
        Assert.Equal(["list: a.txt sub", "write new.txt: done", "append new.txt: done", "mounted: False", "status: 0"], told[..5]);
        Assert.Equal("write\nappend\n", File.ReadAllText(directory.At("tree/new.txt")));
        Assert.Equal(["read a.txt: hello", "write a.txt: Read-only file system"], Run("vufusesshfs", "somewhere:" + directory.At("tree"), $"ro,ssh_command={ssh}", "read a.txt", "write a.txt", "kill").Told[..2]);
    }

    [ServersFact]
    public void A_directory_is_shown_elsewhere()
    {
        var (told, _) = Run("vufusebindfs", Tree(), "", "list", "write new.txt", "kill");
        Assert.Equal(["list: a.txt sub", "write new.txt: done", "foreground: True", "mounted: False", "status: 0"], told[..5]);
        Assert.Equal(["write a.txt: Read-only file system"], Run("vufusebindfs", directory.At("tree"), "ro", "write a.txt").Told[..1]);
    }

    /// <summary>Where no signature is looked at first, or it is there by chance, the server's own words and status are all there is.</summary>
    [ServersTheory]
    [InlineData("vufusearchive", 0, "", "Unrecognized archive format")]
    [InlineData("vufuseext2", 1080, "53EF", "image: ")]
    [InlineData("vufusentfs", 3, "4E54465320202020", "Failed to mount")]
    [InlineData("vufuseexfat", 3, "4558464154202020", "ERROR: ")]
    [InlineData("vufusesquashfs", 0, "68737173", "Squashfs version ")]
    public void A_server_ends_with_an_error_on_an_image_that_is_damaged(string type, int offset, string magic, string words)
    {
        var content = Enumerable.Repeat((byte)0xA5, 1 << 20).ToArray();
        Convert.FromHexString(magic).CopyTo(content, offset);
        var (told, _) = Run(type, directory.File("image", content), "", "list");
        Assert.StartsWith("status: ", told[0]);
        Assert.NotEqual("status: 0", told[0]);
        Assert.Contains(told[1..], line => line.Contains(words, StringComparison.Ordinal));
    }

    /// <summary>What the script tells.</summary>
    private (string[] Told, ServerCommand Command) Run(string type, string source, string options, params string[] actions)
    {
        var target = directory.Folder("target");
        var request = new MountRequest
        {
            Type = type,
            Source = source,
            SourcePath = source.Contains(':') ? null : source,
            ReadOnly = options.Split(',').Contains("ro"),
            Options = OptionList.Parse(options).Where(static o => o.Name != "ro").ToDictionary(static o => o.Name, static o => o.Value ?? ""),
        };
        var types = ServerTypes.Load(ConfigurationFactory.ParseString(""), []);
        var command = ServerCommand.Build(types.Find(type, out _)!, request, source, target, out _, out var sentence);
        Assert.True(command is not null, sentence);
        var script = Path.Combine(AppContext.BaseDirectory, "Vufuse", "server.py");
        var outcome = ChildProcess.Run("unshare", ["-m", "python3", script, target, .. actions, "--", .. command.Arguments]);
        Assert.Equal("", outcome.Errors);
        return (outcome.Output.Split('\n'), command);
    }

    private static void Tool(string program, string[] arguments)
    {
        var outcome = ChildProcess.Run(program, arguments);
        Assert.True(outcome.Status == 0, outcome.Errors);
    }

    private string Tree()
    {
        directory.Folder("tree/sub");
        directory.File("tree/a.txt", "hello\n"u8.ToArray());
        directory.File("tree/sub/b.txt", "deep\n"u8.ToArray());
        return directory.At("tree");
    }

    private string Image(string name, long size)
    {
        using var file = File.Create(directory.At(name));
        file.SetLength(size);
        return file.Name;
    }

    private static readonly string[] s_needs =
    [
        Needs.KernelMounts, "losetup", "fuse2fs", "fusefat", "ntfs-3g", "mkfs.exfat", "mount.exfat-fuse", "archivemount", "fuseiso", "squashfuse", "fuse-zip", "sshfs", "sftp-server", "bindfs",
        "genisoimage", "mksquashfs", "mkfs.fat",
    ];

    private sealed class ServersFactAttribute() : NeedsFactAttribute(s_needs);

    private sealed class ServersTheoryAttribute() : NeedsTheoryAttribute(s_needs);
}
